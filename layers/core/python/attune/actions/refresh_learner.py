"""Look after one learner in one course, once a run: close what has run out, renew what is recommended, keep the day,
adapt what has stalled.

The last write says which run it was for, so whatever comes again finds nothing left to do; before it, every write is
one that may be done twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from attune.actions import count_outcome, count_texts, moved_paths, recommend
from attune.actions.clock import Clock
from attune.domain.course import Course
from attune.domain.errors import NotFound, Unavailable, Unidentified
from attune.domain.experiments.built_in import Counted
from attune.domain.jobs import Job, RebuildProfile
from attune.domain.learner import LearnerSettings
from attune.domain.paths.moved import Moved
from attune.domain.practice.profile import profile
from attune.domain.practice.snapshot import snapshot
from attune.domain.principal import Principal
from attune.domain.recommendations import moves
from attune.domain.recommendations.ledger import Ledger
from attune.store import attendance, courses, learner_changes, learner_course, parameters, snapshots, table
from attune.store.learner_course import Changes, Rows

MOST: Final = 20
"""How many recommendations are closed in one write: each is a row of its own, and a transaction has bounds."""
TRIES: Final = 16
"""More than a ledger full of what has run out takes, with some conflicts."""
Send = Callable[[Sequence[Job]], None]
Prepare = Callable[[LearnerSettings, Ledger, Course], object]
"""Sees to the lesson that a learner with these settings and recommendations is likely to open next."""


def run(
    learner: str,
    course: str,
    run: str,
    clock: Clock,
    send: Send,
    rows: Rows | None = None,
    prepare: Prepare | None = None,
) -> None:
    """Refresh a learner, starting from what was read of them, if it was. Raises `Unavailable`."""
    principal = Principal.of(learner)
    for turn in range(TRIES):
        now = clock.now()
        try:
            rows = rows or learner_course.read_all(principal, course, None, now, progress=True)
        except Unidentified:
            snapshots.drop(learner, course, run)
            return
        if rows.active_on is None:
            # Whoever was joined to an account since the page was read has no rows, and must get none.
            snapshots.drop(learner, course, run)
            return
        if rows.refreshed is not None and rows.refreshed >= run:
            return
        found = _course(course, now)
        if found is None:
            attendance.drop(principal, course)
            return
        try:
            if _step(rows, found, run, now, prepare):
                if rows.rebuild:
                    # Its message may have been lost after the row was written.
                    send([RebuildProfile(learner, course)])
                return
        except Unidentified:
            # They were erased while this was under way.
            snapshots.drop(learner, course, run)
            return
        except table.ConditionFailed:
            table.pause(turn)
        rows = None
    raise Unavailable("store_busy")


def _course(course: str, now: datetime) -> Course | None:
    try:
        return courses.recent(course, now)
    except NotFound:
        return None


def _step(rows: Rows, course: Course, run: str, now: datetime, prepare: Prepare | None = None) -> bool:
    """One write; whether it was the last. Raises `ConditionFailed`."""
    # What the nights before prepared and nobody came for is not counted against what was recommended.
    after = datetime.fromisoformat(f"{rows.active_on}T00:00:00+00:00") + timedelta(days=1)
    known = rows.ledger.with_unseen(int(after.timestamp() * 1000))
    ledger, closed = moves.expire(known, int(now.timestamp() * 1000), MOST)
    ledger, answered = ledger.file(MOST - len(closed))
    closed = (*closed, *answered)
    moved: Sequence[Moved] = ()
    counts: Sequence[Counted] = ()
    if len(closed) == MOST:
        learner_changes.write(rows, Changes(ledger=ledger, history=closed), now, seen=False)
        return False
    if attendance.is_active(date.fromisoformat(str(rows.active_on)), now.date()):
        # Whoever is away gets nothing new, so that all there is runs out and nothing is left to look after.
        ledger = recommend.renewed(replace(rows, ledger=ledger), course, now) or ledger
        _keep_the_day(rows, course, run, now)
        if prepare is not None:
            prepare(rows.settings, ledger, course)
        if rows.tally.active:
            rows = learner_course.with_paths(rows, now)
            moved = moved_paths.by_evidence(replace(rows, ledger=ledger), course, (), now)
    else:
        ledger, counts = count_outcome.of_absence(rows, ledger, now)
    count_texts.run(rows, now)
    changes = Changes(ledger=ledger, refreshed=run, history=closed, counts=counts)
    learner_changes.write(rows, moved_paths.with_moved(rows, changes, moved), now, seen=False)
    return True


def _keep_the_day(rows: Rows, course: Course, run: str, now: datetime) -> None:
    """A snapshot of what is measured, if anything is."""
    last = rows.practice.gist.at
    if last is None:
        return
    seen = profile(course, parameters.recent(course.id, now).at(last), rows.practice, int(now.timestamp() * 1000))
    snapshots.put(rows.principal.learner, course.id, run, snapshot(seen), now)
