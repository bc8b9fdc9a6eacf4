"""Sessions of practice as they are sent and answered."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from attune.domain.instants import DAY_MS
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.intake import Sent
from attune.domain.practice.recorded import Recorded
from attune.domain.practice.session import Session
from attune.edge.moments import Moment, milliseconds, moment
from attune.edge.path_changes import MovedView
from attune.edge.strict_json import MAX_INTEGER
from attune.edge.views import Body, Id, Instant, LessonSlug, PersonalBody, Uuid, View

AttemptId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="Unique within its session.")]
Share = Annotated[float, Field(ge=0, le=1)]
Words = Annotated[str, Field(max_length=1000)]
Amount = Annotated[float, Field(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Result = Literal["accepted", "duplicate", "conflict", "invalid"]


class MadeMistakeBody(Body):
    """Which of the course's mistakes was made, and what it cost (in the course's unit; 1 or more counts in full)."""

    category: Id
    loss: Annotated[float, Field(ge=0, le=1_000_000)] | None = None


class AttemptBody(Body):
    """One answer: with a `score`, or `correct`, or a `response` that the item's key grades; exactly one of them."""

    attempt_id: AttemptId
    item_id: Id
    at: Moment
    score: Share | None = None
    correct: bool | None = None
    response: Words | Amount | Annotated[list[Words], Field(max_length=50)] | None = None
    skills: Annotated[list[Id], Field(min_length=1, max_length=20)] | None = None
    difficulty: Annotated[int, Field(ge=1, le=5)] | None = None
    duration_ms: Annotated[int, Field(ge=0, le=DAY_MS)] | None = None
    hints_used: Annotated[int, Field(ge=0, le=100)] = 0
    phase: Id | None = None
    mistake: MadeMistakeBody | None = None

    def sent(self) -> Sent:
        return Sent(
            id=self.attempt_id,
            item=self.item_id,
            at=milliseconds(self.at),
            score=self.score,
            correct=self.correct,
            response=self.response,
            skills=None if self.skills is None else tuple(self.skills),
            difficulty=self.difficulty,
            duration_ms=self.duration_ms,
            hints=self.hints_used,
            phase=self.phase,
            mistake=self.mistake.category if self.mistake else None,
            loss=self.mistake.loss if self.mistake else None,
        )


_EXAMPLE: dict[str, Any] = {
    "session_id": "7d1f0c2d-4e5f-4071-8293-a4b5c6d7e8f9",
    "started_at": "2026-11-21T07:40:00Z",
    "ended_at": "2026-11-21T07:44:00Z",
    "attempts": [
        {"attempt_id": "1", "item_id": "q-embodiment-1", "correct": True, "at": "2026-11-21T07:41:02Z"},
        {
            "attempt_id": "2",
            "item_id": "q-embodiment-3",
            "score": 0.0,
            "duration_ms": 21000,
            "mistake": {"category": "simulation-equals-embodiment"},
            "at": "2026-11-21T07:42:31Z",
        },
    ],
}


class SessionBody(PersonalBody):
    """A session or a piece of one: the same `session_id` may come several times, in any order."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    session_id: Uuid
    started_at: Moment
    ended_at: Moment | None = None
    item_id: LessonSlug | None = None
    recommendation_id: Uuid | None = None
    attempts: Annotated[list[AttemptBody], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _forwards(self) -> "SessionBody":
        if self.ended_at is not None and milliseconds(self.ended_at) < milliseconds(self.started_at):
            raise ValueError("a session that ends after it has started")
        return self

    def session(self) -> Session:
        """The session without its attempts; a start is kept to the second."""
        return Session(
            id=self.session_id,
            started_at=milliseconds(self.started_at) // 1000 * 1000,
            ended_at=milliseconds(self.ended_at) // 1000 * 1000 if self.ended_at else None,
            subject=self.item_id,
            recommendation=self.recommendation_id,
        )


class ResultView(View):
    attempt_id: str
    result: Result
    code: str | None = None


class ClosedView(View):
    id: Uuid
    status: str


class RecordedView(View):
    """What became of each attempt, in the order sent.

    `recommendation` is what the session completed, if anything; `paths` are those that it led on.
    """

    session_id: Uuid
    results: list[ResultView]
    rev: int
    recommendation: ClosedView | None
    paths: list[MovedView]

    @classmethod
    def of(cls, recorded: Recorded) -> "RecordedView":
        results = [
            ResultView(attempt_id=outcome.attempt, result=_result(outcome.result), code=outcome.code)
            for outcome in recorded.outcomes
        ]
        closed = recorded.closed
        view = None if closed is None else ClosedView(id=closed.id, status=closed.status)
        return cls(
            session_id=recorded.session,
            results=results,
            rev=recorded.rev,
            recommendation=view,
            paths=[MovedView.of(one) for one in recorded.moved],
        )


def _result(result: str) -> Result:
    found: Result = result  # type: ignore[assignment]
    return found


class AttemptView(View):
    attempt_id: str
    item_id: str
    at: Instant
    score: float
    skills: list[str]
    difficulty: int
    hints_used: int
    duration_ms: int | None
    phase: str | None
    mistake: str | None
    loss: float | None

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptView":
        return cls(
            attempt_id=attempt.id,
            item_id=attempt.item,
            at=moment(attempt.at),
            score=attempt.score,
            skills=list(attempt.skills),
            difficulty=attempt.difficulty,
            hints_used=attempt.hints,
            duration_ms=attempt.duration_ms,
            phase=attempt.phase,
            mistake=attempt.mistake,
            loss=attempt.loss,
        )


class SessionView(View):
    session_id: Uuid
    started_at: Instant
    ended_at: Instant | None
    item_id: str | None
    recommendation_id: str | None
    attempts: list[AttemptView]

    @classmethod
    def of(cls, session: Session) -> "SessionView":
        return cls(
            session_id=session.id,
            started_at=moment(session.started_at),
            ended_at=moment(session.ended_at) if session.ended_at is not None else None,
            item_id=session.subject,
            recommendation_id=session.recommendation,
            attempts=[AttemptView.of(attempt) for attempt in session.attempts.values()],
        )


class SessionsView(View):
    items: list[SessionView]
    next_cursor: str | None
