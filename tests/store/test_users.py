"""A learner is created once, whoever asks, however often."""

from datetime import timedelta

import pytest

from attune.domain.errors import Conflict, Invalid
from attune.domain.principal import Kind, Principal
from attune.domain.repetition import Repetition
from attune.store import keys, users
from tests.backends import Backend
from tests.builders import NOW, a_guest, a_key, a_uuid


def a_repetition(request_hash: str = "same") -> Repetition:
    return Repetition("create_user", a_key(), request_hash)


def test_who_was_never_created_is_nobody() -> None:
    assert users.get(a_guest(), NOW) is None


def test_what_is_created_is_read() -> None:
    guest = a_guest()
    created, repeated = users.create(guest, NOW, None)
    assert (created.id, created.created_at, created.updated_at, repeated) == (guest.subject, NOW, NOW, False)
    assert users.get(guest, NOW) == created


def test_a_taken_id_stays_whose_it_is() -> None:
    guest = a_guest()
    first, _ = users.create(guest, NOW, None)
    with pytest.raises(Conflict, match="user_exists"):
        users.create(guest, NOW + timedelta(hours=1), None)
    assert users.get(guest, NOW) == first


def test_c9_a_taken_id_uses_up_no_idempotency_key() -> None:
    taken, repetition = a_guest(), a_repetition()
    users.create(taken, NOW, None)
    with pytest.raises(Conflict):
        users.create(taken, NOW, repetition)
    fresh = a_guest()
    assert users.create(fresh, NOW, repetition)[0].id == fresh.subject


def test_the_same_request_again_is_answered_with_the_first_learner(backend: Backend) -> None:
    first, again, repetition = a_guest(), a_guest(), a_repetition()
    created, _ = users.create(first, NOW, repetition)
    assert users.repeated(repetition, NOW) == created
    assert users.create(again, NOW + timedelta(seconds=5), repetition) == (created, True)
    assert backend.rows(keys.user(again.learner).pk) == []


def test_c2_a_key_under_another_body_is_refused_and_creates_nobody(backend: Backend) -> None:
    repetition, other = a_repetition(), a_guest()
    users.create(a_guest(), NOW, repetition)
    with pytest.raises(Invalid) as refused:
        users.create(other, NOW, Repetition(repetition.route, repetition.key, "other"))
    assert refused.value.code == "idempotency_key_reused"
    assert users.get(other, NOW) is None


def test_c10_a_key_is_forgotten_after_a_day_even_where_its_row_still_lies_there(backend: Backend) -> None:
    repetition, first, second = a_repetition(), a_guest(), a_guest()
    users.create(first, NOW, repetition)
    almost, later = NOW + timedelta(hours=24, seconds=-1), NOW + timedelta(hours=24)
    assert users.repeated(repetition, almost) is not None
    assert users.repeated(repetition, later) is None
    assert users.create(second, later, repetition)[0].id == second.subject
    assert users.repeated(repetition, later) == users.get(second, later)
    assert len(backend.rows(keys.creation(repetition.route, repetition.key).pk)) == 1


def test_c4_routes_do_not_share_keys() -> None:
    repetition = a_repetition()
    users.create(a_guest(), NOW, repetition)
    assert users.repeated(Repetition("another", repetition.key, "same"), NOW) is None


def test_a_guest_with_the_uuid_of_an_account_is_another_learner() -> None:
    subject = a_uuid()
    guest, account = a_guest(subject), Principal(Kind.ACCOUNT, subject, "https://issuer.example")
    users.create(guest, NOW, None)
    assert users.get(account, NOW) is None
    users.create(account, NOW, None)
