"""Something that happened in a course, as reports count it and as an owner can export it: it names no learner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

SESSION: Final = "session"
ANSWERED: Final = "attempt"
ONBOARDED: Final = "onboarded"
LESSON_STARTED: Final = "lesson_started"
LESSON_COMPLETED: Final = "lesson_completed"
LESSON_TIME: Final = "lesson_time"
LESSON_GIVEN: Final = "lesson_given"
LESSON_WRITTEN: Final = "lesson_written"
LESSON_RATED: Final = "lesson_rated"
SHOWN: Final = "recommendation_shown"
ACCEPTED: Final = "recommendation_accepted"
DECLINED: Final = "recommendation_declined"
COMPLETED: Final = "recommendation_completed"
EXPIRED: Final = "recommendation_expired"
MEASURED: Final = "recommendation_measured"
PATH_CREATED: Final = "path_created"
PATH_COMPLETED: Final = "path_completed"
PATH_CANCELLED: Final = "path_cancelled"
PATH_PAUSED: Final = "path_paused"
PATH_STEP: Final = "path_step"
HELD_OUT: Final = "held_out"
"""Said of what a learner did who is kept out of all experiments."""
NOBODY: Final = ""
"""The learner of what no learner did, such as a text that was written."""


@dataclass(frozen=True, slots=True)
class Event:
    """`at` is in ms since 1970, `learner` a keyed hash that is the same for all events of a learner."""

    name: str
    at: int
    course: str
    learner: str
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def day(self) -> str:
        """The UTC day on which it happened."""
        return day_of(self.at)

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads."""
        return [self.name, self.at, self.learner, dict(self.said)]

    @classmethod
    def from_json(cls, course: str, row: list[Any]) -> "Event":
        """What `to_json` wrote of an event of a course."""
        name, at, learner, said = row
        return cls(name, at, course, learner, said)


def day_of(at: int) -> str:
    """The UTC day of a moment (ms)."""
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def number_of(day: str) -> int:
    """Days since 1970."""
    return date.fromisoformat(day).toordinal() - _EPOCH


def day_at(number: int) -> str:
    """The day of so many days since 1970."""
    return date.fromordinal(number + _EPOCH).isoformat()


_EPOCH: Final = date(1970, 1, 1).toordinal()
