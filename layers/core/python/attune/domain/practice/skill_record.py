"""What is kept of one learner in one skill: the model's state, what reviews need, and a rating for each recent day."""

from dataclasses import dataclass, replace
from typing import Any, Final

from attune.domain.instants import DAY_MS
from attune.domain.learning.state import NEW_SKILL, SkillState, with_prior
from attune.domain.practice.attempt import Attempt

POINTS: Final = 1
"""Decimals of a day's rating: more would be stored for every skill and day, and shown to nobody."""
DAYS: Final = 28
"""How long a day's last rating is kept, for the trend."""


@dataclass(frozen=True, slots=True)
class DayRating:
    """The last rating of a day (days since 1970), and how many attempts the day had."""

    day: int
    rating: float
    attempts: int


@dataclass(frozen=True, slots=True)
class SkillRecord:
    """`successes` are spaced: at most one a day raises it, a failure takes one back. `at` and `success_at` in ms."""

    state: SkillState = NEW_SKILL
    attempts: int = 0
    at: int | None = None
    successes: int = 0
    success_at: int | None = None
    days: tuple[DayRating, ...] = ()

    def after(self, state: SkillState, rating: float, attempt: Attempt) -> "SkillRecord":
        """The record once an attempt is counted that leaves the model in `state` and the skill at `rating`."""
        day = attempt.at // DAY_MS
        successes, success_at = self.successes, self.success_at
        if attempt.success:
            successes += success_at is None or success_at // DAY_MS != day
            success_at = attempt.at
        else:
            successes = max(0, successes - 1)
        today = self.days[-1].attempts if self.days and self.days[-1].day == day else 0
        earlier = (entry for entry in self.days if day - DAYS < entry.day < day)
        return SkillRecord(
            state,
            self.attempts + 1,
            attempt.at,
            successes,
            success_at,
            (*earlier, DayRating(day, round(rating, POINTS), today + 1)),
        )

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads."""
        days = [[entry.day, entry.rating, entry.attempts] for entry in self.days]
        return [list(self.state), self.attempts, self.at, self.successes, self.success_at, days]

    @classmethod
    def from_json(cls, row: list[Any]) -> "SkillRecord":
        """What `to_json` wrote."""
        state, attempts, at, successes, success_at, days = row
        return cls(SkillState(*state), attempts, at, successes, success_at, tuple(DayRating(*entry) for entry in days))


def expected_by(answers_prior: float) -> SkillRecord:
    """The record of a skill before any attempt: what the questionnaire let expect, in logits."""
    record = SkillRecord()
    return replace(record, state=with_prior(record.state, answers_prior)) if answers_prior else record
