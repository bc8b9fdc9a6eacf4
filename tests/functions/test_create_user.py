"""A guest begins: with its own UUID or a new one, once."""

from typing import Any

import pytest

from attune.edge.clock import clock
from attune.edge.verifier import verifier
from attune.store import users
from tests.builders import NOW, a_guest, a_key, a_uuid
from tests.functions.conftest import World


def create(world: World, body: object = None, **headers: Any) -> tuple[int, dict[str, str], dict[str, object]]:
    reply = world.call("create_user", None, {} if body is None else body, **headers)
    return reply.status, dict(reply.headers), reply.json


def test_a_guest_gets_an_id_and_a_token_that_is_theirs(world: World) -> None:
    status, headers, view = create(world)
    assert status == 201
    assert {name: view[name] for name in ("kind", "created_at", "updated_at", "onboarding_completed")} == {
        "kind": "guest",
        "created_at": "2031-05-05T12:00:00Z",
        "updated_at": "2031-05-05T12:00:00Z",
        "onboarding_completed": False,
    }
    assert view["token_expires_at"] == "2031-08-03T12:00:00Z"
    principal = verifier().principal(f"Bearer {view['token']}", clock.now())
    assert (principal.subject, principal.kind) == (view["id"], "guest")
    assert users.get(principal, NOW) is not None
    assert headers["Cache-Control"] == "private, no-store"
    assert "Idempotency-Replayed" not in headers


def test_a13_the_browsers_own_uuid_is_taken_once(world: World) -> None:
    own = a_uuid()
    assert create(world, {"user_id": own})[2]["id"] == own
    reply = world.call("create_user", None, {"user_id": own})
    assert "token" not in reply.problem(409, "user_exists")


@pytest.mark.parametrize("sent", [None, "own"])
def test_c1_c6_a_repeated_request_is_answered_again_with_a_fresh_token(world: World, sent: str | None) -> None:
    body, key = {"user_id": a_uuid()} if sent else {}, a_key()
    first = create(world, body, idempotency_key=key)
    world.clock.advance(60)
    status, headers, again = create(world, body, idempotency_key=key)
    assert (first[0], status, headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert {**again, "token": 0, "token_expires_at": 0} == {**first[2], "token": 0, "token_expires_at": 0}
    assert again["token_expires_at"] == "2031-08-03T12:01:00Z"


def test_c2_a_key_is_good_for_one_body(world: World) -> None:
    key = a_key()
    create(world, {}, idempotency_key=key)
    world.call("create_user", None, {"user_id": a_uuid()}, idempotency_key=key).problem(422, "idempotency_key_reused")


def test_c9_after_a_refusal_the_corrected_request_works_under_the_same_key(world: World) -> None:
    key = a_key()
    assert world.call("create_user", None, {"user_id": "no"}, idempotency_key=key).status == 422
    assert create(world, {}, idempotency_key=key)[0] == 201


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("short", 422, "weak_idempotency_key"),
        ("a" * 40, 422, "weak_idempotency_key"),
        ("x" * 256, 400, "malformed_idempotency_key"),
        ("", 400, "malformed_idempotency_key"),
        ("schlüssel-" * 4, 400, "malformed_idempotency_key"),
    ],
)
def test_c5_a_key_that_could_be_guessed_or_read_in_two_ways_is_refused(
    world: World, key: str, status: int, code: str
) -> None:
    world.call("create_user", None, {}, idempotency_key=key).problem(status, code)


@pytest.mark.parametrize(
    "id_",
    [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "F47AC10B-58CC-4372-A567-0E02B2C3D479",
        "{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
        "f47ac10b58cc4372a5670e02b2c3d479",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479\n",
        "0190163d-8694-8bb3-8b0f-5c8b1f2a4c1d",
        "USER#x",
        "",
        7,
        None,
    ],
)
def test_b9_what_is_no_uuid_in_its_one_spelling_is_refused(world: World, id_: object) -> None:
    reply = world.call("create_user", None, {"user_id": id_})
    if id_ is None:
        # Leaving it out and sending null mean the same.
        assert reply.status in (201, 422)
        return
    assert [flaw["pointer"] for flaw in reply.problem(422, "invalid")["errors"]] == ["/user_id"]


def test_unknown_fields_are_refused(world: World) -> None:
    reply = world.call("create_user", None, {"kind": "account"})
    assert [flaw["pointer"] for flaw in reply.problem(422, "invalid")["errors"]] == ["/kind"]


def test_a_caller_with_a_token_is_nobody_special_here(world: World) -> None:
    assert world.call("create_user", a_guest(), {}).status == 201
