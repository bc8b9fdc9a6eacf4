"""Where paths are kept once one has changed: the active ones together, every other in a row of its own."""

from attune.domain.errors import Conflict
from attune.domain.paths.path import MOST_ACTIVE, Path
from attune.store.learner_course import Changes, Rows


def demand_room(rows: Rows) -> None:
    """Raise `Conflict` if no further path may be active."""
    if sum(path.is_active for path in rows.paths.values()) >= MOST_ACTIVE:
        raise Conflict("too_many_paths", f"At most {MOST_ACTIVE} paths are active at a time.", allowed=[])


def find(rows: Rows, id_: str) -> Path | None:
    """A path of those that were read."""
    return rows.paths.get(id_) or rows.apart.get(id_)


def changes(rows: Rows, id_: str, path: Path) -> Changes:
    """What is to be written for a path that is new or has changed.

    What has come to its end by itself since the last choice leaves the active ones, too.
    """
    everything = {**rows.paths, id_: path}
    active = {other: one for other, one in everything.items() if one.is_active}
    apart: dict[str, Path | None] = {other: one for other, one in everything.items() if other not in active}
    if id_ in active and id_ in rows.apart:
        apart[id_] = None
    tally = rows.tally.after(find(rows, id_), path)
    return Changes(
        paths=None if active == rows.paths else active,
        apart=apart,
        tally=None if tally == rows.tally else tally,
    )
