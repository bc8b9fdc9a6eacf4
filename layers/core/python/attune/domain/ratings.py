"""What readers' ratings say of a personalized lesson, and when they take it out of service.

A lesson is out of service when it is sure enough that most of its readers find it bad: when the lower bound of Wilson's
interval for the share of low ratings is above one half. So one reader alone changes nothing, and neither do a few
among many who are content.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Final

LOWEST: Final = 1
HIGHEST: Final = 5
LOW: Final = 2
"""The highest rating that says that a lesson is bad."""
HELPFUL: Final = 4
"""The lowest rating that says that a lesson helps."""
ENOUGH: Final = 5
"""Ratings below this number decide nothing."""
SURE: Final = 1.645
"""Standard errors: 95 % on one side."""
MOST: Final = 0.5


@dataclass(frozen=True, slots=True)
class Rating:
    """What a reader says of a lesson that was written for them."""

    stars: int
    reason: str | None
    at: str

    @property
    def low(self) -> bool:
        return self.stars <= LOW

    def says(self, stars: int, reason: str | None) -> bool:
        return (self.stars, self.reason) == (stars, reason)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rated a lesson, and how many of them low. What the owner `approved` stays in service."""

    rated: int = 0
    low: int = 0
    approved: bool = False

    def with_rating(self, new: Rating, old: Rating | None) -> "Tally":
        """With a reader's rating in the place of their earlier one."""
        rated = self.rated + (old is None)
        low = self.low + new.low - (old is not None and old.low)
        return Tally(rated, low, self.approved)

    @property
    def out_of_service(self) -> bool:
        """Whether the lesson is to be taken from readers."""
        return not self.approved and self.rated >= ENOUGH and wilson(self.low, self.rated) > MOST


NO_RATINGS: Final = Tally()


def wilson(hits: int, of: int) -> float:
    """The lower bound of Wilson's interval for a share; 0 of nothing."""
    if not of:
        return 0.0
    share, z2 = hits / of, SURE * SURE
    centre = share + z2 / (2 * of)
    spread = SURE * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return (centre - spread) / (1 + z2 / of)
