"""Events of lessons as they are sent, and how far a learner is as it is answered."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from attune.domain.course import Chapter, Course, LessonEntry, Part
from attune.domain.progress.lesson_progress import MOST_SECONDS, LessonEvent
from attune.domain.progress.streak import Streak
from attune.domain.progress.summary import Share, Summary, Told, overview
from attune.domain.progress.tracked import Tracked
from attune.domain.text import Text, said
from attune.edge.moments import moment
from attune.edge.path_changes import MovedView
from attune.edge.views import Instant, PersonalBody, View

EventId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="Unique within its lesson.")]


class LessonEventBody(PersonalBody):
    """What happened in a lesson: it was begun or completed, so many seconds were spent in it, or both."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event_id": "7d1f0c2d-1", "status": "completed", "seconds": 720}]}
    )

    event_id: EventId
    status: Literal["started", "completed"] | None = None
    seconds: Annotated[int, Field(ge=0, le=MOST_SECONDS, description="Since the last event that told of any.")] = 0

    def event(self, now: int) -> LessonEvent:
        return LessonEvent(self.event_id, now, self.status, self.seconds)


class ShareView(View):
    """Of so many lessons in `total`, how many were begun (the completed ones too), and how many completed."""

    total: int
    started: int
    completed: int
    percent: float
    minutes: float

    @classmethod
    def of(cls, share: Share) -> "ShareView":
        return cls(**share_fields(share))


def share_fields(share: Share) -> dict[str, Any]:
    """The fields of a share's view."""
    counters = share.counters
    return {
        "total": share.lessons,
        "started": counters.started,
        "completed": counters.completed,
        "percent": share.percent,
        "minutes": round(counters.seconds / 60, 1),
    }


class TrackedView(View):
    """The lesson as it now is. `counted` is false for an event that was counted before, and `course` says how far
    the learner is in all; `paths` are those that moved."""

    lesson_slug: str
    status: Literal["started", "completed"]
    started_at: Instant
    completed_at: Instant | None
    seconds: int
    counted: bool
    course: ShareView
    paths: list[MovedView]

    @classmethod
    def of(cls, tracked: Tracked, course: Course) -> "TrackedView":
        lesson = tracked.lesson
        done = lesson.completed_at
        return cls(
            lesson_slug=tracked.slug,
            status="started" if done is None else "completed",
            started_at=moment(lesson.started_at or 0),
            completed_at=None if done is None else moment(done),
            seconds=lesson.seconds,
            counted=tracked.counted,
            course=ShareView.of(overview(course, tracked.summary).course),
            paths=[MovedView.of(one) for one in tracked.moved],
        )


class LessonShareView(View):
    slug: str
    title: str
    status: Literal["not_started", "started", "completed"]
    completed_at: Instant | None
    seconds: int

    @classmethod
    def of(cls, entry: LessonEntry, told: Told | None, title: str) -> "LessonShareView":
        done = told.completed_at if told else None
        return cls(
            slug=entry.slug,
            title=title,
            status="not_started" if told is None else "started" if done is None else "completed",
            completed_at=None if done is None else moment(done),
            seconds=told.seconds if told else 0,
        )


class ChapterShareView(ShareView):
    id: str
    title: str
    lessons: list[LessonShareView]


class PartShareView(ShareView):
    id: str
    title: str
    chapters: list[ChapterShareView]


class StreakView(View):
    """Days in a row on which something was done, where the learner lives; a day that is not over breaks nothing."""

    current: int
    best: int
    days: int
    badges: list[int]

    @classmethod
    def of(cls, streak: Streak) -> "StreakView":
        return cls(current=streak.current, best=streak.best, days=streak.total, badges=list(streak.badges))


class ProgressView(View):
    """How far the learner is in the course, its parts and its chapters."""

    course: ShareView
    parts: list[PartShareView]
    streak: StreakView

    @classmethod
    def of(cls, summary: Summary, course: Course, language: str, today: int) -> "ProgressView":
        shares = overview(course, summary)

        def title(text: Text) -> str:
            return said(text, language, course.default_language)

        def lesson(entry: LessonEntry) -> LessonShareView:
            return LessonShareView.of(entry, summary.lessons.get(entry.slug), title(entry.title))

        def chapter(one: Chapter) -> ChapterShareView:
            fields = share_fields(shares.chapters[one.id])
            return ChapterShareView(
                **fields, id=one.id, title=title(one.title), lessons=[lesson(entry) for entry in one.lessons]
            )

        def part(one: Part) -> PartShareView:
            fields = share_fields(shares.parts[one.id])
            return PartShareView(
                **fields, id=one.id, title=title(one.title), chapters=[chapter(each) for each in one.chapters]
            )

        return cls(
            course=ShareView.of(shares.course),
            parts=[part(one) for one in course.parts],
            streak=StreakView.of(summary.activity.streak(today)),
        )
