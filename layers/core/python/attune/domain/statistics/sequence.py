"""An interval that may be looked at as often as one likes: an asymptotic confidence sequence (arXiv 2103.06476).

With probability 1 - alpha it holds the true difference at every look at once. An interval of fixed horizon, looked at a
hundred times, declares a winner of two equal arms in more than a third of all cases.
"""

from dataclasses import dataclass
from math import log, sqrt
from typing import Final

from attune.domain.statistics.difference import Difference

ALPHA: Final = 0.05
PLANNED: Final = 5000
LEAST: Final = 100
"""Units per arm below which there is no interval: the approximation would not hold."""


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        return self.low <= 0.0 <= self.high


def interval(found: Difference, planned: int = PLANNED, alpha: float = ALPHA) -> Interval:
    """Around a difference; narrowest at the `planned` number of units."""
    half = found.standard_error * _width(found.n, planned, alpha)
    return Interval(found.value - half, found.value + half)


def _width(n: int, planned: int, alpha: float) -> float:
    """Half the width in standard errors."""
    rho2 = (-2.0 * log(alpha) + log(1.0 - 2.0 * log(alpha))) / planned
    growth = n * rho2 + 1.0
    return sqrt(n) * sqrt(2.0 * growth / (n * n * rho2) * log(sqrt(growth) / alpha))
