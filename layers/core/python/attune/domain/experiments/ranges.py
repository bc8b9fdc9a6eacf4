"""Which part of everybody an arm takes: it begins at a fixed place and grows with the coverage, so nobody moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

TOLERANCE = 0.001
"""How far weights may add up to other than 1."""


@dataclass(frozen=True, slots=True)
class Range:
    """From `start` up to, but without, `end`."""

    start: float
    end: float

    def holds(self, place: float) -> bool:
        return self.start <= place < self.end

    def meets(self, other: "Range") -> bool:
        return self.start < other.end and other.start < self.end


def arm_ranges(weights: Sequence[float], coverage: float) -> list[Range]:
    """The part of each arm. Weights that are none are taken for equal ones."""
    part = max(0.0, min(1.0, coverage))
    if abs(sum(weights) - 1.0) > TOLERANCE:
        weights = [1.0 / len(weights)] * len(weights)
    starts = [0.0, *accumulate(weights)]
    return [Range(start, start + part * weight) for start, weight in zip(starts, weights, strict=False)]


def choose(place: float, ranges: Sequence[Range]) -> int | None:
    """The number of the arm that a place is in."""
    return next((number for number, one in enumerate(ranges) if one.holds(place)), None)
