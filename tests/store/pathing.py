"""A course with paths in it, and what one learner does on them, as the actions see it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from attune.actions import create_path, delete_path, track_lesson, update_path
from attune.domain.course import Course
from attune.domain.manifest import read
from attune.domain.paths.asked import AskedPath
from attune.domain.paths.changed import Changed
from attune.domain.paths.goal import Goal
from attune.domain.paths.path import Path
from attune.domain.paths.wanted import Wanted
from attune.domain.principal import Principal
from attune.domain.progress.lesson_progress import LessonEvent
from attune.domain.progress.tracked import Tracked
from attune.domain.repetition import Repetition
from attune.store import courses, learner_course, paths
from tests.builders import NOW, Json, a_course, an_account, an_id

NOW_MS = int(NOW.timestamp() * 1000)


def a_course_of_paths(lessons: int = 8) -> Course:
    """So many lessons, and eight items for each of two skills."""
    return read(an_id(), 1, _manifest(lessons))


@cache
def _manifest(lessons: int) -> Json:
    items = [
        {"id": f"{skill}-{number}", "skills": [skill], "difficulty": 1 + number % 5, "minutes": 5}
        for skill in ("sense", "act")
        for number in range(8)
    ]
    return a_course(lessons=lessons).stored(items=items)


@dataclass(frozen=True, slots=True)
class Walk:
    """One learner in a course."""

    course: Course
    who: Principal

    @classmethod
    def begin(cls, lessons: int = 8) -> "Walk":
        """In a course that was published: its own row says which experiments run."""
        course = a_course_of_paths(lessons)
        courses.publish(course.id, _manifest(lessons), None, NOW)
        return cls(course, an_account())

    def create(self, key: str | None = None, goal: Goal | None = None) -> str:
        """The id that was answered with."""
        asked = AskedPath(goal or Goal(lessons=tuple(self.course.lessons)), duration=100)
        repetition = None if key is None else Repetition("create_learning_path", key, "h")
        return create_path.run(self.who, self.course, asked, repetition, lambda made: made.id, NOW)[0]

    def act(self, id_: str, action: str, step: str = "", now: datetime = NOW) -> Changed:
        return update_path.run(self.who, self.course, id_, Wanted(action, step, cause="requested"), None, now)

    def track(self, event: str, slug: str | None = None, status: str | None = None, seconds: int = 0) -> Tracked:
        slug = slug or next(iter(self.course.lessons))
        return track_lesson.run(self.who, self.course, slug, LessonEvent(event, NOW_MS, status, seconds), NOW)

    def delete(self, id_: str) -> Path:
        return delete_path.run(self.who, self.course.id, id_, None, NOW)

    def path(self, id_: str) -> Path | None:
        return paths.get(self.who, self.course.id, id_, NOW)

    def rows(self) -> learner_course.Rows:
        return learner_course.with_paths(learner_course.read(self.who, self.course.id, NOW), NOW)
