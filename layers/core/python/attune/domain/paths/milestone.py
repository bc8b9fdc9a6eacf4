"""Where a path passes: a skill that has come as far as what follows, or the goal, asks."""

from dataclasses import dataclass, replace
from typing import Any

from attune.domain.learning.measures import CENTRE
from attune.domain.recommendations.gate import needed
from attune.domain.recommendations.situation import Standing


@dataclass(frozen=True, slots=True)
class Need:
    """How far a skill has to come: a `rating` (None where none is asked) and a `mastery` (0 where none is asked)."""

    rating: float | None = None
    mastery: float = 0.0

    def is_met(self, standing: Standing) -> bool:
        """What others build upon gives way where much practice has not brought mastery.

        A rating is reached by answers: what is expected of everybody is nobody's achievement.
        """
        if self.mastery > 0.0 and standing.mastery < needed(standing, self.mastery):
            return False
        return self.rating is None or (standing.attempts > 0 and standing.rating >= self.rating)

    def joined(self, other: "Need") -> "Need":
        """What meets both."""
        ratings = [rating for rating in (self.rating, other.rating) if rating is not None]
        return Need(max(ratings, default=None), max(self.mastery, other.mastery))


@dataclass(frozen=True, slots=True)
class Milestone:
    """A skill and what it needs; `start` is the rating when the path was made.

    `reached_at` (ms) and `rating` tell when and with what it was reached.
    """

    skill: str
    need: Need
    start: float
    reached_at: int | None = None
    rating: float | None = None

    @property
    def target(self) -> float:
        """The rating to show: the one asked for, else an average learner's."""
        return CENTRE if self.need.rating is None else self.need.rating

    @property
    def is_reached(self) -> bool:
        return self.reached_at is not None

    def reached(self, rating: float, at: int) -> "Milestone":
        """Once reached it stays so, whatever the rating does later."""
        return self if self.is_reached else replace(self, reached_at=at, rating=round(rating, 1))

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads."""
        return [self.skill, self.need.rating, self.need.mastery, self.start, self.reached_at, self.rating]

    @classmethod
    def from_json(cls, row: list[Any]) -> "Milestone":
        """What `to_json` wrote."""
        skill, target, mastery, start, reached_at, rating = row
        return cls(skill, Need(target, mastery), start, reached_at, rating)
