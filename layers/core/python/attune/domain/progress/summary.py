"""How far a learner is in a course: what is told of each lesson, and the days on which something was done.

Parts and chapters are added up whenever somebody looks, by the course as it then is: lessons may move between them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from attune.domain.course import Course
from attune.domain.progress.lesson_progress import LessonProgress
from attune.domain.progress.streak import Activity


class Told(NamedTuple):
    """What is kept of a lesson that was begun: when (ms) it was completed, if it was, and the seconds spent in it."""

    completed_at: int | None = None
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Counters:
    """Lessons begun (the completed ones too), lessons completed, and seconds."""

    started: int = 0
    completed: int = 0
    seconds: int = 0

    def plus(self, other: "Counters") -> "Counters":
        return Counters(self.started + other.started, self.completed + other.completed, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class Share:
    """Counters out of so many lessons; `percent` of them completed, 0..100 to one decimal, 0 where there are none."""

    counters: Counters
    lessons: int

    @property
    def percent(self) -> float:
        return round(100.0 * self.counters.completed / self.lessons, 1) if self.lessons else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """By slug what is told of the lessons that were begun, and the days of activity."""

    lessons: Mapping[str, Told] = field(default_factory=dict)
    activity: Activity = field(default_factory=Activity)

    def after(self, slug: str, progress: LessonProgress, day: int) -> "Summary":
        """With a lesson as it is since an event that came on a local day."""
        told = Told(progress.completed_at, progress.seconds)
        return replace(self, lessons={**self.lessons, slug: told}, activity=self.activity.with_day(day))

    def active_on(self, days: Iterable[int]) -> "Summary":
        """With days on which something else was done; the same object if they are known."""
        activity = self.activity
        for day in sorted(set(days)):
            activity = activity.with_day(day)
        return self if activity is self.activity else replace(self, activity=activity)

    @property
    def completed(self) -> dict[str, int]:
        """By slug when (ms) a lesson was completed."""
        return {slug: told.completed_at for slug, told in self.lessons.items() if told.completed_at is not None}

    @property
    def moves(self) -> int:
        """How often a lesson was begun or completed: what has changed for whoever looks at no seconds."""
        return len(self.lessons) + len(self.completed)

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads; equal summaries give equal bytes."""
        lessons = {slug: list(self.lessons[slug]) for slug in sorted(self.lessons)}
        return {"lessons": lessons, "activity": self.activity.to_json()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Summary":
        """What `to_json` wrote."""
        lessons = {slug: Told(*row) for slug, row in plain["lessons"].items()}
        return cls(lessons, Activity.from_json(plain["activity"]))


NOTHING_DONE: Final = Summary()


@dataclass(frozen=True, slots=True)
class Overview:
    """A course, its parts and its chapters by id."""

    course: Share
    parts: Mapping[str, Share]
    chapters: Mapping[str, Share]


def overview(course: Course, summary: Summary) -> Overview:
    """The counters of the lessons that the course has, added up."""
    chapters, parts = dict[str, Share](), dict[str, Share]()
    for part in course.parts:
        for chapter in part.chapters:
            told = (summary.lessons.get(entry.slug) for entry in chapter.lessons)
            chapters[chapter.id] = Share(_sum(_counted(one) for one in told), len(chapter.lessons))
        parts[part.id] = _total(chapters[chapter.id] for chapter in part.chapters)
    return Overview(_total(parts.values()), parts, chapters)


def recounted(lessons: Mapping[str, LessonProgress], activity: Activity) -> Summary:
    """The summary from every lesson's progress, by slug."""
    told = {slug: Told(progress.completed_at, progress.seconds) for slug, progress in lessons.items()}
    return Summary(told, activity)


def _counted(told: Told | None) -> Counters:
    return Counters() if told is None else Counters(1, int(told.completed_at is not None), told.seconds)


def _total(shares: Iterable[Share]) -> Share:
    listed = list(shares)
    return Share(_sum(share.counters for share in listed), sum(share.lessons for share in listed))


def _sum(counters: Iterable[Counters]) -> Counters:
    total = Counters()
    for entry in counters:
        total = total.plus(entry)
    return total
