"""Plan a way to a goal, once for each request; what is asked again under its key is answered again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from attune.actions import shelved
from attune.actions.planning import Planning
from attune.domain.course import Course
from attune.domain.errors import Unavailable
from attune.domain.paths.asked import AskedPath
from attune.domain.paths.changed import Changed
from attune.domain.paths.creation import created
from attune.domain.paths.goal import adaptivity, check
from attune.domain.paths.ids import path_id
from attune.domain.paths.plan import plan
from attune.domain.preferences import complete
from attune.domain.principal import Principal
from attune.domain.repetition import Repetition
from attune.store import keys, learner_changes, learner_course, repetitions, table
from attune.store.learner_course import Rows

TRIES: Final = 12
Tell = Callable[[Changed], str]
"""What is answered, as text."""


def run(
    principal: Principal, course: Course, asked: AskedPath, repetition: Repetition | None, tell: Tell, now: datetime
) -> tuple[str, bool]:
    """The answer, and whether it was given before. Raises `Invalid`, `Conflict`, `NotFound` for an unknown guest."""
    check(asked.goal, course)
    for turn in range(TRIES):
        rows = _read(principal, course.id, repetition, now)
        if repetition is not None and rows.repeated is not None:
            repetitions.demand_same(rows.repeated, repetition)
            return rows.repeated.answer, True
        planning = Planning.of(rows, course, now, enrol=True)
        made = _made(rows, planning, course, asked)
        answer = tell(made)
        changes = replace(
            shelved.changes(rows, made.id, made.path),
            arm=planning.exposure,
            answered=repetitions.Answered(repetition, made.id, answer) if repetition else None,
        )
        try:
            learner_changes.write(rows, changes, now, seen=True)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return answer, False
    raise Unavailable("store_busy")


def _read(principal: Principal, course: str, repetition: Repetition | None, now: datetime) -> Rows:
    made = (keys.settings, keys.profile, keys.recommendations, keys.progress, keys.paths)
    wanted = [make(principal.learner, course) for make in made]
    if repetition is not None:
        wanted.append(keys.repetition(principal.learner, repetition.route, repetition.key))
    return learner_course.read_rows(principal, course, wanted, now)


def _made(rows: Rows, planning: Planning, course: Course, asked: AskedPath) -> Changed:
    empty = planning.empty
    duration, deadline = asked.days(empty.today, planning.shift)
    shelved.demand_room(rows)
    minutes = asked.minutes_per_day or complete(rows.settings.preferences, course)["time_availability"]
    request = replace(empty, goal=asked.goal, minutes_per_day=minutes, duration=duration, deadline=deadline)
    path = created(request, plan(request), adaptivity(asked.goal, course), asked.title, asked.description)
    id_ = path_id(rows.principal.learner, course.id, request.now, table.new_write_id())
    return Changed(id_, path, rows.settings, planning.agenda(path))
