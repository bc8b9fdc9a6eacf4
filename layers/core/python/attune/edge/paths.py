"""What is asked of learning paths: bodies, queries and lists."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator, ConfigDict, Field

from attune.domain.course import Course
from attune.domain.errors import Flaw, Invalid
from attune.domain.ids import UUID_PATTERN
from attune.domain.paths.actions import ADAPT, COMPLETE_STEP, PAUSE
from attune.domain.paths.advance import ASKED, REQUESTED
from attune.domain.paths.asked import AskedPath, Deadline
from attune.domain.paths.changed import Changed
from attune.domain.paths.goal import Goal
from attune.domain.paths.request import LONGEST
from attune.domain.paths.wanted import Wanted
from attune.domain.principal import Principal
from attune.edge import cursor as cursors
from attune.edge import http
from attune.edge.moments import Moment, milliseconds
from attune.edge.onboarding import preferred
from attune.edge.path_changes import Status
from attune.edge.path_parts import StepId
from attune.edge.path_views import PathReadView
from attune.edge.preferences import Minutes
from attune.edge.views import TRUTH, Body, Id, LessonSlug, PersonalBody, Uuid

_EPOCH = date(1970, 1, 1)
_ID = "019aa4f1-2c00-8a1b-9c2d-3e4f5a6b7c01"
Words = Annotated[str, Field(max_length=200)]


def _real_day(text: str) -> str:
    try:
        if date.fromisoformat(text).year >= 1970:
            return text
    except ValueError:
        pass
    raise ValueError("a day such as 2026-12-20")


CalendarDay = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        description="The last day, included, where the learner lives.",
        json_schema_extra={"format": "date"},
    ),
    AfterValidator(_real_day),
]

StatusQuery = Annotated[Status | None, Query(alias="status")]
PathQuery = Annotated[str | None, Query(alias="path_id", pattern=UUID_PATTERN, description="One path, with its steps.")]
PathToDelete = Annotated[str, Query(alias="path_id", pattern=UUID_PATTERN)]
AgendaQuery = Annotated[
    bool,
    Query(alias="agenda", description="With `path_id`: also lay out the next days, which reads the profile too."),
    TRUTH,
]


class PathGoalBody(Body):
    """Ratings to reach by skill, lessons to read, or an author's path alone; nothing means the whole course."""

    skills: Annotated[dict[Id, Annotated[float, Field(gt=0, le=2000)]], Field(max_length=50)] = {}
    lessons: Annotated[list[LessonSlug], Field(max_length=100)] = []
    template: Id | None = None

    def goal(self) -> Goal:
        return Goal(dict(self.skills), tuple(dict.fromkeys(self.lessons)), self.template)


class LearningPathBody(PersonalBody):
    """What to reach, in so many days (30, or all up to the deadline) of so many minutes (those of the preferences)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"goal": {}, "plan_duration": 60, "minutes_per_day": 30, "title": "The whole course"},
                {"minutes_per_day": 45, "deadline": "2099-12-20"},
            ]
        }
    )

    goal: PathGoalBody = PathGoalBody.model_construct()
    plan_duration: Annotated[int, Field(ge=1, le=LONGEST)] | None = None
    minutes_per_day: Minutes | None = None
    deadline: CalendarDay | Moment | None = None
    title: Words = ""
    description: Annotated[str, Field(max_length=1000)] = ""

    def asked(self) -> AskedPath:
        return AskedPath(
            self.goal.goal(), self.plan_duration, self.minutes_per_day, self._deadline(), self.title, self.description
        )

    def _deadline(self) -> Deadline | None:
        if self.deadline is None:
            return None
        if "T" in self.deadline:
            return Deadline(moment=milliseconds(self.deadline))
        return Deadline(day=(date.fromisoformat(self.deadline) - _EPOCH).days)


class PathActionBody(PersonalBody):
    """One action: `step_id` goes with complete_step and with nothing else, a `reason` with pause and adapt alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"path_id": _ID, "action": "start"},
                {"path_id": _ID, "action": "pause", "reason": "Two weeks without a computer."},
                {"path_id": _ID, "action": "complete_step", "step_id": "embodiment-01"},
                {"path_id": _ID, "action": "adapt", "reason": "knowledge_check"},
            ]
        }
    )

    path_id: Uuid
    action: Literal["start", "pause", "resume", "complete_step", "adapt", "cancel"]
    step_id: StepId | None = None
    reason: Words | None = None

    def wanted(self) -> Wanted:
        """The action with what belongs to it. Raises `Invalid`."""
        flaws = list(self._flaws())
        if flaws:
            raise Invalid(*flaws)
        if self.action == ADAPT:
            return Wanted(self.action, cause=self.reason or REQUESTED)
        return Wanted(self.action, step=self.step_id or "", reason=self.reason)

    def _flaws(self) -> Iterator[Flaw]:
        if (self.step_id is None) == (self.action == COMPLETE_STEP):
            yield Flaw("/step_id", "It goes with complete_step, and with nothing else.", "step_id")
        if self.reason is not None and self.action not in (PAUSE, ADAPT):
            yield Flaw("/reason", "It goes with pause and adapt alone.", "reason")
        if self.action == ADAPT and self.reason not in (None, *ASKED):
            yield Flaw("/reason", f"One of {', '.join(ASKED)}.", "reason")


def read(found: Changed, course: Course, accept_language: str | None, now: datetime) -> http.Answer:
    """One path as the answer, with titles in the language asked for."""
    language = preferred(accept_language, course)
    headers = {"Content-Language": language, "Vary": "Authorization, Accept-Language"}
    return http.answer(PathReadView.of(found, course, language, now), etag=str(found.path.rev), headers=headers)


class Listed:
    """Where a list of paths begins, and goes on. Raises `Malformed` for a cursor that it did not give."""

    def __init__(self, caller: Principal, course: str, status: str | None, cursor: str | None) -> None:
        self._caller, self._query = caller, ("paths", course, status)
        self.below = cursors.decode(cursor, caller, *self._query)

    def following(self, on: str | None) -> str | None:
        """The cursor of an id to go on from."""
        return None if on is None else cursors.encode(on, self._caller, *self._query)
