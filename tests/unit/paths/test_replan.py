"""A re-plan keeps what is finished and what the answers say nothing of, and happens only where it helps."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attune.domain.course import Course
from attune.domain.errors import Conflict
from attune.domain.instants import DAY_MS
from attune.domain.paths.advance import (
    CAUSES,
    KNOWLEDGE_CHECK,
    MASTERED_EARLY,
    REQUESTED,
    TWO_MISSES,
    Cause,
    advance,
)
from attune.domain.paths.checks import expected_minutes
from attune.domain.paths.diff import compare
from attune.domain.paths.evidence import Answer, Evidence
from attune.domain.paths.goal import Goal, adaptivity
from attune.domain.paths.material import material
from attune.domain.paths.parameters import DEFAULT
from attune.domain.paths.path import PAUSED, Path
from attune.domain.paths.replan import FIXED, NOTHING_NEW, SAVES_TOO_LITTLE, TOO_SOON, replan
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.step import ASSESS, Step
from tests.unit.paths.test_plan import _chain, in_order
from tests.unit.paths.worlds import MASTERED, NEW, a_path, a_request, a_standing, a_world, later, standing_as

seeds = st.integers(0, 10_000_000)


def _open(path: Path) -> list[Step]:
    return [step for step in path.steps if not step.is_done]


def _moved(path: Path, request: PlanRequest, chance: random.Random, share: float = 0.3) -> tuple[Path, PlanRequest]:
    """The path and request after some answers and lessons; the skills answered stand elsewhere then."""
    course = request.situation.course
    request = later(request, chance.choice([0, 2]))
    answers = [Answer(i.id, request.now, chance.random()) for i in course.items if chance.random() < share]
    skills = {skill for answer in answers for skill in course.items_by_id[answer.item].skills}
    request = standing_as(request, {skill: a_standing(chance) for skill in sorted(skills)})
    read = {slug: request.now for slug in course.lessons if chance.random() < share}
    lessons = {**request.situation.lessons, **dict.fromkeys(read, "completed")}
    request = replace(request, situation=replace(request.situation, lessons=lessons))
    evidence = Evidence(course, request.situation.standings, answers, read=read)
    return advance(path, evidence, request.now).path, request


@given(seeds, st.sampled_from(CAUSES))
def test_finished_steps_never_change(seed: int, code: str) -> None:
    _, request, chance = a_world(seed)
    path = a_path(request)
    for _ in range(3):
        path, request = _moved(path, request, chance)
        if path.status != "ACTIVE":
            return
        done = [(place, step) for place, step in enumerate(path.steps) if step.is_done]
        after, diff = replan(path, request, Cause(code))
        kept = [step for step in after.steps if step.is_done]
        assert kept == [step for _, step in done]
        assert not {step.id for _, step in done} & {*diff.added, *diff.removed, *diff.moved}
        # They keep their stage as well.
        assert [stage.skill for stage in after.stages for step in stage.steps if step.is_done] == [
            stage.skill for stage in path.stages for step in stage.steps if step.is_done
        ]
        assert all(len(stage.steps) <= DEFAULT.stage_steps for stage in after.stages)
        assert len({step.id for step in after.steps}) == len(list(after.steps))
        path = after


@given(seeds, st.sampled_from([REQUESTED, MASTERED_EARLY, TWO_MISSES]))
def test_one_answer_changes_at_most_the_suffix_of_the_skills_it_touched(seed: int, code: str) -> None:
    course, request, chance = a_world(seed)
    path = a_path(request)
    if not course.items or not _open(path):
        return
    item = chance.choice(course.items)
    # One answer moves what it is about, and a little everything else.
    drifted = {
        name: replace(
            standing,
            rating=standing.rating + chance.uniform(-30, 30),
            mastery=min(1.0, max(0.0, standing.mastery + chance.uniform(-0.1, 0.1))),
        )
        for name, standing in request.situation.standings.items()
    }
    request = standing_as(request, {**drifted, **{skill: a_standing(chance) for skill in item.skills}})
    evidence = Evidence(course, request.situation.standings, [Answer(item.id, request.now, chance.random())])
    moved = advance(path, evidence, request.now)
    path = moved.path
    if path.status != "ACTIVE":
        return
    touched = path.touched
    # A test-out that the answer passed tells of what it covers.
    assert touched <= {*item.skills, *moved.reached, *path.known}
    after, diff = replan(path, request, Cause(code))
    assert (after is path) == diff.is_empty
    old, new = _open(path), _open(after)
    touched |= _resting(old, course, touched)
    needs = {skill.id: set(skill.prerequisites) for skill in course.skills}
    above = set(touched)
    for _ in needs:
        above |= {skill for skill, before in needs.items() if before & above}
    first = next((place for place, step in enumerate(old) if step.skill in above), len(old))
    assert [step.id for step in new[:first]] == [step.id for step in old[:first]]
    # What the answer does not touch is all there still, in the same order.
    aside = [step for step in old if step.skill not in touched]
    assert [step for step in new if step.id in {one.id for one in aside}] == aside


def _resting(open_: Sequence[Step], course: Course, touched: frozenset[str]) -> frozenset[str]:
    """The skills of lessons that build on one about a touched skill, which may have to be read now and has no step."""
    before, there = material(course).before, {step.piece for step in open_}
    return frozenset(
        step.skill
        for step in open_
        if step.is_lesson
        for slug in before[step.piece]
        if slug not in there and touched.intersection(course.lessons[slug].skills)
    )


@given(seeds, st.sampled_from(CAUSES))
def test_a_change_saves_a_tenth_or_mends(seed: int, code: str) -> None:
    _, request, chance = a_world(seed)
    path, request = _moved(a_path(request), request, chance)
    if path.status != "ACTIVE":
        return
    after, diff = replan(path, request, Cause(code))
    if diff.is_empty:
        assert after is path
        assert not diff.because
        return
    assert diff.because
    p = request.situation.p
    old, new = expected_minutes(_open(path), p), expected_minutes(_open(after), p)
    if old > new:
        brought = {step.skill for step in _open(after)} - {step.skill for step in path.open_steps}
        missed = any(cause.code == TWO_MISSES for cause in diff.because)
        assert old - new >= DEFAULT.worth_replanning * old or brought or missed or not path.open_steps


@given(seeds)
@example(6555)
@example(12874)
@example(13814)
@example(16334)
@example(17671)
@example(19430)
def test_nothing_comes_before_an_unmet_prerequisite_after_a_re_plan(seed: int) -> None:
    """As things stand now, for all that was planned by what stands now."""
    course, request, chance = a_world(seed)
    path, request = _moved(a_path(request), request, chance)
    if path.status != "ACTIVE" or path.missing:
        return
    path = replace(path, touched=frozenset(skill.id for skill in course.skills))
    after, diff = replan(path, request, Cause(REQUESTED))
    if not diff.is_empty:
        assert in_order(replace(request, known=after.known), _open(after))


@given(seeds)
def test_nothing_happens_twice_a_day_unasked(seed: int) -> None:
    _, request, chance = a_world(seed)
    path = a_path(request)
    changed = 0
    for _ in range(4):
        path, request = _moved(path, request, chance, 0.5)
        if path.status != "ACTIVE":
            return
        before = path.adapted_at
        path, diff = replan(path, request, Cause(MASTERED_EARLY))
        if not diff.is_empty:
            assert before is None or request.now - before >= DAY_MS
            assert path.adapted_at == request.now
            changed += 1
            same = replace(path, touched=frozenset(skill.id for skill in request.situation.course.skills))
            assert replan(same, request, Cause(MASTERED_EARLY)) == (same, replace(diff, **_NONE, kept=TOO_SOON))
    assert path.adaptation_count == changed == len(path.adaptations)


_NONE = {"added": (), "removed": (), "moved": (), "because": ()}


@given(seeds)
def test_without_news_nothing_changes(seed: int) -> None:
    _, request, _ = a_world(seed)
    path = a_path(request)
    if any(step.kind == ASSESS for step in path.steps):
        return
    after, diff = replan(path, later(request, 1), Cause(REQUESTED))
    assert after is path
    assert diff.kept == NOTHING_NEW
    assert diff.to_json() == {"added": [], "removed": [], "moved": [], "because": []}


@given(seeds)
def test_an_authors_fixed_path_stays_and_an_ordered_one_keeps_its_steps(seed: int) -> None:
    course, _, chance = a_world(seed, templates=True)
    for template in course.templates:
        goal = Goal(template=template.id)
        request = a_request(course, chance, goal, minutes_per_day=600, duration=366, deadline=None)
        path = a_path(request, adaptivity(goal, course))
        path, request = _moved(path, request, chance)
        if path.status != "ACTIVE":
            continue
        after, diff = replan(path, request, Cause(REQUESTED))
        if template.adaptivity == "off":
            assert diff.kept == FIXED
        if template.adaptivity != "full":
            assert sorted(step.id for step in after.steps) == sorted(step.id for step in path.steps)


def test_an_ordered_path_puts_last_what_is_mastered() -> None:
    for seed in range(200):
        course, _, chance = a_world(seed, templates=True)
        goal = Goal(template="order")
        if not course.templates:
            continue
        fresh = {skill.id: NEW for skill in course.skills}
        request = standing_as(a_request(course, chance, goal, minutes_per_day=600, duration=366, deadline=None), fresh)
        path = a_path(request, "order")
        if len(path.milestones) < 2:
            continue
        skill = path.milestones[0].skill
        request = standing_as(request, {skill: MASTERED})
        path = advance(path, Evidence(course, request.situation.standings), request.now).path
        after, diff = replan(path, request, Cause(REQUESTED))
        if diff.moved:
            assert next(reversed(list(after.steps))).skill == skill
            assert diff.because == (Cause(MASTERED_EARLY, skill),)
            return
    raise AssertionError


def _goal_path() -> tuple[PlanRequest, Path]:
    request = _chain(4)
    return request, a_path(request)


def test_a_skill_mastered_early_loses_its_steps_and_the_diff_says_why() -> None:
    request, path = _goal_path()
    request = standing_as(request, {"s0": MASTERED})
    path = advance(path, Evidence(request.situation.course, request.situation.standings), request.now).path
    after, diff = replan(path, request, Cause(MASTERED_EARLY, "s0"))
    assert diff.removed == tuple(step.id for step in path.steps if step.skill == "s0")
    assert not diff.added
    assert not diff.moved
    assert diff.to_json()["because"] == [{"code": "mastered_early", "skill": "s0"}]
    assert [entry.skill for entry in after.milestones] == ["s0", "s1", "s2", "s3"]
    assert after.adaptations[0].removed == len(diff.removed)
    again, second = replan(path, request, Cause(REQUESTED))
    assert second.because == (Cause(MASTERED_EARLY, "s0"),)
    assert again.adapted_at is None


def test_two_misses_in_a_row_bring_easier_items_of_that_skill() -> None:
    request, path = _goal_path()
    course = request.situation.course
    items = [step.piece for step in path.steps if step.skill == "s0" and not step.is_lesson][:2]
    weaker = replace(NEW, mastery=0.15, attempts=2, rating=950)
    request = standing_as(request, {"s0": weaker})
    p = {item.id: 0.95 - 0.15 * item.difficulty for item in course.items}
    request = replace(request, situation=replace(request.situation, p=p))
    answers = [Answer(item, request.now + n, 0.0) for n, item in enumerate(items)]
    moved = advance(path, Evidence(course, request.situation.standings, answers), request.now)
    assert Cause(TWO_MISSES, "s0") in moved.causes
    after, diff = replan(moved.path, request, Cause(TWO_MISSES, "s0"))
    assert diff.because == (Cause(TWO_MISSES, "s0"),)
    assert not diff.is_empty
    assert {step.skill for step in after.steps if step.id in (*diff.added, *diff.removed)} <= {"s0"}
    assert not after.misses


def test_a_knowledge_check_adds_a_test_out() -> None:
    request, path = _goal_path()
    after, diff = replan(path, request, Cause(KNOWLEDGE_CHECK))
    (added,) = [step for step in after.steps if step.id in diff.added]
    assert added.kind == ASSESS
    assert diff.because == (Cause(KNOWLEDGE_CHECK),)
    assert replan(after, request, Cause(KNOWLEDGE_CHECK))[1].is_empty


def test_what_saves_little_changes_nothing() -> None:
    request = _chain(30)
    path = a_path(request)
    request = standing_as(request, {"s29": replace(NEW, mastery=0.3, rating=1020.0, attempts=1)})
    path = replace(path, touched=frozenset(["s29"]))
    after, diff = replan(path, request, Cause(REQUESTED))
    assert after is path
    assert diff.kept in (SAVES_TOO_LITTLE, NOTHING_NEW)


def test_a_path_whose_pieces_left_the_course_is_mended() -> None:
    request, path = _goal_path()
    course = request.situation.course
    gone = next(step for step in path.steps if not step.is_lesson)
    items = tuple(item for item in course.items if item.id != gone.piece)
    course = replace(course, items=items, items_by_id={item.id: item for item in items})
    request = replace(request, situation=replace(request.situation, course=course))
    after, diff = replan(path, request, Cause("stalled"))
    assert gone.id in diff.removed
    assert all(step.is_lesson or step.piece in course.items_by_id for step in after.steps)


def test_a_path_all_of_whose_steps_are_done_gets_more_if_its_goal_is_not_reached() -> None:
    request, path = _goal_path()
    course = request.situation.course
    done = tuple(
        replace(stage, steps=tuple(step._replace(done_at=request.now, by="learner") for step in stage.steps))
        for stage in path.stages
    )
    path = replace(path, stages=done)
    after, diff = replan(path, request, Cause("stalled"))
    assert diff.added
    assert after.open_steps
    assert list(after.steps)[: len(list(path.steps))] == list(path.steps)
    assert in_order(request, _open(after))
    assert course.items


def test_a_paused_path_is_not_adapted() -> None:
    request, path = _goal_path()
    with pytest.raises(Conflict):
        replan(replace(path, status=PAUSED), request, Cause(REQUESTED))


@given(st.lists(st.integers(0, 12), unique=True), st.lists(st.integers(0, 12), unique=True))
def test_a_difference_has_as_few_moves_as_there_can_be(old: list[int], new: list[int]) -> None:
    before, after = [str(n) for n in old], [str(n) for n in new]
    diff = compare(before, after)
    assert set(diff.added) == set(after) - set(before)
    assert set(diff.removed) == set(before) - set(after)
    moved = set(diff.moved)
    assert moved <= set(before) & set(after)
    staying = [id_ for id_ in after if id_ in before and id_ not in moved]
    assert staying == [id_ for id_ in before if id_ in after and id_ not in moved]
    assert len(staying) == _longest([before.index(id_) for id_ in after if id_ in before])


def _longest(numbers: Sequence[int]) -> int:
    best: list[int] = []
    for place, number in enumerate(numbers):
        best.append(1 + max((best[n] for n in range(place) if numbers[n] < number), default=0))
    return max(best, default=0)
