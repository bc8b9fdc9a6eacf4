"""What is counted of an arm, or of one group in it: whole numbers, so that no order of counting makes a difference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.metric import BINARY, RATIO, Metric
from attune.domain.statistics.moments import Moments

MICRO: Final = 1_000_000
"""Values are counted in millionths."""
TENTH: Final = 10
"""The covariate is counted in tenths."""
MOST: Final = 1_000_000
"""The largest value, either way, that one outcome may have."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one metric: of the learners' values y, of their squares, and of their products with the covariate.

    Of a ratio also: of what y is counted by, d, of its squares and its products with y; and how many have any d.
    """

    y: int = 0
    yy: int = 0
    yz: int = 0
    d: int = 0
    dd: int = 0
    yd: int = 0
    k: int = 0

    def plus(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) + getattr(other, name) for name in Sums.__slots__))

    @property
    def is_ratio(self) -> bool:
        return any((self.d, self.dd, self.yd, self.k))

    def minus(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) - getattr(other, name) for name in Sums.__slots__))


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


Values = Mapping[str, int]
"""A learner's values by metric, in millionths; of a ratio both sums."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What an outcome is worth; of a ratio, and by how much of what it is counted by."""

    value: float
    per: float = 0.0


NOTHING: Final = Amount(0.0)


def values_after(metric: Metric, was: Values, amount: Amount) -> dict[str, int]:
    """A learner's values after an outcome."""
    found = {**was, metric.name: value_after(metric, was.get(metric.name, 0), amount.value)}
    if metric.type == RATIO:
        found[metric.per] = was.get(metric.per, 0) + round(amount.per * MICRO)
    return found


def sums_of(values: Values, one: Assignment) -> Iterator[tuple[str, Sums]]:
    """By metric what a learner's values add to the sums of their arm."""
    for name in sorted(values):
        metric, is_per, _ = name.partition(" ")
        if is_per:
            continue
        found, d = change(0, values[name], one), values.get(Metric(metric).per, 0)
        yield name, replace(found, d=d, dd=d**2, yd=values[name] * d, k=int(d > 0))


def changed(was: Values, now: Values, one: Assignment) -> dict[str, Sums]:
    """What it adds that a learner's values are now others than they were."""
    before = dict(sums_of(was, one))
    more = {name: sums.minus(before.get(name, Sums())) for name, sums in sums_of(now, one)}
    return {name: sums for name, sums in more.items() if sums != Sums()}


def value_after(metric: Metric, was: int, outcome: float) -> int:
    """A learner's value (in millionths) after an outcome: once done stays done, sums add up."""
    if metric.type == BINARY:
        return max(was, MICRO if outcome else 0)
    return was + round(outcome * MICRO)
