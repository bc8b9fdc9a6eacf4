"""The learner model's shared parameters: versions that come into force at a moment and never change after."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from attune.domain.instants import instant, parse_instant
from attune.domain.learning.parameters import START, Parameters
from attune.store import keys, table
from attune.store.items import ParametersItem
from attune.store.packed import pack, unpack

NOTICE: Final = timedelta(minutes=10)
"""How long before it comes into force a version is there to be read: longer than any copy in memory is used, and than
an attempt may lie in the future, so that all score an attempt with the same version."""
RECENT: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of a course, by the moments (ms) from which they are in force."""

    since: tuple[int, ...]
    versions: tuple[Parameters, ...]

    def at(self, moment: int) -> Parameters:
        """The parameters in force at a moment (ms)."""
        place = bisect_right(self.since, moment)
        return self.versions[place - 1] if place else START

    @property
    def newest(self) -> Parameters:
        return self.versions[-1] if self.versions else START


_recent: dict[str, tuple[datetime, Versions]] = {}


def recent(course: str, now: datetime) -> Versions:
    """The versions as they were at most a minute ago."""
    seen = _recent.get(course)
    if seen is None or not timedelta(0) <= now - seen[0] < RECENT:
        seen = (now, load(course, now))
        _recent[course] = seen
    return seen[1]


def load(course: str, now: datetime) -> Versions:
    """All versions as they are."""
    prefix = keys.parameters_prefix(course)
    rows = list(table.query(ParametersItem, prefix, now, consistent=True))
    moments = [parse_instant(row.sk.removeprefix(prefix.sk)) for row in rows]
    return Versions(
        tuple(int(moment.timestamp() * 1000) for moment in moments),
        tuple(Parameters.from_json(unpack(row.data)) for row in rows),
    )


def put(course: str, parameters: Parameters, now: datetime) -> bool:
    """Publish a version, in force after `NOTICE`; False if one is there for that very moment."""
    row = ParametersItem(*keys.parameters(course, instant(now + NOTICE)), data=pack(parameters.to_json()))
    try:
        table.put(row, ParametersItem.pk.does_not_exist())
    except table.ConditionFailed:
        return False
    return True


def forget() -> None:
    """Read every course's parameters anew."""
    _recent.clear()
