"""What a learner says of a skill counts a little, is shown, and leaves the evidence as it is."""

from typing import Any

import pytest

from tests.builders import a_guest, an_account
from tests.functions.conftest import Reply, World
from tests.functions.practising import SKILL, an_answer, practised, recommended, skill

CLAIMS = f"{SKILL}/claims"


def claim(world: World, who: Any, level: str = "expert", **more: Any) -> Reply:
    return world.call("claim_skill", who, {"level": level, **more}, path=CLAIMS)


def test_a_claim_moves_the_number_is_shown_and_leaves_the_evidence(world: World) -> None:
    who = world.guest()
    practised(world, who, an_answer(1), an_answer(2, correct=False))
    before = skill(world, who)
    reply = claim(world, who, note="I teach this.")
    assert (reply.status, reply.json) == (200, skill(world, who))
    found = reply.json
    assert found["claim"] == {"level": "expert", "note": "I teach this.", "at": "2031-05-05T12:00:00Z"}
    assert found["rating"] > before["rating"]
    assert found["source"] == "claim"
    same = ("attempts", "evidence", "series", "last_practised_at", "due_at", "trend", "late")
    assert [found[name] for name in same] == [before[name] for name in same]
    assert world.call("get_profile", who).json["skills"]["sense"]["source"] == "claim"


def test_a_newcomer_may_claim(world: World) -> None:
    for who in (world.guest(), an_account(), world.reader()):
        assert claim(world, who, "beginner").json["rating"] < 1000.0
    claim(world, a_guest()).problem(401, "unknown_user")


def test_practice_goes_on_under_a_claim(world: World) -> None:
    claiming, plain = world.guest(), world.guest()
    claim(world, claiming)
    for who in (claiming, plain):
        practised(world, who, an_answer(1), session_id="550e8400-e29b-41d4-a716-446655440000")
    assert skill(world, claiming)["evidence"] == skill(world, plain)["evidence"]
    assert skill(world, claiming)["claim"]["level"] == "expert"


def test_the_last_claim_counts_and_the_same_again_keeps_its_moment(world: World) -> None:
    who = world.guest()
    claim(world, who, "beginner")
    world.clock.advance(60)
    assert claim(world, who, "beginner").json["claim"]["at"] == "2031-05-05T12:00:00Z"
    assert claim(world, who, "beginner", note="still").json["claim"]["at"] == "2031-05-05T12:01:00Z"
    assert claim(world, who, "advanced").json["claim"] == {
        "level": "advanced",
        "note": None,
        "at": "2031-05-05T12:01:00Z",
    }


def test_a_claim_makes_a_new_set(world: World) -> None:
    who = world.reader()
    before = recommended(world, who)
    assert recommended(world, who) == before
    claim(world, who)
    after = recommended(world, who)
    assert {one["id"] for one in after}.isdisjoint(one["id"] for one in before)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/level"),
        ({"level": "Expert"}, "/level"),
        ({"level": "guru"}, "/level"),
        ({"level": None}, "/level"),
        ({"level": 5}, "/level"),
        ({"level": "expert", "note": "x" * 501}, "/note"),
        ({"level": "expert", "rating": 2000}, "/rating"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(world: World, body: dict[str, object], pointer: str) -> None:
    who = world.guest()
    (flaw,) = world.call("claim_skill", who, body, path=CLAIMS).problem(422, "invalid")["errors"]
    assert flaw["pointer"] == pointer
    assert skill(world, who)["claim"] is None


def test_a_skill_that_is_none_is_404(world: World) -> None:
    reply = world.call("claim_skill", world.guest(), {"level": "expert"}, path=CLAIMS.replace("sense", "fly"))
    reply.problem(404, "unknown_skill")
