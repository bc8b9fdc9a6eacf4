"""How a layer serves a learner just now: as everybody, or as the arm that they are in, or come into by being served."""

from collections.abc import Callable, Sequence
from datetime import datetime

from attune.domain.course import Course
from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.choice import Choice, Unit, choose
from attune.domain.experiments.definition import GROUP
from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.tally import TENTH, exposure
from attune.domain.learner import LearnerSettings
from attune.domain.persona import language_of
from attune.domain.principal import Principal
from attune.store import experiments, tallies
from attune.store.arms import ArmChange

AS_EVERYBODY = Choice()
NOBODY = Unit("", "", "", "", None, float)
GROUP_NAME = "group"
"""The question, or else the preference of the course's own, that says which group a learner belongs to."""


def run(
    layer: str,
    principal: Principal,
    course: Course,
    settings: LearnerSettings,
    rating: Callable[[], float],
    now: datetime,
    *,
    enrol: bool = True,
    known: Sequence[Experiment] | None = None,
) -> Choice:
    """Nothing is read but what is in memory, and nothing is written. Who switched personalization off is in none.

    `known` are the experiments, where somebody has just read them.
    """
    known = experiments.recent(course.id, now) if known is None else known
    if not known or not settings.personalization:
        return AS_EVERYBODY
    language = language_of(course, settings.answers)
    unit = Unit(principal.learner, principal.kind.value, course.id, language, group_of(settings), rating)
    return choose(layer, known, settings.arms, unit, enrol=enrol)


def stored(layer: str, course: str, settings: LearnerSettings, now: datetime) -> Choice:
    """How a layer serves a learner by what is stored of them alone."""
    known = experiments.recent(course, now)
    if not known or not settings.personalization:
        return AS_EVERYBODY
    return choose(layer, known, settings.arms, NOBODY, enrol=False)


def exposed(
    choice: Choice, principal: Principal, settings: LearnerSettings, rating: Callable[[], float], now: datetime
) -> ArmChange | None:
    """What a first exposure writes; None where it is none."""
    if choice.experiment is None or not choice.is_new:
        return None
    by_group = choice.experiment.definition.unit == GROUP
    row = tallies.cluster(group_of(settings) or "") if by_group else tallies.shard(principal.learner)
    before = round(rating() * TENTH)
    assignment = Assignment(choice.arm, int(now.timestamp() * 1000), before=before, row=row)
    return ArmChange(choice.experiment.id, assignment, exposure(assignment))


def group_of(settings: LearnerSettings) -> str | None:
    """The group that a learner told, if any."""
    told = settings.answers.get(GROUP_NAME) or settings.preferences.get("extras", {}).get(GROUP_NAME)
    return told if isinstance(told, str) else None
