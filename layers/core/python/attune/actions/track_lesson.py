"""Count an event of a lesson, once; a lesson that is completed finishes its step on every path, in the same write."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from attune.actions import moved_paths
from attune.actions.situated import local_day
from attune.domain.course import Course
from attune.domain.errors import NotFound, Unavailable
from attune.domain.principal import Principal
from attune.domain.progress.lesson_progress import LessonEvent
from attune.domain.progress.tracked import Tracked
from attune.store import keys, learner_changes, learner_course, table
from attune.store.learner_course import Changes, Rows

TRIES: Final = 24
"""Devices that send at the same moment take turns."""


def run(principal: Principal, course: Course, slug: str, event: LessonEvent, now: datetime) -> Tracked:
    """Raises `NotFound` for a lesson that the course does not have, and for a guest who does not exist."""
    if slug not in course.lessons:
        raise NotFound("unknown_lesson", "There is no such lesson.")
    for turn in range(TRIES):
        # What is not quite new is found out when it is written; only then is the newest worth its price.
        rows = _read(principal, course.id, slug, now, consistent=turn > 0)
        lesson = rows.lesson.after(event)
        if lesson is rows.lesson:
            return Tracked(slug, lesson, rows.progress, counted=False)
        summary = rows.progress.after(slug, lesson, local_day(rows.settings, event.at))
        moved = moved_paths.by_lessons(replace(rows, progress=summary), course, now)
        changes = Changes(lesson=(slug, lesson), progress=summary)
        try:
            learner_changes.write(rows, moved_paths.with_moved(rows, changes, moved), now, seen=True)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return Tracked(slug, lesson, summary, counted=True, moved=moved)
    raise Unavailable("store_busy")


def _read(principal: Principal, course: str, slug: str, now: datetime, *, consistent: bool) -> Rows:
    made = (keys.settings, keys.progress, keys.paths, keys.recommendations)
    wanted = [make(principal.learner, course) for make in made]
    wanted.append(keys.lesson_progress(principal.learner, course, slug))
    return learner_course.read_rows(principal, course, wanted, now, consistent=consistent)
