"""Joining a guest over the real functions: who may, what is answered, and what becomes of its token."""

from attune.domain.erasure import SETTLES
from attune.domain.principal import Principal
from attune.edge import tokens
from tests.builders import GUESTS, NOW, an_account, answers, sqs_event
from tests.functions.conftest import PRIVATE_KEY, Reply, World, invoke
from tests.functions.practising import practised


def token(guest: Principal) -> str:
    return tokens.mint(guest.subject, PRIVATE_KEY, GUESTS, NOW)[0]


def link(world: World, who: Principal, guest: Principal) -> Reply:
    return world.call("link_user", who, {"guest_token": token(guest)})


def work(world: World) -> None:
    for message in world.messages(world.jobs):
        invoke("run_job", sqs_event(message["Body"]))


def test_a16_a_guest_has_exactly_one_owner(world: World) -> None:
    guest, account = world.guest(**answers()), an_account()
    practised(world, guest)
    begun = link(world, account, guest)
    assert (begun.status, begun.json, begun.headers["Retry-After"]) == (202, {"status": "linking", "merged": None}, "2")
    link(world, an_account(), guest).problem(409, "linked_elsewhere")
    work(world)
    for _ in range(2):
        done = link(world, account, guest)
        assert (done.status, done.json["status"]) == (200, "linked")
        assert done.json["merged"] == {"answers": 1, "evidence": 1, "sessions": 1}
    assert world.messages(world.jobs) == []
    assert world.call("get_answers", account).json["experience"]
    for function in ("get_answers", "list_sessions", "renew_token"):
        world.call(function, guest).problem(401, "linked")


def test_only_an_account_takes_a_guest(world: World) -> None:
    guest, other = world.guest(), world.guest()
    link(world, other, guest).problem(403, "accounts_only")
    assert world.call("get_user", guest, path="/api/user/me").status == 200


def test_a_token_that_is_none_is_refused(world: World) -> None:
    reply = world.call("link_user", an_account(), {"guest_token": "sample.guest.token"})
    assert [flaw["pointer"] for flaw in reply.problem(422, "invalid")["errors"]] == ["/guest_token"]


def test_a_guest_who_was_erased_is_nobodys(world: World) -> None:
    guest = world.guest()
    world.call("erase_user", guest, path="/api/user/me")
    link(world, an_account(), guest).problem(404, "unknown_guest")
    work(world)
    world.clock.advance(SETTLES.total_seconds() + 1)
    link(world, an_account(), guest).problem(404, "unknown_guest")
