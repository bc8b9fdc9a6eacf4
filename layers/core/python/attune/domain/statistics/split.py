"""Sample ratio mismatch: whether the groups are as large as their weights say. If not, nothing else can be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attune.domain.statistics.chi_square import survival

BROKEN: Final = 0.001
"""Below this p the split is taken for broken."""


@dataclass(frozen=True, slots=True)
class Split:
    """How probable a split at least as uneven is, if the weights hold."""

    p: float

    @property
    def ok(self) -> bool:
        return self.p >= BROKEN


def split(counts: Sequence[int], weights: Sequence[float]) -> Split:
    """Judge the sizes of groups against their weights."""
    total, whole = sum(counts), sum(weights)
    if not total:
        return Split(1.0)
    expected = [total * weight / whole for weight in weights]
    distance = sum((n - wanted) ** 2 / wanted for n, wanted in zip(counts, expected, strict=True))
    return Split(survival(distance, len(counts) - 1))
