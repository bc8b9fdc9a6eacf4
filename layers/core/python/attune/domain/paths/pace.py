"""How fast a learner is: the ratio of the minutes they take to the minutes that authors say, and how sure that is.

Ratios are compared by their logarithm: half as fast and twice as fast are equally far from the author's word.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

from attune.domain.course import Course
from attune.domain.progress.summary import Summary

FARTHEST: Final = log(8.0)
"""A page left open overnight says no more than this."""
STRENGTH: Final = 4.0
"""The author's word counts as much as this many measurements."""
SPREAD: Final = 0.4
"""The standard deviation of one log ratio where nothing was measured."""
QUANTILE: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes with the interval that holds the true value with 95 % probability."""

    estimate: int
    low: int
    high: int

    def to_json(self) -> dict[str, object]:
        return {"estimate": self.estimate, "interval": [self.low, self.high]}


@dataclass(frozen=True, slots=True)
class Pace:
    """`n` measurements, the `mean` of their log ratios and their summed squared distance from it."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def with_measured(self, authored_minutes: float, seconds: float) -> "Pace":
        """The pace once a step of so many authored minutes took so many seconds; nothing measured, nothing changed."""
        if authored_minutes <= 0 or seconds <= 0:
            return self
        ratio = max(-FARTHEST, min(FARTHEST, log(seconds / 60.0 / authored_minutes)))
        n = self.n + 1
        distance = ratio - self.mean
        mean = self.mean + distance / n
        return Pace(n, mean, self.squares + distance * (ratio - mean))

    @property
    def factor(self) -> float:
        """By what authored minutes are multiplied; 1 without measurements."""
        return exp(self.n * self.mean / (self.n + STRENGTH))

    @property
    def variance(self) -> float:
        """Of one log ratio around the learner's own mean."""
        return (STRENGTH * SPREAD**2 + self.squares) / (STRENGTH + self.n)

    def minutes(self, authored: int) -> int:
        """What a step is planned with: whole minutes, at least 1."""
        return max(1, round(authored * self.factor))

    def interval(self, authored: Iterable[int], doubt: float = 0.0) -> Minutes:
        """The minutes of some steps together; `doubt` is the relative variance of how many steps it takes."""
        # A long way has thousands of steps, and authors write few different minutes.
        counts = Counter(authored)
        total = sum(minutes * n for minutes, n in counts.items())
        if not total:
            return Minutes(0, 0, 0)
        # The learner's own mean is shared by all steps, the rest of each step's deviation is not.
        shared = self.variance / (self.n + STRENGTH)
        own = self.variance * sum(minutes * minutes * n for minutes, n in counts.items()) / total**2
        reach = exp(QUANTILE * sqrt(shared + own + doubt))
        estimate = sum(self.minutes(minutes) * n for minutes, n in counts.items())
        return Minutes(estimate, max(1, int(estimate / reach)), round(estimate * reach))


def measured(pairs: Iterable[tuple[float, float]]) -> Pace:
    """The pace from (authored minutes, measured seconds)."""
    pace = Pace()
    for authored, seconds in pairs:
        pace = pace.with_measured(authored, seconds)
    return pace


def of_lessons(course: Course, summary: Summary) -> Pace:
    """The pace that a learner's completed lessons show, as far as it was told how long they took."""
    return measured(
        (course.lessons[slug].minutes, told.seconds)
        for slug, told in sorted(summary.lessons.items())
        if told.completed_at is not None and slug in course.lessons
    )
