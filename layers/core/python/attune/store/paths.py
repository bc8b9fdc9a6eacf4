"""Learning paths: the active ones in one row under a key that a session knows, every other in a row of its own."""

from datetime import datetime
from typing import Final

from attune.domain.paths.path import ACTIVE, Path, Paths
from attune.domain.principal import Principal
from attune.store import keys, retention, table, users
from attune.store.items import PathItem, PathsItem
from attune.store.packed import pack, unpack

PAGE: Final = 100
PAGES: Final = 5
"""Rows in a round trip, and round trips in a request."""


def of(row: PathsItem) -> dict[str, Path]:
    """The paths that the row of the active ones holds."""
    return {id_: Path.from_json(plain) for id_, plain in unpack(row.data).items()}


def item(learner: str, course: str, paths: Paths, write_id: str) -> PathsItem:
    """The row of the active paths."""
    data = pack({id_: path.to_json() for id_, path in paths.items()})
    return PathsItem(*keys.paths(learner, course), data=data, write_id=write_id)


def of_one(row: PathItem) -> tuple[str, Path]:
    """The path that a row holds, after its id."""
    return row.sk.rpartition("#")[2], Path.from_json(unpack(row.data))


def item_of_one(learner: str, course: str, id_: str, path: Path, write_id: str, now: datetime) -> PathItem:
    """The row of a path that is not active; one that was deleted goes by itself."""
    row = PathItem(*keys.path(learner, course, id_), data=pack(path.to_json()), write_id=write_id)
    if path.deleted_at is not None:
        row.expires_at = retention.ends(PathItem, now)
    return row


def get(principal: Principal, course: str, id_: str, now: datetime) -> Path | None:
    """A path, or None if there is none or it was deleted: in one round trip if it is active."""
    active, own = keys.paths(principal.learner, course), keys.path(principal.learner, course, id_)
    row = table.get(PathsItem, active, now)
    if row is not None and id_ in (known := of(row)):
        return known[id_]
    # The learner's own row comes along for the marker that may stand there.
    found = table.get_many([active, own, keys.user(principal.learner)], now, consistent=True)
    if not found:
        users.refuse_gone(principal, now)
    now_active, other = found.get(active), found.get(own)
    if isinstance(now_active, PathsItem) and id_ in (known := of(now_active)):
        return known[id_]
    if isinstance(other, PathItem) and (path := of_one(other)[1]).deleted_at is None:
        return path
    return None


def page(
    principal: Principal, course: str, now: datetime, *, status: str | None, below: str | None, limit: int
) -> tuple[list[tuple[str, Path]], str | None]:
    """The paths made last, of a status if one is given, under the id `below`; and the id to go on from, if any."""
    moment = int(now.timestamp() * 1000)

    def is_wanted(id_: str, path: Path) -> bool:
        shown = path.deleted_at is None and status in (None, path.status_at(moment))
        return shown and (below is None or id_ < below)

    row = table.get(PathsItem, keys.paths(principal.learner, course), now)
    if row is None:
        users.refuse_gone(principal, now)
    found = [(id_, path) for id_, path in of(row).items() if is_wanted(id_, path)] if row is not None else []
    prefix, end, more = keys.path_prefix(principal.learner, course), below, status != ACTIVE
    for turn in range(PAGES):
        if not more or (turn and len(found) > limit):
            break
        start = None if end is None else prefix.sk + end
        rows, last = table.newest(PathItem, prefix, now, below=start, limit=PAGE)
        found.extend(one for one in map(of_one, rows) if is_wanted(*one))
        more = last is not None
        end = end if last is None else last.removeprefix(prefix.sk)
    # What lies below the last row read is not known yet.
    known = sorted((one for one in found if not more or end is None or one[0] >= end), reverse=True, key=_id)
    if len(known) > limit:
        return known[:limit], known[limit - 1][0]
    return known, end if more else None


def _id(one: tuple[str, Path]) -> str:
    return one[0]
