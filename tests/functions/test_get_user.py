"""A caller reads themselves and nobody else."""

import pytest

from attune.domain.principal import Principal
from tests.builders import a_guest, a_uuid, an_account, answers
from tests.functions.conftest import World


def test_a_guest_is_read_as_me_and_by_id(world: World) -> None:
    who = world.guest()
    replies = [world.call("get_user", who, path=f"/api/user/{name}") for name in ("me", who.subject)]
    assert [reply.status for reply in replies] == [200, 200]
    assert replies[0].json == replies[1].json
    assert replies[0].json == {
        "id": who.subject,
        "kind": "guest",
        "created_at": "2031-05-05T12:00:00Z",
        "updated_at": "2031-05-05T12:00:00Z",
        "onboarding_completed": False,
        "personalization": "on",
    }
    assert (replies[0].headers["Cache-Control"], replies[0].headers["Vary"]) == ("private, no-store", "Authorization")


def test_whoever_answered_the_questionnaire_is_onboarded(world: World) -> None:
    reply = world.call("get_user", world.guest(**answers()), path="/api/user/me")
    assert reply.json["onboarding_completed"] is True


def test_an_account_that_wrote_nothing_is_read_with_no_times(world: World) -> None:
    who = an_account()
    reply = world.call("get_user", who, path="/api/user/me")
    assert (reply.status, reply.json["id"], reply.json["kind"], reply.json["created_at"]) == (
        200,
        who.subject,
        "account",
        None,
    )


def test_a6_a_foreign_id_is_like_one_that_does_not_exist(world: World) -> None:
    who, other = world.guest(), world.guest()
    replies = [world.call("get_user", who, path=f"/api/user/{name}") for name in (other.subject, a_uuid())]
    problems = [reply.problem(404, "unknown_user") for reply in replies]
    assert {**problems[0], "instance": ""} == {**problems[1], "instance": ""}


def test_a_guest_that_is_no_more_is_not_let_in(world: World) -> None:
    world.call("get_user", a_guest(), path="/api/user/me").problem(401, "unknown_user")


def test_a_guest_with_the_uuid_of_an_account_reads_nothing_of_it(world: World) -> None:
    account = world.reader()
    twin = a_guest(account.subject)
    world.call("get_user", twin, path="/api/user/me").problem(401, "unknown_user")


@pytest.mark.parametrize("name", ["ME", "you", "USER#x", "..", "me/", "a b", "%23"])
def test_what_is_no_id_is_refused(world: World, name: str) -> None:
    reply = world.call("get_user", world.guest(), path=f"/api/user/{name}")
    assert [flaw["pointer"] for flaw in reply.problem(422, "invalid")["errors"]] == ["/path/user_id"]


@pytest.mark.parametrize("where", ["header", "query"])
def test_naming_another_learner_anywhere_is_404(world: World, where: str) -> None:
    who, other = world.guest(), world.guest()

    def read(named: Principal) -> int:
        if where == "header":
            return world.call("get_user", who, path="/api/user/me", x_user_id=named.subject).status
        return world.call("get_user", who, path="/api/user/me", query={"user_id": named.subject}).status

    assert (read(who), read(other)) == (200, 404)
