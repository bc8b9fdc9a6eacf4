"""How a learner learns: pace, evenness, breadth, retention. Each is null, with the reason, until there is enough.

Definitions are those of docs/architecture.md; a figure that would have to be invented is never given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from attune.domain.practice.skill_record import DayRating
from attune.domain.practice.state import ItemMemory, PracticeState

Z95: Final = 1.959964
TREND_ATTEMPTS: Final = 10
VELOCITY_ATTEMPTS: Final = 20
FEWEST_DAYS: Final = 3
FEWEST_WINDOWS: Final = 3
FEWEST_ITEMS: Final = 5
FEWEST_REPEATS: Final = 5


@dataclass(frozen=True, slots=True)
class Trend:
    """Rating points a week over the last 28 days of evidence, with the standard error of the slope."""

    points_per_week: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Velocity:
    """Rating points gained per hour of study over the last 28 days of evidence, with its 95 % interval."""

    points_per_hour: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Traits:
    """How somebody learns; for each that is not known, the reason why."""

    velocity: Velocity | str
    consistency: float | str
    adaptability: float | str
    retention: float | str

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads."""
        pace = self.velocity
        found = pace if isinstance(pace, str) else [pace.points_per_hour, pace.low, pace.high]
        return [found, self.consistency, self.adaptability, self.retention]

    @classmethod
    def from_json(cls, row: list[Any]) -> "Traits":
        """What `to_json` wrote."""
        pace, *others = row
        return cls(pace if isinstance(pace, str) else Velocity(*pace), *others)


def traits(state: PracticeState) -> Traits:
    """How the learner of a state learns."""
    return Traits(velocity(state), consistency(state), adaptability(state.items), retention(state))


def trend(days: Sequence[DayRating]) -> Trend | None:
    """The least-squares slope of a skill's daily ratings; None under 3 days or 10 attempts."""
    n = len(days)
    if n < FEWEST_DAYS or sum(entry.attempts for entry in days) < TREND_ATTEMPTS:
        return None
    mean_day = sum(entry.day for entry in days) / n
    mean_rating = sum(entry.rating for entry in days) / n
    spread = sum((entry.day - mean_day) ** 2 for entry in days)
    slope = sum((entry.day - mean_day) * (entry.rating - mean_rating) for entry in days) / spread
    left = sum((entry.rating - mean_rating - slope * (entry.day - mean_day)) ** 2 for entry in days)
    return Trend(7 * slope, 7 * sqrt(left / (n - 2) / spread))


def velocity(state: PracticeState) -> Velocity | str:
    """Points per study hour, or why there is none."""
    days = state.days
    hours = sum(day.seconds for day in days) / 3600
    if sum(day.attempts for day in days) < VELOCITY_ATTEMPTS:
        return "too_few_attempts"
    if len(days) < FEWEST_DAYS:
        return "too_few_days"
    if not hours:
        return "no_study_time"
    pace = sum(day.gain for day in days) / hours
    # The standard error of a ratio of sums, from how far each day is from the common pace.
    off = sum((day.gain - pace * day.seconds / 3600) ** 2 for day in days) * len(days) / (len(days) - 1)
    half = Z95 * sqrt(off) / hours
    return Velocity(pace, pace - half, pace + half)


def consistency(state: PracticeState) -> float | str:
    """1 - 2 sd of accuracy against expectation over windows of ten answers, 0..1; or why there is none."""
    if len(state.windows) < FEWEST_WINDOWS:
        return "too_few_attempts"
    return _evenness(state.windows)


def adaptability(items: Mapping[str, ItemMemory]) -> float | str:
    """1 - 2 sd over items of their mean accuracy against expectation, 0..1; or why there is none."""
    if len(items) < FEWEST_ITEMS:
        return "too_few_items"
    return _evenness([memory.residual / memory.attempts for _, memory in sorted(items.items())])


def retention(state: PracticeState) -> float | str:
    """The share right of first answers to a skill after a week or more; or why there is none."""
    asked, right = state.repeats
    if not asked:
        return "no_repeats_after_gaps"
    return right / asked if asked >= FEWEST_REPEATS else "too_few_repeats"


def _evenness(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    deviation = sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return max(0.0, 1.0 - 2.0 * deviation)
