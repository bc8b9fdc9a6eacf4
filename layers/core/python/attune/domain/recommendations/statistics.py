"""Counts of what became of a learner's recommendations, and the shares and means that are defined from them."""

from dataclasses import dataclass, replace
from typing import Any, Final

EFFECTIVE_FROM: Final = 20
"""Completions under which nothing is called effective."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """`accepted` counts everything ever accepted, completed without that step included; sums go with counts.

    `gain` sums observed effects (rating points) over `measured` completions, `promised` the expectations of those of
    them that had one (`with_promise`). `effectiveness` sums what clients said, 0..1.
    """

    accepted: int = 0
    declined: int = 0
    completed: int = 0
    expired: int = 0
    ratings: int = 0
    rating_sum: int = 0
    measured: int = 0
    gain: float = 0.0
    with_promise: int = 0
    promised: float = 0.0
    said: int = 0
    effectiveness: float = 0.0

    @property
    def total(self) -> int:
        """Everything that was answered or expired."""
        return self.accepted + self.declined + self.expired

    @property
    def acceptance(self) -> float | None:
        return self.accepted / self.total if self.total else None

    @property
    def completion(self) -> float | None:
        return self.completed / self.accepted if self.accepted else None

    @property
    def mean_rating(self) -> float | None:
        return self.rating_sum / self.ratings if self.ratings else None

    @property
    def mean_effectiveness(self) -> float | None:
        """Of what clients said; an opinion."""
        return self.effectiveness / self.said if self.said else None

    @property
    def observed(self) -> float | None:
        """Mean points gained by a completed recommendation."""
        return self.gain / self.measured if self.measured else None

    @property
    def expected(self) -> float | None:
        return self.promised / self.with_promise if self.with_promise else None

    @property
    def effective(self) -> bool | None:
        """Whether they brought points on average; None under 20 measured completions."""
        return None if self.measured < EFFECTIVE_FROM else self.gain > 0

    def rated(self, was: int | None, now: int | None) -> "Statistics":
        """With one recommendation's rating changed from `was`."""
        if now is None or now == was:
            return self
        return replace(
            self, ratings=self.ratings + (was is None), rating_sum=self.rating_sum + now - (0 if was is None else was)
        )

    def to_json(self) -> list[Any]:
        return [getattr(self, name) for name in Statistics.__slots__]
