"""What an experiment may vary of planning, how far, and that each of it makes a difference."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.paths.advance import REQUESTED, Cause
from attune.domain.paths.agenda import agenda
from attune.domain.paths.days import REVIEW
from attune.domain.paths.parameters import DEFAULT, RANGES, PlanningParameters
from attune.domain.paths.plan import plan
from attune.domain.paths.replan import NOTHING_NEW, SAVES_TOO_LITTLE, replan
from attune.domain.paths.request import PlanRequest
from tests.unit.paths.worlds import a_path, a_world, later

seeds = st.integers(0, 10_000_000)


def by(request: PlanRequest, **parameters: float) -> PlanRequest:
    return replace(request, parameters=PlanningParameters.from_json(parameters))


def test_parameters_are_read_by_name() -> None:
    assert PlanningParameters.from_json({}) == DEFAULT
    assert PlanningParameters.from_json({"stage_steps": 2}) == PlanningParameters(stage_steps=2)
    with pytest.raises(TypeError, match="steps"):
        PlanningParameters.from_json({"steps": 1})


def test_everything_has_a_range() -> None:
    for name, (least, largest) in RANGES.items():
        for value in (least, largest):
            PlanningParameters.from_json({name: value})
        for value in (least - 1, largest + 1):
            with pytest.raises(ValueError, match=name):
                PlanningParameters.from_json({name: value})


@given(seeds, st.integers(1, 5))
def test_stages_are_as_large_as_the_parameters_say_and_the_steps_are_the_same(seed: int, largest: int) -> None:
    _, request, _ = a_world(seed)
    found = plan(by(request, stage_steps=largest))
    assert all(1 <= len(stage.steps) <= largest for stage in found.stages)
    assert found.steps == plan(request).steps


@given(seeds)
def test_without_a_share_reviews_take_the_room_that_steps_leave(seed: int) -> None:
    """On odd days, that is: on even days the best review has its place, however small the share."""
    _, request, _ = a_world(seed)
    request = by(request, review_share=0.0)
    path = a_path(request)
    for day in agenda(path, request).days:
        kinds = [entry.kind == REVIEW for entry in day.entries]
        assert day.day % 2 == 0 or kinds == sorted(kinds)
        assert day.minutes <= path.minutes_per_day


def test_more_reviews_come_first_with_a_larger_share() -> None:
    def before_the_first_step(share: float) -> int:
        found = 0
        for seed in range(40):
            _, request, _ = a_world(seed)
            request = by(request, review_share=share)
            for day in agenda(a_path(request), request).days:
                kinds = [entry.kind for entry in day.entries]
                found += next((place for place, kind in enumerate(kinds) if kind != REVIEW), 0)
        return found

    assert before_the_first_step(0.0) < before_the_first_step(0.25) < before_the_first_step(0.8)


@given(seeds)
def test_what_is_worth_planning_anew_depends_on_the_parameter(seed: int) -> None:
    """Where the least share of minutes is asked for, a change is made whenever it is made where a larger one is."""
    _, request, _ = a_world(seed)
    path = a_path(request)
    if path.status != "ACTIVE" or not path.open_steps:
        return
    path = replace(path, touched=frozenset(request.situation.standings))
    now = later(request, 2, check_all=False)
    kept = [replan(path, by(now, worth_replanning=worth), Cause(REQUESTED))[1].kept for worth in (0.0, 1.0)]
    assert kept[0] != SAVES_TOO_LITTLE
    assert kept[0] != NOTHING_NEW or kept[1] == NOTHING_NEW
