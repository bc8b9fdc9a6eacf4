"""What answers and lessons do to a learner's active paths, as a part of the write that counts them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from attune.domain.course import Course
from attune.domain.paths.evidence import Answer, Evidence
from attune.domain.paths.moved import Moved, moved
from attune.domain.paths.path import ACTIVE
from attune.domain.practice.attempt import Attempt
from attune.store.learner_course import Changes, Rows

if TYPE_CHECKING:
    from attune.actions.planning import Planning


def by_lessons(rows: Rows, course: Course, now: datetime) -> tuple[Moved, ...]:
    """By the lessons that are read. Where a learner stands in a skill is not looked at: reading says nothing of it."""
    evidence, moment = Evidence(course, {}, read=_read(rows)), int(now.timestamp() * 1000)
    return _new(moved(id_, path, evidence, moment) for id_, path in rows.paths.items())


def by_evidence(rows: Rows, course: Course, answers: Sequence[Attempt], now: datetime) -> tuple[Moved, ...]:
    """By new answers and all that is known besides, `rows` being as they will be; adapted where that helps."""
    if not any(path.status == ACTIVE and path.started_at is not None for path in rows.paths.values()):
        return ()
    # Who has no path on the way needs none of what plans, and a function starts sooner without it.
    from attune.actions.planning import Planning

    planning, moment = Planning.of(rows, course, now), int(now.timestamp() * 1000)
    found = evidence(rows, planning, answers)
    return _new(moved(id_, path, found, moment, planning.request) for id_, path in rows.paths.items())


def evidence(rows: Rows, planning: "Planning", answers: Sequence[Attempt] = ()) -> Evidence:
    """What is known of a learner that may move a path, with answers that are new."""
    situation = planning.empty.situation
    return Evidence(
        situation.course,
        situation.standings,
        [Answer(one.item, one.at, one.score) for one in sorted(answers, key=lambda one: one.place)],
        last=rows.practice.gist.last,
        read=_read(rows),
    )


def with_moved(rows: Rows, changes: Changes, found: Sequence[Moved]) -> Changes:
    """The changes with those of paths that moved."""
    if not found:
        return changes
    tally = rows.tally
    for one in found:
        tally = tally.after(one.before, one.path)
    paths = {**rows.paths, **{one.id: one.path for one in found}}
    return replace(changes, paths=paths, tally=None if tally == rows.tally else tally)


def _new(found: Iterable[Moved]) -> tuple[Moved, ...]:
    return tuple(one for one in found if one.is_new)


def _read(rows: Rows) -> dict[str, int]:
    """By slug when (ms) a lesson was completed: as the site tells, or as what was recommended."""
    return {**rows.ledger.finished, **rows.progress.completed}
