"""How far a learner is in a course: counters by chapter, kept along with each event, equal to a recount."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from attune.domain.course import Course
from attune.domain.progress.lesson_progress import COMPLETED, NOT_STARTED, LessonProgress
from attune.domain.progress.streak import Activity


@dataclass(frozen=True, slots=True)
class Counters:
    """Lessons begun (the completed ones too), lessons completed, and seconds."""

    started: int = 0
    completed: int = 0
    seconds: int = 0

    def plus(self, other: "Counters") -> "Counters":
        return Counters(self.started + other.started, self.completed + other.completed, self.seconds + other.seconds)

    def minus(self, other: "Counters") -> "Counters":
        return Counters(self.started - other.started, self.completed - other.completed, self.seconds - other.seconds)


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
    """Counters by chapter of one version of a course, and the days of activity.

    Another version may have moved lessons: then the summary is recounted.
    """

    version: int = 0
    chapters: Mapping[str, Counters] = field(default_factory=dict)
    activity: Activity = field(default_factory=Activity)

    def after(self, chapter: str, before: LessonProgress, now: LessonProgress, day: int) -> "Summary":
        """The summary once a lesson of a chapter changed on a local day; what did not count changes nothing."""
        if now is before:
            return self
        change = counted(now).minus(counted(before))
        chapters = {**self.chapters, chapter: self.chapters.get(chapter, Counters()).plus(change)}
        return replace(self, chapters=chapters, activity=self.activity.with_day(day))

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads."""
        chapters = {name: [c.started, c.completed, c.seconds] for name, c in sorted(self.chapters.items())}
        return {"version": self.version, "chapters": chapters, "activity": self.activity.to_json()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Summary":
        """What `to_json` wrote."""
        chapters = {name: Counters(*row) for name, row in plain["chapters"].items()}
        return cls(plain["version"], chapters, Activity.from_json(plain["activity"]))


@dataclass(frozen=True, slots=True)
class Overview:
    """A course, its parts and its chapters by id."""

    course: Share
    parts: Mapping[str, Share]
    chapters: Mapping[str, Share]


def counted(progress: LessonProgress) -> Counters:
    """One lesson's share of the counters."""
    status = progress.status
    return Counters(int(status != NOT_STARTED), int(status == COMPLETED), progress.seconds)


def overview(course: Course, summary: Summary) -> Overview:
    """The counters of the chapters that the course has, added up."""
    chapters, parts = dict[str, Share](), dict[str, Share]()
    for part in course.parts:
        for chapter in part.chapters:
            chapters[chapter.id] = Share(summary.chapters.get(chapter.id, Counters()), len(chapter.lessons))
        parts[part.id] = _total(chapters[chapter.id] for chapter in part.chapters)
    return Overview(_total(parts.values()), parts, chapters)


def recounted(course: Course, progress: Mapping[str, LessonProgress], activity: Activity) -> Summary:
    """The summary from every lesson's progress, by slug. Lessons that the course has no more are not counted."""
    chapters: dict[str, Counters] = {}
    for chapter in course.chapters():
        own = (counted(progress[entry.slug]) for entry in chapter.lessons if entry.slug in progress)
        total = _sum(own)
        if total != Counters():
            chapters[chapter.id] = total
    return Summary(course.version, chapters, activity)


def chapter_of(course: Course, slug: str) -> str | None:
    """The chapter that holds a lesson."""
    return next((c.id for c in course.chapters() if any(entry.slug == slug for entry in c.lessons)), None)


def _total(shares: Iterable[Share]) -> Share:
    listed = list(shares)
    return Share(_sum(share.counters for share in listed), sum(share.lessons for share in listed))


def _sum(counters: Iterable[Counters]) -> Counters:
    total = Counters()
    for entry in counters:
        total = total.plus(entry)
    return total
