"""A claim that is withdrawn leaves nothing behind."""

from attune.store import keys
from tests.backends import Backend
from tests.builders import a_guest, an_account
from tests.functions.conftest import World
from tests.functions.practising import SKILL, an_answer, practised, skill

CLAIMS = f"{SKILL}/claims"


def test_what_was_measured_stands_as_if_it_had_never_been_made(world: World) -> None:
    who = world.guest()
    practised(world, who, an_answer(1), an_answer(2, correct=False))
    before = skill(world, who)
    world.call("claim_skill", who, {"level": "expert", "note": "I teach this."}, path=CLAIMS)
    practised(world, who, an_answer(3, 20, correct=False))
    practised_on = skill(world, who)
    assert practised_on["source"] == "claim"
    reply = world.call("withdraw_claim", who, path=CLAIMS)
    assert (reply.status, reply.json) == (200, skill(world, who))
    assert (reply.json["claim"], reply.json["source"]) == (None, "evidence")
    assert reply.json["evidence"][:2] == before["evidence"]
    assert reply.json["rating"] == round(reply.json["evidence"][-1]["after"], 1)


def test_where_nothing_is_claimed_nothing_changes(world: World, backend: Backend) -> None:
    world.call("withdraw_claim", a_guest(), path=CLAIMS).problem(401, "unknown_user")
    for who in (world.guest(), an_account()):
        reply = world.call("withdraw_claim", who, path=CLAIMS)
        assert (reply.status, reply.json["claim"], reply.json["source"]) == (200, None, "prior")
        assert len(backend.rows(keys.user(who.learner).pk)) <= 1


def test_a_skill_that_is_none_is_404(world: World) -> None:
    world.call("withdraw_claim", world.guest(), path=CLAIMS.replace("sense", "fly")).problem(404, "unknown_skill")


def test_another_learners_claim_is_theirs(world: World) -> None:
    who = world.guest()
    world.call("claim_skill", who, {"level": "expert"}, path=CLAIMS)
    world.call("withdraw_claim", world.guest(), path=CLAIMS)
    world.call("withdraw_claim", world.guest(), path=CLAIMS, x_user_id=who.subject).problem(404, "not_found")
    assert skill(world, who)["claim"]["level"] == "expert"
