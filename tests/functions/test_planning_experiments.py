"""Experiments in which paths are planned in another way: an arm of one step a stage shows in every plan."""

from typing import Any

import pytest

from attune.domain.experiments.definition import is_held_out
from attune.domain.principal import Principal
from attune.settings import settings
from attune.store import courses
from tests.backends import Backend
from tests.builders import an_account
from tests.functions import experimenting
from tests.functions.conftest import World
from tests.functions.experimenting import act, enrolments, leave, results
from tests.functions.pathing import Json, a_path, create, listed, practice_ground, practise, read
from tests.functions.pathing import act as move
from tests.functions.practising import recommended

ARMS = [
    {"key": "A", "weight": 0.5, "params": {}},
    {"key": "B", "weight": 0.5, "params": {"stage_steps": 1, "worth_replanning": 0.0, "review_share": 0.5}},
]
PLANNING: Json = {"layer": "planning", "arms": ARMS, "primary": {"metric": "accepted"}, "guardrails": []}


@pytest.fixture
def begun(world: World) -> World:
    practice_ground(world)
    experimenting.started(world, **PLANNING)
    return world


def planned(world: World, arm: str | None = None, **body: Any) -> tuple[Principal, Json]:
    """A newcomer and their first path, planned as this arm plans if one is named."""
    while True:
        who = an_account()
        path = a_path(world, who, **body)
        (one,) = enrolments(world, who)
        if arm in (None, one["arm"]):
            return who, path


def largest(path: Json) -> int:
    return max(len(stage["steps"]) for stage in path["stages"])


def test_a_first_path_exposes_and_is_planned_by_the_arm(begun: World) -> None:
    for arm, steps in (("A", 5), ("B", 1)):
        who, path = planned(begun, arm)
        assert largest(path) == steps
        assert largest(read(begun, who, path["path_id"], agenda="true").json["path"]) == steps
    found = results(begun)["primary"]
    assert found["A"]["n"] >= 1
    assert found["B"]["n"] >= 1


def test_k4_further_paths_expose_nobody_again(begun: World) -> None:
    who, _ = planned(begun, "B")
    before = {arm: results(begun)["primary"][arm]["n"] for arm in "AB"}
    begun.clock.advance(3 * 3600)
    assert largest(a_path(begun, who)) == 1
    assert create(begun, who, key="k").body == create(begun, who, key="k").body
    assert {arm: results(begun)["primary"][arm]["n"] for arm in "AB"} == before
    (one,) = enrolments(begun, who)
    assert one["enrolled_at"] == "2031-05-05T12:00:00Z"


def test_reading_looking_ahead_and_practising_enrol_nobody(world: World) -> None:
    """Whoever had a path before it began comes in with the next one that they make."""
    practice_ground(world)
    who = an_account()
    path = a_path(world, who)
    experimenting.started(world, **PLANNING)
    read(world, who, path["path_id"], agenda="true")
    listed(world, who)
    practise(world, who, ["sense-0", "sense-1"])
    move(world, who, path["path_id"], "adapt")
    assert enrolments(world, who) == []
    a_path(world, who)
    assert len(enrolments(world, who)) == 1


def test_a_path_that_cannot_be_made_exposes_nobody(begun: World) -> None:
    who = an_account()
    create(begun, who, goal={"skills": {"juggling": 1000}}).problem(422, "invalid")
    assert enrolments(begun, who) == []


def test_the_arm_plans_anew_what_it_planned(begun: World) -> None:
    """Stages that are adapted are as small as the arm's, also by a session and at night."""
    who, path = planned(begun, "B", minutes_per_day=60)
    practise(begun, who, [f"sense-{n}" for n in range(8)])
    begun.clock.advance(2 * 86_400)
    practise(begun, who, [f"sense-{n}" for n in range(8)], correct=False)
    adapted = move(begun, who, path["path_id"], "adapt").json["path"]
    assert adapted["rev"] > path["rev"]
    assert largest(adapted) == 1


def test_b45_a_pause_and_b47_leaving_and_a_winner_count_for_the_next_plan(begun: World) -> None:
    (who, _), (other, _) = planned(begun, "B"), planned(begun, "B")
    act(begun, "pause")
    assert largest(a_path(begun, who)) == 5
    act(begun, "resume")
    assert largest(a_path(begun, who)) == 1
    assert leave(begun, other).json["status"] == "EXITED"
    assert largest(a_path(begun, other)) == 5
    act(begun, "stop", winner="B")
    newcomer = an_account()
    assert largest(a_path(begun, newcomer)) == 1
    assert largest(a_path(begun, other)) == 1
    assert enrolments(begun, newcomer) == []


def test_b38_the_holdout_and_who_is_not_eligible_are_planned_for_as_everybody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(settings), "holdout", 0.05)
    practice_ground(world)
    only_b = [{**ARMS[1], "key": key} for key in ("A", "B")]
    experimenting.started(world, **{**PLANNING, "arms": only_b, "eligibility": {"kind": ["account"]}})
    assert largest(a_path(world, world.guest())) == 5
    held = an_account()
    while not is_held_out(held.learner, 0.05):
        held = an_account()
    assert largest(a_path(world, held)) == 5
    assert enrolments(world, held) == []
    assert largest(a_path(world, served())) == 1


def served() -> Principal:
    """Somebody who is not held out."""
    while is_held_out((who := an_account()).learner, 0.05):
        pass
    return who


def test_a53_personalization_off_is_planned_for_as_everybody(begun: World, backend: Backend) -> None:
    who = begun.reader()
    key = (f"USER#{who.learner}", f"COURSE#{begun.course.id}#SETTINGS")
    backend.change(key, "SET personalization = :off", off={"BOOL": False})
    assert largest(a_path(begun, who)) == 5
    assert enrolments(begun, who) == []


def test_what_becomes_of_recommendations_counts_from_the_exposure_on(begun: World) -> None:
    """Also of a set that was there already: its answers are no longer taken without a look at the experiment."""
    who = an_account()
    early = recommended(begun, who)[0]["id"]
    begun.clock.advance(60)
    a_path(begun, who)
    (mine,) = enrolments(begun, who)
    assert begun.call("answer_recommendation", who, {"recommendation_id": early, "action": "accept"}).status == 200
    assert results(begun)["primary"][mine["arm"]]["conversions"] == 0
    begun.clock.advance(60)
    late = recommended(begun, who, refresh="true")[0]["id"]
    assert begun.call("answer_recommendation", who, {"recommendation_id": late, "action": "accept"}).status == 200
    assert results(begun)["primary"][mine["arm"]]["conversions"] == 1


def test_a_learner_may_be_in_one_experiment_of_each_layer(begun: World) -> None:
    ranking = "/api/admin/experiments/ranking"
    assert experimenting.put(begun, ranking, seed="ranking").status == 200
    assert act(begun, "start", ranking).status == 200
    courses.forget()
    who, _ = planned(begun)
    recommended(begun, who)
    assert [one["experiment_id"] for one in enrolments(begun, who)] == ["ranking", "rec-spacing"]
