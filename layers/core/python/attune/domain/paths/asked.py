"""What a learner asks of a new path, before what is left open is filled in from what is stored."""

from dataclasses import dataclass
from typing import Any

from attune.domain.errors import Flaw, Invalid
from attune.domain.instants import DAY_MS
from attune.domain.paths.goal import Goal
from attune.domain.paths.request import DURATION, LONGEST


@dataclass(frozen=True, slots=True)
class Deadline:
    """A `day` (since 1970) that is the last, or a `moment` (ms) by which it is to be done."""

    day: int | None = None
    moment: int | None = None

    def last_day(self, shift: int) -> int:
        """The last day where the learner lives, `shift` ms ahead of UTC."""
        return self.day if self.day is not None else ((self.moment or 0) + shift - 1) // DAY_MS


@dataclass(frozen=True, slots=True)
class AskedPath:
    """Days and minutes a day are None where they were not named."""

    goal: Goal
    duration: int | None = None
    minutes_per_day: int | None = None
    deadline: Deadline | None = None
    title: str = ""
    description: str = ""

    def days(self, today: int, shift: int) -> tuple[int, int | None]:
        """How many days there are, and the last one if that was named. Raises `Invalid` for one that has passed."""
        if self.deadline is None:
            return self.duration or DURATION, None
        last = self.deadline.last_day(shift)
        if last < today:
            raise Invalid(Flaw("/deadline", "This day has passed.", "in_the_past"))
        return self.duration or min(LONGEST, last - today + 1), last

    def to_json(self) -> dict[str, Any]:
        """A plain object: what two requests are compared by."""
        deadline = self.deadline and [self.deadline.day, self.deadline.moment]
        return {
            "goal": self.goal.to_json(),
            "duration": self.duration,
            "minutes_per_day": self.minutes_per_day,
            "deadline": deadline,
            "title": self.title,
            "description": self.description,
        }
