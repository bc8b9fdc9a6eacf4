"""Read a lesson as published."""

from datetime import datetime

from attune.domain.course import Course, LessonEntry
from attune.domain.errors import NotFound
from attune.domain.lesson_text import LessonText
from attune.store import courses


def run(course_id: str, slug: str, now: datetime) -> tuple[LessonEntry, Course, LessonText]:
    """What the current version says of a lesson, and its text. Raises `NotFound`."""
    course = courses.load_current(course_id, now)
    entry = course.lessons.get(slug)
    if entry is None:
        raise NotFound("unknown_lesson", "The course has no such lesson.")
    return entry, course, courses.text(course_id, slug, entry.text_id, now)
