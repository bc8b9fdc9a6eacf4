"""What is counted of an arm, or of one group in it: whole numbers, so that no order of counting makes a difference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.metric import BINARY, Metric
from attune.domain.statistics.moments import Moments

MICRO: Final = 1_000_000
"""Values are counted in millionths."""
TENTH: Final = 10
"""The covariate is counted in tenths."""
MOST: Final = 1_000_000
"""The largest value, either way, that one outcome may have."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one metric: of the learners' values y, of their squares, and of their products with the covariate."""

    y: int = 0
    yy: int = 0
    yz: int = 0

    def plus(self, other: "Sums") -> "Sums":
        return Sums(self.y + other.y, self.yy + other.yy, self.yz + other.yz)


@dataclass(frozen=True, slots=True)
class Tally:
    """`n` learners were exposed; `exited` of them left; `excluded` were exposed to another arm too and are not in `n`.

    `z` and `zz` are the sums of the covariate and of its squares.
    """

    n: int = 0
    exited: int = 0
    excluded: int = 0
    z: int = 0
    zz: int = 0
    metrics: Mapping[str, Sums] = field(default_factory=dict)

    def plus(self, other: "Tally") -> "Tally":
        names = {*self.metrics, *other.metrics}
        return Tally(
            self.n + other.n,
            self.exited + other.exited,
            self.excluded + other.excluded,
            self.z + other.z,
            self.zz + other.zz,
            {name: self.of(name).plus(other.of(name)) for name in sorted(names)},
        )

    @property
    def says_something(self) -> bool:
        """Whether adding it changes anything."""
        counts = self.n, self.exited, self.excluded, self.z, self.zz
        return any(counts) or any(sums != Sums() for sums in self.metrics.values())

    def of(self, metric: str) -> Sums:
        return self.metrics.get(metric, Sums())

    def moments(self, metric: str) -> Moments:
        """The metric over all who were exposed: who did nothing counts as 0."""
        sums = self.of(metric)
        return Moments(
            self.n,
            sums.y / MICRO,
            sums.yy / MICRO**2,
            self.z / TENTH,
            self.zz / TENTH**2,
            sums.yz / MICRO / TENTH,
        )


def exposure(one: Assignment) -> Tally:
    """What a first exposure adds."""
    return Tally(n=1, z=one.before, zz=one.before**2)


def change(was: int, value: int, one: Assignment) -> Sums:
    """What it adds that a learner's value of a metric is now another than it was (both in millionths)."""
    return Sums(value - was, value**2 - was**2, (value - was) * one.before)


def value_after(metric: Metric, was: int, outcome: float) -> int:
    """A learner's value (in millionths) after an outcome: once done stays done, sums add up."""
    if metric.type == BINARY:
        return max(was, MICRO if outcome else 0)
    return was + round(outcome * MICRO)
