"""What a learner did in one lesson: every event counts once, in whatever order events arrive."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

NOT_STARTED: Final = "not_started"
STARTED: Final = "started"
COMPLETED: Final = "completed"
STATUSES: Final = (NOT_STARTED, STARTED, COMPLETED)
EVENTS: Final = 256
"""Events remembered, the newest; one that is sent again after so many others would count twice."""
MOST_SECONDS: Final = 86_400
"""Seconds of one event, at most a day."""
_MARK: Final = 12


@dataclass(frozen=True, slots=True)
class LessonEvent:
    """`at` is when it arrived (ms), `status` started, completed or None, `seconds` 0..86,400 spent in the lesson."""

    id: str
    at: int
    status: str | None = None
    seconds: int = 0

    @property
    def mark(self) -> str:
        """What is remembered of it: short, and the same for the same id."""
        return sha256(self.id.encode()).hexdigest()[:_MARK]


@dataclass(frozen=True, slots=True)
class LessonProgress:
    """`started_at` and `completed_at` (ms) are the earliest; `events` are marks of those counted, oldest first.

    A lesson completed once stays so, whoever reads it again.
    """

    started_at: int | None = None
    completed_at: int | None = None
    seconds: int = 0
    events: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        if self.completed_at is not None:
            return COMPLETED
        return NOT_STARTED if self.started_at is None else STARTED

    def after(self, event: LessonEvent) -> "LessonProgress":
        """With an event; the same object if it was counted already. Any event means that the lesson was begun."""
        if event.mark in self.events:
            return self
        completed = self.completed_at
        if event.status == COMPLETED:
            completed = event.at if completed is None else min(completed, event.at)
        return LessonProgress(
            started_at=event.at if self.started_at is None else min(self.started_at, event.at),
            completed_at=completed,
            seconds=self.seconds + event.seconds,
            events=(*self.events, event.mark)[-EVENTS:],
        )

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads."""
        return [self.started_at, self.completed_at, self.seconds, "".join(self.events)]

    @classmethod
    def from_json(cls, row: list[Any]) -> "LessonProgress":
        """What `to_json` wrote."""
        started_at, completed_at, seconds, marks = row
        events = tuple(marks[place : place + _MARK] for place in range(0, len(marks), _MARK))
        return cls(started_at, completed_at, seconds, events)


UNTOUCHED: Final = LessonProgress()
