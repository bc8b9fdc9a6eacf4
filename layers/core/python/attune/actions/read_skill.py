"""A skill of a learner and the evidence behind it; and what a learner claims of it against the measurement."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from attune.domain.course import Course
from attune.domain.errors import NotFound, Unavailable
from attune.domain.learner import LearnerSettings
from attune.domain.practice.claims import Claim
from attune.domain.practice.fold import Evidence
from attune.domain.practice.priors import begun
from attune.domain.practice.profile import Practice, Profile, profile
from attune.domain.practice.replay import record
from attune.domain.practice.skill_history import SkillHistory
from attune.domain.principal import Principal
from attune.store import learner_changes, learner_course, parameters, table
from attune.store.learner_course import Changes, Rows

TRIES: Final = 6


def seen(rows: Rows, course: Course, now: datetime) -> Profile:
    """The profile that a learner's rows give at a moment."""
    moment = int(now.timestamp() * 1000)
    practice = begun(rows.practice, course, rows.settings.answers)
    in_force = parameters.recent(course.id, now).at(practice.gist.at or moment)
    return profile(course, in_force, practice, moment)


def run(principal: Principal, course: Course, skill: str, now: datetime) -> tuple[SkillHistory, LearnerSettings]:
    """Raises `NotFound` for a skill that the course does not have."""
    _known(course, skill)
    rows = learner_course.read_all(principal, course.id, None, now)
    return _history(rows, course, skill, now), rows.settings


def claim(
    principal: Principal, course: Course, skill: str, level: str, note: str | None, now: datetime
) -> tuple[SkillHistory, LearnerSettings]:
    """Lay what the learner says over the estimate; a claim made before is replaced. Raises `NotFound`."""
    claimed = Claim(level, note, int(now.timestamp() * 1000))

    def changed(practice: Practice) -> Practice | None:
        was = practice.claims.get(skill)
        if was is not None and (was.level, was.note) == (level, note):
            return None
        return replace(practice, claims={**practice.claims, skill: claimed}, rev=practice.rev + 1)

    return _change(principal, course, skill, now, changed)


def withdraw(principal: Principal, course: Course, skill: str, now: datetime) -> tuple[SkillHistory, LearnerSettings]:
    """Take a claim away; what was measured stands as if it had never been made. Raises `NotFound`."""

    def changed(practice: Practice) -> Practice | None:
        if skill not in practice.claims:
            return None
        left = {name: other for name, other in practice.claims.items() if name != skill}
        return replace(practice, claims=left, rev=practice.rev + 1)

    return _change(principal, course, skill, now, changed)


def _change(
    principal: Principal, course: Course, skill: str, now: datetime, changed: Callable[[Practice], Practice | None]
) -> tuple[SkillHistory, LearnerSettings]:
    _known(course, skill)
    for turn in range(TRIES):
        rows = learner_course.read_all(principal, course.id, None, now)
        practice = changed(rows.practice)
        if practice is None:
            return _history(rows, course, skill, now), rows.settings
        try:
            learner_changes.write(rows, Changes(practice=practice, rebuild=rows.rebuild), now, seen=True)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return _history(replace(rows, practice=practice), course, skill, now), rows.settings
    raise Unavailable("store_busy")


def _known(course: Course, skill: str) -> None:
    if all(skill != other.id for other in course.skills):
        raise NotFound("unknown_skill", "The course has no such skill.")


def _history(rows: Rows, course: Course, skill: str, now: datetime) -> SkillHistory:
    evidence: list[Evidence] = []
    _, state = record(rows.log, (), parameters.recent(course.id, now).at, evidence.append)
    return SkillHistory(
        skill=skill,
        profile=seen(rows, course, now).skills[skill],
        claim=rows.practice.claims.get(skill),
        days=state.record(skill).days,
        evidence=tuple(one for one in evidence if skill in one.ratings),
        late=rows.late,
    )
