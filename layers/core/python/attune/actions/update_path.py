"""Act on a path: one action that its status allows; what is known of the learner by then counts at once."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from attune.actions import moved_paths, shelved
from attune.actions.planning import Planning
from attune.domain.course import Course
from attune.domain.errors import NotFound, PreconditionFailed, Unavailable
from attune.domain.paths import actions
from attune.domain.paths.advance import Cause
from attune.domain.paths.changed import Changed
from attune.domain.paths.moved import Moved, adapted, moved
from attune.domain.paths.path import ACTIVE, Path
from attune.domain.paths.wanted import Wanted
from attune.domain.principal import Principal
from attune.store import keys, learner_changes, learner_course, table
from attune.store.learner_course import Rows

TRIES: Final = 24
"""Devices that act at the same moment take turns."""


def run(
    principal: Principal, course: Course, id_: str, wanted: Wanted, expected: frozenset[int] | None, now: datetime
) -> Changed:
    """Raises `NotFound`, `Conflict` with what is allowed, `PreconditionFailed`."""
    for turn in range(TRIES):
        rows = read(principal, course.id, id_, now)
        before = known(rows, id_, expected)
        planning = Planning.of(rows, course, now)
        found = _acted(rows, planning, id_, before, wanted, now)
        if found.path != before:
            changes = shelved.changes(rows, id_, found.path)
            try:
                learner_changes.write(rows, changes, now, seen=True)
            except table.ConditionFailed:
                table.pause(turn)
                continue
        return shown(found, rows, planning)
    raise Unavailable("store_busy")


def read(principal: Principal, course: str, id_: str, now: datetime, *, consistent: bool = True) -> Rows:
    """All that a change of a path starts from."""
    made = (keys.settings, keys.profile, keys.recommendations, keys.progress, keys.paths)
    wanted = [make(principal.learner, course) for make in made]
    wanted.append(keys.path(principal.learner, course, id_))
    return learner_course.read_rows(principal, course, wanted, now, consistent=consistent)


def known(rows: Rows, id_: str, expected: frozenset[int] | None) -> Path:
    """The path, as one of these revisions. Raises `NotFound`, `PreconditionFailed`."""
    path = shelved.find(rows, id_)
    if path is None or path.deleted_at is not None:
        raise NotFound("unknown_path", "There is no such path.")
    if expected is not None and path.rev not in expected:
        raise PreconditionFailed
    return path


def shown(found: Moved, rows: Rows, planning: Planning) -> Changed:
    """A path as it is answered, with its days if it is active."""
    days = planning.agenda(found.path) if found.path.status == ACTIVE else None
    return Changed(found.id, found.path, rows.settings, days, found.diff)


def _acted(rows: Rows, planning: Planning, id_: str, path: Path, wanted: Wanted, now: datetime) -> Moved:
    moment, evidence = int(now.timestamp() * 1000), moved_paths.evidence(rows, planning)
    if wanted.action == actions.START:
        after = actions.start(path, moment)
    elif wanted.action == actions.PAUSE:
        after = actions.pause(path, moment, wanted.reason)
    elif wanted.action == actions.RESUME:
        after = actions.resume(path, moment)
        shelved.demand_room(rows)
    elif wanted.action == actions.CANCEL:
        after = actions.cancel(path, moment)
    elif wanted.action == actions.COMPLETE_STEP:
        after = actions.complete_step(path, wanted.step, moment)
    else:
        actions.demand(path, actions.ADAPT, moment)
        told = replace(moved(id_, path, evidence, moment), before=path)
        if told.path.status != ACTIVE:
            return told
        # Seldom is a path planned anew on request, and a function starts sooner without what does it.
        from attune.domain.paths.replan import replan

        change = replan(told.path, planning.request(told.path), Cause(wanted.cause))
        return adapted(told, evidence, moment, *change)
    return replace(moved(id_, after, evidence, moment, planning.request), before=path)
