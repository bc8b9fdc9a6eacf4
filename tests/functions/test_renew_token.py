"""A guest's token is exchanged for a fresh one, as long as there is such a guest."""

from attune.edge.clock import clock
from attune.edge.verifier import verifier
from tests.builders import a_guest, an_account
from tests.functions.conftest import World


def test_a_fresh_token_lives_for_ninety_days_from_now(world: World) -> None:
    who = world.guest()
    world.clock.advance(86_400)
    reply = world.call("renew_token", who)
    assert (reply.status, reply.json["token_expires_at"]) == (200, "2031-08-04T12:00:00Z")
    principal = verifier().principal(f"Bearer {reply.json['token']}", clock.now())
    assert principal == who
    assert reply.headers["Cache-Control"] == "private, no-store"


def test_a_guest_that_is_no_more_gets_none(world: World) -> None:
    problem = world.call("renew_token", a_guest())
    problem.problem(401, "unknown_user")
    assert problem.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_account_renews_its_own_elsewhere(world: World) -> None:
    world.call("renew_token", an_account()).problem(403, "guests_only")


def test_nobody_gets_none(world: World) -> None:
    world.call("renew_token").problem(401, "token_missing")


def test_a_body_is_refused(world: World) -> None:
    world.call("renew_token", world.guest(), {}).problem(400, "unexpected_body")
