"""A principal says whose keys these are; nobody becomes somebody else by choosing a name."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.ids import is_uuid
from attune.domain.principal import ADMIN, Kind, Principal, account_subject

_SUBJECT = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
_NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.uuids().map(str), st.uuids().map(str), st.sampled_from(Kind), st.sampled_from(Kind))
def test_learners_are_told_apart_by_kind_and_subject(one: str, other: str, kind: Kind, second: Kind) -> None:
    same = Principal(kind, one, "i").learner == Principal(second, other, "i").learner
    assert same == ((kind, one) == (second, other))


def test_a_guest_cannot_take_an_accounts_place_by_its_uuid() -> None:
    subject = account_subject("https://issuer.example", "ada")
    assert Principal(Kind.GUEST, subject, "stack").learner != Principal(Kind.ACCOUNT, subject, "stack").learner


@pytest.mark.parametrize(
    ("kind", "scopes", "expected"),
    [
        (Kind.ACCOUNT, {ADMIN}, True),
        (Kind.ACCOUNT, {ADMIN, "other"}, True),
        (Kind.ACCOUNT, set(), False),
        (Kind.ACCOUNT, {"administrator"}, False),
        (Kind.GUEST, {ADMIN}, False),
    ],
)
def test_only_an_account_with_the_scope_is_an_admin(kind: Kind, scopes: set[str], expected: bool) -> None:
    assert Principal(kind, _SUBJECT, "i", frozenset(scopes)).is_admin is expected


@given(_NAMES, _NAMES)
def test_an_accounts_subject_is_a_stable_uuid_of_our_own_kind(issuer: str, subject: str) -> None:
    made = account_subject(issuer, subject)
    assert made == account_subject(issuer, subject)
    assert is_uuid(made)
    assert uuid.UUID(made).version == 8
    assert uuid.UUID(made).variant == uuid.RFC_4122


@given(_NAMES, _NAMES, _NAMES, _NAMES)
def test_different_subjects_or_issuers_are_different_accounts(i: str, s: str, j: str, t: str) -> None:
    assert (account_subject(i, s) == account_subject(j, t)) == ((i, s) == (j, t))


def test_issuer_and_subject_do_not_run_together() -> None:
    assert account_subject("https://a", "bc") != account_subject("https://ab", "c")
