"""A path moves by evidence: steps, milestones, test-outs; stages are locked; the same evidence counts once."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from attune.domain.instants import DAY_MS
from attune.domain.manifest import read
from attune.domain.paths.advance import (
    MASTERED_EARLY,
    STALLED,
    TWO_MISSES,
    Advance,
    Cause,
    advance,
    is_exhausted,
    stalled,
)
from attune.domain.paths.evidence import Answer, Evidence
from attune.domain.paths.goal import Goal
from attune.domain.paths.path import COMPLETED, Path
from attune.domain.paths.progress import progress
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.step import ASSESS, LEARN
from attune.domain.recommendations.situation import Situation
from tests.unit.paths.worlds import MASTERED, NEW, TODAY, a_path, a_standing, a_world

seeds = st.integers(0, 10_000_000)
NOW = TODAY * DAY_MS + 3_600_000
COURSE = read(
    "c",
    1,
    {
        "skills": [{"id": "a"}, {"id": "b", "prerequisites": ["a"]}, {"id": "c", "prerequisites": ["b"]}],
        "items": [{"id": f"{s}{n}", "skills": [s], "minutes": 2, "difficulty": n} for s in "abc" for n in range(1, 6)],
        "parts": [{"id": "p", "chapters": [{"lessons": [{"slug": f"p/{s}", "skills": [s]} for s in "abc"]}]}],
    },
)


def _request(**changes: object) -> PlanRequest:
    situation = Situation(COURSE, NOW / 1000, dict.fromkeys("abc", NEW), {item.id: 0.7 for item in COURSE.items})
    return replace(
        PlanRequest(situation, Goal(skills={"c": 1100}), TODAY, 60),
        **changes,  # type: ignore[arg-type]
    )


def _evidence(path: Path, *answers: Answer, read_: dict[str, int] | None = None, **standings: object) -> Evidence:
    return Evidence(
        COURSE,
        {**dict.fromkeys("abc", NEW), **standings},  # type: ignore[dict-item]
        answers,
        read=read_ or {},
    )


def _answered(path: Path, item: str, score: float, at: int) -> Advance:
    return advance(path, _evidence(path, Answer(item, at, score)), at)


def test_a_lesson_and_answers_finish_their_steps() -> None:
    path = a_path(_request())
    first = path.stages[0]
    assert first.steps[0].kind == LEARN
    moved = advance(path, _evidence(path, read_={"p/a": NOW + 5}), NOW + 9)
    assert moved.finished == (first.steps[0].id,)
    assert next(moved.path.steps).done_at == NOW + 5
    item = first.steps[1].piece
    right = _answered(moved.path, item, 1.0, NOW + 20)
    assert right.finished == (first.steps[1].id,)
    assert right.path.touched == {"a"}
    assert right.path.rev == path.rev + 2
    assert progress(right.path).completed == 2


def test_an_answer_from_before_the_path_counts_for_nothing() -> None:
    path = a_path(_request())
    item = path.stages[0].steps[1].piece
    assert not _answered(path, item, 1.0, NOW - 1).finished


def test_wrong_answers_finish_a_step_at_the_third_and_tell_of_misses() -> None:
    path = a_path(_request())
    item = path.stages[0].steps[1].piece
    one = _answered(path, item, 0.0, NOW + 1)
    assert (one.finished, one.causes) == ((), ())
    two = _answered(one.path, item, 0.3, NOW + 2)
    assert two.causes == (Cause(TWO_MISSES, "a"),)
    three = _answered(two.path, item, 0.0, NOW + 3)
    assert len(three.finished) == 1
    assert not _answered(two.path, item, 1.0, NOW + 3).causes


def test_a_stage_is_locked_until_the_earlier_one_is_done() -> None:
    path = a_path(_request())
    locked = next(stage for stage in path.stages if stage.skill == "c")
    ahead = advance(path, _evidence(path, read_={"p/c": NOW + 1}), NOW + 2)
    assert not ahead.finished
    assert ahead.path is path
    # Once the stages before it are behind, what was done ahead counts.
    both = advance(
        path,
        replace(_evidence(path, read_={"p/c": NOW + 1}), standings={"a": MASTERED, "b": MASTERED, "c": NEW}),
        NOW + 3,
    )
    assert locked.steps[0].id in both.finished


def test_a_milestone_is_reached_by_the_standing_and_spares_what_is_left_of_its_skill() -> None:
    path = a_path(_request())
    moved = advance(path, _evidence(path, a=MASTERED), NOW + 1)
    assert moved.reached == ("a",)
    assert moved.causes == (Cause(MASTERED_EARLY, "a"),)
    (milestone,) = [entry for entry in moved.path.milestones if entry.skill == "a"]
    assert (milestone.reached_at, milestone.rating) == (NOW + 1, 1300.0)
    assert moved.path.current == next(n for n, stage in enumerate(path.stages) if stage.skill == "b")
    assert advance(moved.path, _evidence(path), NOW + 2).path.milestones == moved.path.milestones
    done = advance(moved.path, _evidence(path, a=MASTERED, b=MASTERED, c=MASTERED), NOW + 3)
    assert done.path.status == COMPLETED
    assert done.path.ended_at == NOW + 3
    assert progress(done.path).percent == 100


def test_a_passed_test_out_spares_what_it_covers_and_is_weaker_evidence_for_it() -> None:
    told = _request()
    told = replace(
        told,
        situation=replace(told.situation, standings={**told.situation.standings, "b": replace(NEW, rating=1100.0)}),
    )
    path = a_path(told)
    check = next(path.steps)
    assert check.kind == ASSESS
    assert check.covers == ("a", "b")
    failed = _answered(path, check.piece, 0.7, NOW + 1)
    assert failed.finished == (check.id,)
    assert next(failed.path.steps).passed is False
    passed = _answered(path, check.piece, 1.0, NOW + 1)
    assert passed.path.known == {"a", "b"}
    assert passed.path.stages[passed.path.current].skill == "c"
    assert {cause.code for cause in passed.causes} == {MASTERED_EARLY}


def test_a_path_on_which_nothing_moves_has_stalled() -> None:
    path = a_path(_request())
    week = 7 * DAY_MS
    assert stalled(path, NOW + week - 1) is None
    assert stalled(path, NOW + week) == Cause(STALLED)
    assert stalled(replace(path, started_at=None), NOW + week) is None


def test_the_last_answer_to_an_item_counts_once_its_stage_is_open() -> None:
    path = a_path(_request())
    second = path.stages[1].steps[0]
    evidence = Evidence(COURSE, dict.fromkeys("abc", NEW), last={step.piece: (NOW + 5, 1.0) for step in path.steps})
    moved = advance(path, replace(evidence, read={"p/a": NOW, "p/b": NOW, "p/c": NOW}), NOW + 6)
    assert second.id in moved.finished


@given(seeds, seeds)
def test_any_evidence_leaves_finished_steps_and_the_same_evidence_changes_nothing_more(world: int, seed: int) -> None:
    course, request, _ = a_world(world)
    path, chance = a_path(request), random.Random(seed)
    for round_ in range(4):
        at = request.now + 1000 * round_
        evidence = Evidence(
            course,
            {skill.id: a_standing(chance) for skill in course.skills},
            [Answer(item.id, at + n, chance.random()) for n, item in enumerate(course.items) if chance.random() < 0.3],
            read={slug: at for slug in course.lessons if chance.random() < 0.4},
        )
        moved = advance(path, evidence, at)
        before, after = list(path.steps), list(moved.path.steps)
        assert [step.id for step in before] == [step.id for step in after]
        assert [step for step in before if step.is_done] == [
            new for old, new in zip(before, after, strict=True) if old.is_done
        ]
        assert moved.path.rev == path.rev + (moved.path != path)
        assert set(moved.finished) == {
            new.id for old, new in zip(before, after, strict=True) if new.is_done and not old.is_done
        }
        shown = progress(moved.path)
        assert 0 <= shown.percent <= 100
        assert shown.completed + shown.spared <= shown.total
        again = advance(moved.path, replace(evidence, answers=()), at)
        assert again.path is moved.path
        path = moved.path


@given(seeds)
def test_a_learner_who_does_everything_completes_or_has_milestones_left(seed: int) -> None:
    course, request, _ = a_world(seed)
    path = a_path(request)
    at = request.now
    for _ in range(3 * len(list(path.steps)) + 3):
        if not path.open_steps:
            break
        at += 1000
        step = path.stages[path.current].steps
        answers = [Answer(one.piece, at, 0.7) for one in step if not one.is_lesson and not path.is_behind(one)]
        lessons = {one.piece: at for one in step if one.is_lesson}
        path = advance(path, Evidence(course, request.situation.standings, answers[:1], read=lessons), at).path
    assert not path.open_steps
    assert path.status == COMPLETED or is_exhausted(path) or not list(path.steps)
