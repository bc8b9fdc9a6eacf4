"""A skill comes with the evidence that gives its number."""

import pytest

from attune.domain.learning.measures import rating
from attune.domain.learning.parameters import START
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.fold import fold
from attune.domain.practice.state import NOTHING
from tests.builders import an_account
from tests.functions.conftest import World
from tests.functions.practising import SKILL, an_answer, practised, skill


def test_before_practice_there_is_a_prior(world: World) -> None:
    found = world.call("get_skill", an_account(), path=SKILL).json
    assert (found["skill_id"], found["title"], found["rating"], found["source"]) == (
        "sense",
        "Sensing",
        1000.0,
        "prior",
    )
    assert (found["evidence"], found["series"], found["claim"], found["late"]) == ([], [], None, [])


def test_replaying_the_evidence_gives_the_number(world: World) -> None:
    who = world.guest()
    practised(
        world,
        who,
        *(an_answer(number, 90 - number, score=number % 4 / 3, hints_used=number % 3) for number in range(40)),
    )
    found, state = skill(world, who), NOTHING
    for one in found["evidence"]:
        weight = {1.0: 0, 0.6667: 1, 0.5: 2}[round(one["weight"], 4)]
        again = Attempt("", "", one["item_id"], 0, one["score"], tuple(one["skills"]), one["difficulty"], hints=weight)
        state, evidence = fold(state, again, START)
        assert (evidence.p, *evidence.ratings["sense"]) == (one["p"], one["before"], one["after"])
        assert one["parameters"] == 0
    assert round(rating(START, "sense", state.ability, state.skills["sense"].state), 1) == found["rating"]
    assert [one["after"] for one in found["evidence"]][:-1] == [one["before"] for one in found["evidence"]][1:]
    assert found["series"] == [{"day": "2031-05-05", "rating": found["rating"], "attempts": 40}]


def test_evidence_is_the_newest_of_the_skill_oldest_first(world: World) -> None:
    who = world.guest()
    practised(world, who, *(an_answer(number, 300 - number) for number in range(100)))
    practised(world, who, *(an_answer(number, 200 - number, skills=["act"]) for number in range(60)))
    found = skill(world, who)
    assert found["attempts"] == 100
    assert [one["attempt_id"] for one in found["evidence"]] == [f"a{number}" for number in range(32, 100)]
    assert len(world.call("get_skill", who, path=SKILL.replace("sense", "act")).json["evidence"]) == 60


def test_titles_are_in_the_learners_language(world: World) -> None:
    assert skill(world, world.reader(language="ur"))["title"] == "محسوس کرنا"


@pytest.mark.parametrize("name", ["fly", "q1", "sense.act"])
def test_a_skill_that_is_none_is_404(world: World, name: str) -> None:
    world.call("get_skill", world.guest(), path=SKILL.replace("sense", name)).problem(404, "unknown_skill")


@pytest.mark.parametrize("name", ["Sense", "a b", "-a", "a" * 65, "%23"])
def test_a_name_that_cannot_be_one_is_422(world: World, name: str) -> None:
    world.call("get_skill", world.guest(), path=SKILL.replace("sense", name)).problem(422, "invalid")


def test_another_learners_evidence_is_theirs(world: World) -> None:
    who = world.guest()
    practised(world, who)
    assert skill(world, world.guest())["evidence"] == []
    world.call("get_skill", world.guest(), path=SKILL, x_user_id=who.subject).problem(404, "not_found")
    world.call("get_skill", path=SKILL).problem(401, "token_missing")
