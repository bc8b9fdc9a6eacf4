"""The first lesson that an arm shapes: the pointer to it, the arm and the count of the exposed, in one write.

Loaded where somebody is exposed, and only then: who reads a lesson that is ready needs none of what this needs.
"""

from datetime import datetime

from attune.actions import choose_arm
from attune.actions.situated import situated
from attune.domain.course import Course
from attune.domain.experiments.choice import Choice
from attune.domain.learner import LearnerSettings
from attune.domain.principal import Principal
from attune.store import learner_changes, learner_course, table
from attune.store.learner_course import Changes
from attune.store.pointers import Pointer


def run(
    principal: Principal,
    course: Course,
    slug: str,
    pointer: Pointer,
    choice: Choice,
    began_with: LearnerSettings,
    now: datetime,
) -> LearnerSettings | None:
    """None, or the learner's settings where they are not those that the request began with: then nothing is written."""
    rows = learner_course.read_all(principal, course.id, None, now)
    if rows.settings != began_with:
        return rows.settings

    def rating() -> float:
        return situated(rows, course, int(now.timestamp() * 1000), now)[1].overall

    arm = choose_arm.exposed(choice, principal, rows.settings, rating, now)
    try:
        learner_changes.write(rows, Changes(arm=arm, pointer=(slug, pointer)), now, seen=True)
    except table.ConditionFailed:
        return rows.settings
    return None
