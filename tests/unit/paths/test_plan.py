"""A plan builds on what is there, fits its days, and is the same for the same request."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.errors import Invalid
from attune.domain.manifest import read
from attune.domain.paths.closure import Standings
from attune.domain.paths.days import REVIEW, Day
from attune.domain.paths.goal import FULL, Goal, adaptivity, check
from attune.domain.paths.milestone import Need
from attune.domain.paths.order import ordered
from attune.domain.paths.pace import measured
from attune.domain.paths.parameters import DEFAULT
from attune.domain.paths.plan import MOST_STEPS, Plan, plan
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.step import ASSESS, LEARN, PRACTISE, Step
from attune.domain.recommendations.situation import Situation
from tests.unit.conftest import SHIPPED, shipped
from tests.unit.paths.worlds import MASTERED, NEW, TODAY, a_request, a_world, standing_as, stock

seeds = st.integers(0, 10_000_000)


def in_order(request: PlanRequest, steps: Sequence[Step]) -> bool:
    """Whether nothing is learnt or practised before a prerequisite that is neither there nor brought along earlier."""
    course, index = request.situation.course, stock(request)
    standings = Standings(request, index)
    last = {step.skill: place for place, step in enumerate(steps) if step.kind != ASSESS}
    for place, step in enumerate(steps):
        if step.kind == ASSESS:
            continue
        piece = course.lessons[step.piece] if step.is_lesson else course.items_by_id[step.piece]
        for skill in (*piece.skills, *([step.skill] if step.skill else [])):
            for need in index.needs(skill):
                # What no item practises has no steps to wait for, only lessons; they are looked at below.
                if index.is_practised(need) and not standings.is_open(need) and not last.get(need, len(steps)) < place:
                    return False
        if step.is_lesson:
            places = {other.piece: number for number, other in enumerate(steps) if other.is_lesson}
            for slug in index.before[step.piece]:
                if not standings.is_behind(slug) and not places.get(slug, len(steps)) < place:
                    return False
    return True


def within(days: Sequence[Day], minutes: int) -> bool:
    return all(0 < day.minutes <= minutes for day in days)


@given(seeds)
def test_no_skill_and_no_lesson_comes_before_an_unmet_prerequisite(seed: int) -> None:
    _, request, _ = a_world(seed)
    assert in_order(request, plan(request).steps)


@given(seeds)
def test_a_stage_has_one_skill_and_at_most_five_steps(seed: int) -> None:
    course, request, _ = a_world(seed)
    made = plan(request)
    for stage in made.stages:
        assert 1 <= len(stage.steps) <= DEFAULT.stage_steps
        assert {step.skill for step in stage.steps} == {stage.skill}
        for step in stage.steps:
            if step.kind == PRACTISE:
                assert stage.skill in course.items_by_id[step.piece].skills
    assert len({step.id for step in made.steps}) == len(made.steps) <= MOST_STEPS


@given(seeds)
def test_no_day_has_more_than_its_minutes_and_together_they_hold_every_step(seed: int) -> None:
    _, request, _ = a_world(seed)
    made = plan(request)
    assert within(made.days, request.minutes_per_day)
    given_: dict[str, int] = {}
    seen = []
    for day in made.days:
        for entry in day.entries:
            if entry.kind != REVIEW:
                given_[entry.id] = given_.get(entry.id, 0) + entry.minutes
                seen.append(entry.id)
    assert given_ == {step.id: step.minutes for step in made.steps}
    assert list(dict.fromkeys(seen)) == [step.id for step in made.steps]
    assert all(request.today <= day.day < request.today + request.days for day in made.days)


@given(seeds)
def test_the_same_request_gives_the_same_plan(seed: int) -> None:
    assert plan(a_world(seed)[1]) == plan(a_world(seed)[1])


@given(seeds)
def test_what_is_infeasible_is_said_to_be_so_and_its_best_part_fits(seed: int) -> None:
    _, request, _ = a_world(seed)
    made = plan(request)
    assert made.feasible == (made.missing == 0)
    if made.feasible:
        assert made.needed == made.minutes
        assert not made.left_out
        return
    assert made.missing > 0
    assert made.minutes.estimate <= request.days * request.minutes_per_day
    assert in_order(request, made.steps)
    # The part is itself a plan that fits: nothing of it is without a day (asserted above for every plan).
    roomy = plan(replace(request, duration=366, deadline=None, minutes_per_day=1440))
    assert roomy.feasible
    assert roomy.minutes.estimate == made.needed.estimate


@given(seeds)
def test_more_time_never_leaves_more_missing(seed: int) -> None:
    _, request, _ = a_world(seed)
    long = replace(request, duration=200, deadline=None)
    assert plan(long).missing <= plan(replace(long, duration=20)).missing


@given(seeds)
def test_what_is_mastered_is_left_out(seed: int) -> None:
    course, request, _ = a_world(seed)
    everything = standing_as(request, {skill.id: MASTERED for skill in course.skills})
    made = plan(replace(everything, goal=Goal(skills={skill.id: 1200 for skill in course.skills})))
    assert not made.stages
    assert made.feasible
    assert made.finish.estimate == request.today
    for milestone in plan(request).milestones:
        assert not Standings(request, stock(request)).is_met(milestone.skill, milestone.need)


@given(seeds)
def test_every_milestone_is_of_a_skill_with_steps_and_comes_in_their_order(seed: int) -> None:
    made = plan(a_world(seed)[1])
    order = list(dict.fromkeys(step.skill for step in made.steps))
    places = [order.index(milestone.skill) for milestone in made.milestones]
    assert places == sorted(set(places))


@given(seeds)
def test_the_finish_lies_in_its_interval_and_a_quicker_learner_needs_no_more_minutes(seed: int) -> None:
    _, request, _ = a_world(seed)
    made = plan(request)
    assert made.finish.earliest <= made.finish.estimate <= made.finish.latest
    assert made.minutes.low <= made.minutes.estimate <= made.minutes.high
    slow = measured([(10, 1200)] * 20)
    assert plan(replace(request, pace=slow)).needed.estimate >= made.needed.estimate


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_courses_can_be_planned(name: str) -> None:
    course = shipped(name).course
    situation = Situation(
        course=course,
        now=TODAY * 86400.0,
        standings={skill.id: NEW for skill in course.skills},
        p={item.id: 0.5 for item in course.items},
    )
    goals = [Goal(), *(Goal(template=template.id) for template in course.templates)]
    goals += [Goal(skills={skill: 1100.0}) for skill in stock(PlanRequest(situation, Goal(), TODAY, 60)).items]
    for goal in goals:
        check(goal, course)
        request = PlanRequest(situation, goal, TODAY, 60)
        made = plan(request)
        assert made.steps
        assert within(made.days, 60)
        if adaptivity(goal, course) == FULL:
            assert in_order(request, made.steps)
    whole = plan(PlanRequest(situation, Goal(), TODAY, 60))
    assert {step.piece for step in whole.steps if step.is_lesson} == set(course.lessons)


def test_the_december_series_does_not_fit_five_days() -> None:
    course = shipped("poker").course
    situation = Situation(
        course=course,
        now=TODAY * 86400.0,
        standings={skill.id: NEW for skill in course.skills},
        p={item.id: 0.5 for item in course.items},
    )
    request = PlanRequest(situation, Goal(skills={"tournament": 1100}), TODAY, 60, deadline=TODAY + 40)
    whole = plan(request)
    assert whole.feasible
    assert list(dict.fromkeys(stage.skill for stage in whole.stages)) == ["mathematics", "tournament"]
    assert [(entry.skill, entry.target) for entry in whole.milestones] == [("mathematics", 1000), ("tournament", 1100)]
    short = plan(replace(request, deadline=TODAY + 4))
    assert not short.feasible
    assert short.missing > 0
    assert 0 < short.minutes.estimate <= 300
    assert within(short.days, 60)
    assert short.days[-1].day <= TODAY + 4


def _chain(length: int) -> PlanRequest:
    """Skills in a row, each with a lesson and items."""
    names = [f"s{n}" for n in range(length)]
    manifest = {
        "skills": [{"id": name, "prerequisites": names[max(0, n - 1) : n]} for n, name in enumerate(names)],
        "items": [
            {"id": f"{name}-{n}", "skills": [name], "difficulty": n % 5 + 1, "minutes": 5}
            for name in names
            for n in range(8)
        ],
        "parts": [{"id": "p", "chapters": [{"lessons": [{"slug": n, "skills": [n], "minutes": 10} for n in names]}]}],
    }
    course = read("c", 1, manifest)
    situation = Situation(course, TODAY * 86400.0, dict.fromkeys(names, NEW), {item.id: 0.6 for item in course.items})
    return PlanRequest(situation, Goal(skills={names[-1]: 1050}), TODAY, 60, duration=366)


def test_a_long_chain_is_planned_from_its_root() -> None:
    request = _chain(5)
    made = plan(request)
    assert list(dict.fromkeys(step.skill for step in made.steps)) == ["s0", "s1", "s2", "s3", "s4"]
    assert all(stage.steps[0].kind == LEARN for stage in made.stages if stage.steps[0].id.endswith("-01"))
    assert plan(_chain(3000)).left_out


def test_a_test_out_stands_where_the_learner_told_of_knowledge_and_covers_what_lies_before() -> None:
    request = _chain(4)
    assert not [step for step in plan(request).steps if step.kind == ASSESS]
    told = standing_as(request, {"s2": replace(NEW, rating=1100.0)})
    (step,) = [step for step in plan(told).steps if step.kind == ASSESS]
    assert step.covers == ("s0", "s1", "s2")
    assert step.skill == "s0"
    assert plan(told).steps[0] == step
    assert told.situation.course.items_by_id[step.piece].skills == ("s2",)
    asked = plan(replace(request, check_all=True))
    assert [step.covers for step in asked.steps if step.kind == ASSESS] == [("s0", "s1", "s2")]
    known = plan(replace(told, known=frozenset(step.covers)))
    assert {step.skill for step in known.steps} == {"s3"}


def test_of_several_goals_the_best_whole_ones_are_kept() -> None:
    request = _chain(6)
    request = replace(request, goal=Goal(skills={"s0": 1010, "s5": 1300}), minutes_per_day=30, duration=6)
    made = plan(request)
    assert not made.feasible
    assert made.steps[0].skill == "s0"
    assert "s5" in made.left_out
    assert in_order(request, made.steps)


@pytest.mark.parametrize(
    ("goal", "pointer"),
    [
        (Goal(skills={"nine": 1000}), "/goal/skills/nine"),
        (Goal(skills={"s0": 2001}), "/goal/skills/s0"),
        (Goal(skills={"s0": 0}), "/goal/skills/s0"),
        (Goal(lessons=("nine",)), "/goal/lessons/0"),
        (Goal(template="nine"), "/goal/template"),
        (Goal(lessons=("s0",), template="nine"), "/goal"),
    ],
)
def test_a_goal_that_the_course_cannot_lead_to_is_refused(goal: Goal, pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(goal, _chain(2).situation.course)
    assert pointer in {flaw.pointer for flaw in caught.value.flaws}


def test_a_skill_without_items_is_no_goal_of_its_own() -> None:
    course = read("c", 1, {"skills": [{"id": "s"}], "parts": []})
    with pytest.raises(Invalid) as caught:
        check(Goal(skills={"s": 1000}), course)
    assert caught.value.flaws[0].code == "nothing_to_practise"


def test_a_wish_gives_way_where_it_waits_for_itself() -> None:
    needs = {"a": ["b"], "b": [], "c": ["c"]}
    wishes = {"b": ["a"], "a": [], "c": []}
    assert ordered("abc", needs.__getitem__, str, wishes.__getitem__) == ("b", "a")


def test_a_need_joins_what_is_asked_of_a_skill_twice() -> None:
    assert Need(rating=1000).joined(Need(mastery=0.6)) == Need(1000, 0.6)
    assert Need(rating=1000).joined(Need(rating=1200)) == Need(1200)


@given(seeds)
def test_an_authors_path_is_taken_as_it_stands(seed: int) -> None:
    course, _, chance = a_world(seed, templates=True)
    for template in course.templates:
        if template.adaptivity == FULL:
            continue
        made = plan(
            a_request(course, chance, Goal(template=template.id), duration=366, deadline=None, minutes_per_day=600)
        )
        assert tuple(step.piece for step in made.steps) == template.steps


def test_random_worlds_are_not_all_alike() -> None:
    plans: list[Plan] = [plan(a_world(seed)[1]) for seed in range(200)]
    assert {made.feasible for made in plans} == {True, False}
    assert any(step.kind == ASSESS for made in plans for step in made.steps)
    assert any(len(made.stages) > 5 for made in plans)
