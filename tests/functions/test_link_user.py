"""Joining a guest over the real functions: who may, what is answered, and what becomes of its token."""

from attune.domain.erasure import SETTLES
from attune.domain.principal import Principal
from attune.edge import tokens
from tests.builders import GUESTS, NOW, an_account, answers, sqs_event
from tests.functions.conftest import Reply, World, invoke
from tests.functions.pathing import a_path, act, listed, practice_ground
from tests.functions.practising import practised
from tests.guests import PRIVATE_KEY


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


def test_an_account_that_is_joined_has_no_more_active_paths_than_anybody(world: World) -> None:
    practice_ground(world)
    guest, account = world.guest(**answers()), world.reader()
    own = [a_path(world, account)["path_id"] for _ in range(2)]
    theirs = []
    for _ in range(3):
        world.clock.advance(60)
        theirs.append(a_path(world, guest)["path_id"])
    link(world, account, guest)
    work(world)
    assert link(world, account, guest).json["merged"]["paths"] == 3
    found = {path["path_id"]: path["status"] for path in listed(world, account)}
    # The account's own stay, and of the guest's the one on which something moved last.
    assert found == {**dict.fromkeys((*own, theirs[2]), "ACTIVE"), **dict.fromkeys(theirs[:2], "PAUSED")}
    counted = world.call("get_profile", account).json["paths"]
    assert (counted["active"], counted["total"]) == (3, 5)
    act(world, account, theirs[0], "resume").problem(409, "too_many_paths")
    act(world, account, own[0], "cancel")
    assert act(world, account, theirs[0], "resume").json["path"]["status"] == "ACTIVE"
