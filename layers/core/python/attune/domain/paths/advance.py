"""How a path moves by itself: steps are finished by answers and lessons, milestones reached by standings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from attune.domain.instants import DAY_MS
from attune.domain.paths.actions import completed, with_steps
from attune.domain.paths.evidence import Evidence
from attune.domain.paths.milestone import Milestone
from attune.domain.paths.path import ACTIVE, COMPLETED, Path
from attune.domain.paths.step import ASSESS, BY_EVIDENCE, LEARN, Step
from attune.domain.practice.attempt import SUCCESS

PASSED: Final = 0.8
"""The score from which on a test-out is passed."""
TRIES: Final = 3
"""Answers after which an item has been practised, right or not."""
MISSES: Final = 2
STALLED_MS: Final = 7 * DAY_MS

MASTERED_EARLY: Final = "mastered_early"
TWO_MISSES: Final = "two_misses_in_a_row"
STALLED: Final = "stalled"
REQUESTED: Final = "requested"
KNOWLEDGE_CHECK: Final = "knowledge_check"
CAUSES: Final = (MASTERED_EARLY, TWO_MISSES, STALLED, REQUESTED, KNOWLEDGE_CHECK)
ASKED: Final = (REQUESTED, KNOWLEDGE_CHECK)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a path may change; `skill` is "" where it is about none."""

    code: str
    skill: str = ""


@dataclass(frozen=True, slots=True)
class Advance:
    """The path as it is now, the ids of steps `finished` and the skills of milestones `reached` by this evidence.

    `causes` are reasons to plan anew. A path that did not move is the same object.
    """

    path: Path
    finished: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()


def advance(path: Path, evidence: Evidence, now: int) -> Advance:
    """Counts evidence for a path at `now` (ms). Only a path that is ACTIVE and started moves."""
    if path.status != ACTIVE or path.started_at is None or path.deleted_at is not None:
        return Advance(path)
    before = path
    path, reached = _reach(_count_answers(path, evidence), evidence, now)
    finished: list[str] = []
    for place, stage in enumerate(path.stages):
        if stage.is_done:
            continue
        if place > path.current:
            break
        changed = _finish(path, place, evidence)
        finished.extend(step.id for step in changed.values() if step.is_done)
        covered = {skill for step in changed.values() if step.passed for skill in step.covers}
        path = replace(with_steps(path, changed), known=path.known | covered, touched=path.touched | covered)
    if path != before:
        path = replace(path, rev=before.rev + 1, active_at=now)
    path = completed(path, now)
    if path.status == COMPLETED and path.rev == before.rev:
        path = replace(path, rev=before.rev + 1)
    return Advance(path if path != before else before, tuple(finished), reached, tuple(causes(path)))


def causes(path: Path) -> Iterator[Cause]:
    """Why a path should be planned anew, going by what it remembers; without regard to time."""
    if path.status != ACTIVE:
        return
    left = {step.skill for step in path.steps if not step.is_done}
    for milestone in path.milestones:
        if milestone.skill in left and path.is_there(milestone.skill) and _has_spare(path, milestone.skill):
            yield Cause(MASTERED_EARLY, milestone.skill)
    for skill in sorted(path.misses):
        if path.misses[skill] >= MISSES and skill in left and not path.is_there(skill):
            yield Cause(TWO_MISSES, skill)
    if is_exhausted(path):
        yield from (Cause(STALLED, entry.skill) for entry in path.milestones if not path.is_there(entry.skill))


def stalled(path: Path, now: int) -> Cause | None:
    """The cause of a started path on which nothing moved for seven days."""
    if path.status == ACTIVE and path.started_at is not None and now - path.active_at >= STALLED_MS:
        return Cause(STALLED)
    return None


def is_exhausted(path: Path) -> bool:
    """Whether every step is behind the learner and some milestone is not."""
    return not path.open_steps and any(not path.is_there(milestone.skill) for milestone in path.milestones)


def _has_spare(path: Path, skill: str) -> bool:
    return any(step.skill == skill and not step.is_done and path.is_behind(step) for step in path.steps)


def _count_answers(path: Path, evidence: Evidence) -> Path:
    """Remembers which skills were touched, and misses in a row."""
    if not evidence.answers:
        return path
    scope = {step.skill for step in path.steps} | {entry.skill for entry in path.milestones} | path.left_out
    misses, touched = dict(path.misses), set(path.touched)
    for answer in evidence.answers:
        item = evidence.course.items_by_id.get(answer.item)
        for skill in item.skills if item else ():
            if skill not in scope:
                continue
            touched.add(skill)
            if answer.score < SUCCESS:
                misses[skill] = misses.get(skill, 0) + 1
            else:
                misses.pop(skill, None)
    return replace(path, misses=misses, touched=frozenset(touched))


def _reach(path: Path, evidence: Evidence, now: int) -> tuple[Path, tuple[str, ...]]:
    """Marks the milestones that the standings have come to."""
    reached, milestones = list[str](), list[Milestone]()
    for milestone in path.milestones:
        standing = evidence.standings.get(milestone.skill)
        if standing is not None and not milestone.is_reached and milestone.need.is_met(standing):
            milestone = milestone.reached(standing.rating, now)
            reached.append(milestone.skill)
        milestones.append(milestone)
    if not reached:
        return path, ()
    return replace(path, milestones=tuple(milestones), touched=path.touched | set(reached)), tuple(reached)


def _finish(path: Path, place: int, evidence: Evidence) -> dict[str, Step]:
    """The steps of a stage that the evidence changes, by their ids."""
    changed: dict[str, Step] = {}
    used = {step.piece: step.done_at for step in path.steps if step.done_at is not None and step.kind != LEARN}
    for step in path.stages[place].steps:
        if step.is_done:
            continue
        if step.kind == LEARN:
            if step.piece in evidence.read:
                changed[step.id] = step._replace(done_at=evidence.read[step.piece], by=BY_EVIDENCE)
            continue
        after = max(step.since, (used.get(step.piece) or -1) + 1)
        done = _answered(step, evidence, after)
        if done is not step:
            changed[step.id] = done
            if done.done_at is not None:
                used[step.piece] = done.done_at
    return changed


def _answered(step: Step, evidence: Evidence, after: int) -> Step:
    """The step after the answers to its item from a moment on; the same object if there are none."""
    for answer in evidence.answers:
        if answer.item != step.piece or answer.at < after:
            continue
        if step.kind == ASSESS:
            return step._replace(done_at=answer.at, by=BY_EVIDENCE, passed=answer.score >= PASSED)
        step = step._replace(tries=step.tries + 1)
        if answer.score >= SUCCESS or step.tries >= TRIES:
            return step._replace(done_at=answer.at, by=BY_EVIDENCE)
    last = evidence.last.get(step.piece)
    # Answers that came before the step was open count once it is, if they were right: how many there were is not known.
    if last is not None and last[0] >= after:
        if step.kind == ASSESS:
            return step._replace(done_at=last[0], by=BY_EVIDENCE, passed=last[1] >= PASSED)
        if last[1] >= SUCCESS:
            return step._replace(done_at=last[0], by=BY_EVIDENCE)
    return step
