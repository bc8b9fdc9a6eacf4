"""Days in a row with activity, as the learner's calendar counts them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

RUNS: Final = 200
"""Runs of days that are remembered, the newest; the longest ever is kept beside them."""
BADGES: Final = (3, 7, 14, 30)
RECENT: Final = 28
"""Days that say how often a learner comes."""
STRENGTH: Final = 3
"""That they come every day counts as much as this many days."""


@dataclass(frozen=True, slots=True)
class Streak:
    """`current` days in a row up to today or yesterday, the `best` ever, days in `total`, and badges earned."""

    current: int
    best: int
    total: int
    badges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """Days since 1970 on which something was done, as runs (first and last day), oldest first.

    `forgotten` days lay in runs that are not remembered any more, the longest of these had `longest` days.
    """

    runs: tuple[tuple[int, int], ...] = ()
    forgotten: int = 0
    longest: int = 0

    def with_day(self, day: int) -> "Activity":
        """With a day of activity; the same object if it is known or lies before all that is remembered."""
        if any(first <= day <= last for first, last in self.runs):
            return self
        if self.forgotten and self.runs and day < self.runs[0][0] - 1:
            return self
        runs = list[tuple[int, int]]()
        for first, last in sorted([*self.runs, (day, day)]):
            if runs and first <= runs[-1][1] + 1:
                runs[-1] = (runs[-1][0], last)
            else:
                runs.append((first, last))
        old, kept = runs[:-RUNS], runs[-RUNS:]
        lengths = [last - first + 1 for first, last in old]
        return Activity(tuple(kept), self.forgotten + sum(lengths), max([self.longest, *lengths]))

    def streak(self, today: int) -> Streak:
        """The streak on a day where the learner lives. A day that is not over yet breaks nothing."""
        known = [(first, min(last, today)) for first, last in self.runs if first <= today]
        lengths = [last - first + 1 for first, last in known]
        current = lengths[-1] if known and known[-1][1] >= today - 1 else 0
        best = max([self.longest, *lengths])
        return Streak(current, best, self.forgotten + sum(lengths), tuple(badge for badge in BADGES if badge <= best))

    def attendance(self, today: int) -> float:
        """The share of recent days with activity, since the first of them; 1 as long as nothing else is known."""
        recent = [(max(first, today - RECENT + 1), min(last, today)) for first, last in self.runs]
        lengths = [last - first + 1 for first, last in recent if first <= last]
        if not self.runs or self.runs[0][0] > today:
            return 1.0
        days = min(RECENT, today - self.runs[0][0] + 1)
        return (sum(lengths) + STRENGTH) / (days + STRENGTH)

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads."""
        return [[list(run) for run in self.runs], self.forgotten, self.longest]

    @classmethod
    def from_json(cls, row: list[Any]) -> "Activity":
        """What `to_json` wrote."""
        runs, forgotten, longest = row
        return cls(tuple((first, last) for first, last in runs), forgotten, longest)


def active_on(days: Iterable[int]) -> Activity:
    """The activity of some days, in any order."""
    activity = Activity()
    for day in sorted(set(days)):
        activity = activity.with_day(day)
    return activity
