"""Take a path out of every list; it goes from the table by itself."""

from datetime import datetime
from typing import Final

from attune.actions import shelved
from attune.domain.errors import NotFound, PreconditionFailed, Unavailable
from attune.domain.paths import actions
from attune.domain.paths.path import Path
from attune.domain.principal import Principal
from attune.store import keys, learner_changes, learner_course, table

TRIES: Final = 12


def run(principal: Principal, course: str, id_: str, expected: frozenset[int] | None, now: datetime) -> Path:
    """The path as it was deleted; again, the same. Raises `NotFound`, `PreconditionFailed`."""
    wanted = [make(principal.learner, course) for make in (keys.progress, keys.paths)]
    wanted.append(keys.path(principal.learner, course, id_))
    for turn in range(TRIES):
        rows = learner_course.read_rows(principal, course, wanted, now)
        path = shelved.find(rows, id_)
        if path is None:
            raise NotFound("unknown_path", "There is no such path.")
        if path.deleted_at is not None:
            return path
        if expected is not None and path.rev not in expected:
            raise PreconditionFailed
        gone = actions.delete(path, int(now.timestamp() * 1000))
        try:
            learner_changes.write(rows, shelved.changes(rows, id_, gone), now, seen=False)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return gone
    raise Unavailable("store_busy")
