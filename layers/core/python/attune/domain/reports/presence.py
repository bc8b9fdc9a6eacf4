"""On which days a learner did something in a course, and what that counts for: exact in whatever order days are told.

What a set of days counts for is a function of the set. With a day more, what it counted for before is taken back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from attune.domain.reports import event as names
from attune.domain.reports.cell import Cell
from attune.domain.reports.event import NOBODY, Event, day_at, number_of

KEPT: Final = 400
"""Days for which events, counts and presence are kept."""
TOTAL: Final = "total"
ENGAGEMENT: Final = "engagement"
WEEKS: Final = "weeks"
HOLDOUT: Final = "holdout:"
"""What cells begin with that hold what is counted of those who are held out, or of all others."""
OTHERS: Final = "others"
_MONDAY: Final = 4
"""The first Monday was so many days after 1970 began."""
_NOT_SEEN: Final = frozenset({names.EXPIRED, names.SHOWN, names.MEASURED})
"""What happens to learners who are not there."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Days since 1970, and the first ever, however long ago."""

    days: frozenset[int] = frozenset()
    first: int | None = None

    def with_days(self, days: frozenset[int]) -> "Presence":
        """With more days; of those long before the last one, only the first is remembered."""
        known = self.days | days
        firsts = [day for day in (self.first, *days) if day is not None]
        return Presence(frozenset(day for day in known if day > max(known) - KEPT - 7), min(firsts))

    def counts(self) -> Iterator[tuple[str, str, str]]:
        """The report, the day and the figure that it is one of: each day, each week, and that a week is the first."""
        weeks = {monday(day) for day in self.days}
        for day in self.days:
            yield ENGAGEMENT, day_at(day), "active"
        for week in weeks:
            yield WEEKS, day_at(week), "active"
            if week - 7 in weeks:
                yield WEEKS, day_at(week), "returning"
        if self.first is not None:
            yield WEEKS, day_at(monday(self.first)), "new"


def monday(day: int) -> int:
    """The Monday of a day's ISO week, both in days since 1970."""
    return (day - _MONDAY) // 7 * 7 + _MONDAY


def is_presence(event: Event) -> bool:
    """Whether the learner was there when it happened."""
    return event.learner != NOBODY and event.name not in _NOT_SEEN


def side_of(*, held_out: bool) -> str:
    """The cell of those who are kept out of all experiments, or of all others."""
    return f"{HOLDOUT}{names.HELD_OUT if held_out else OTHERS}"


def change(
    learner: str, was: Presence, days: frozenset[int], *, held_out: bool = False
) -> tuple[Presence, dict[tuple[str, str], dict[str, Cell]]]:
    """The presence with more days, and what is to be added to which report and day."""
    now = was.with_days(days)
    # What was forgotten meanwhile is still counted.
    before, after = set(was.counts()), set(now.counts()) | {one for one in was.counts() if one[2] != "new"}
    added: dict[tuple[str, str], dict[str, Cell]] = {}
    for count, sign in [*((one, 1) for one in after - before), *((one, -1) for one in before - after)]:
        report, day, figure = count
        cells = added.setdefault((report, day), {})
        for name in (TOTAL, side_of(held_out=held_out)):
            cells[name] = cells.get(name, Cell()) + Cell({figure: sign}, frozenset({learner} if sign > 0 else ()))
    return now, added


def days_of(events: "list[Event]") -> dict[str, frozenset[int]]:
    """By learner the days on which they were there."""
    found: dict[str, frozenset[int]] = {}
    for event in events:
        if is_presence(event):
            found[event.learner] = found.get(event.learner, frozenset()) | {number_of(event.day)}
    return found


def held_out(events: "list[Event]") -> set[str]:
    """The learners of whom it is said that they are kept out of experiments."""
    return {event.learner for event in events if event.said.get(names.HELD_OUT)}
