"""Change some answers of an onboarded learner."""

from collections.abc import Mapping
from datetime import datetime

from attune.domain.answers import check
from attune.domain.errors import Invalid, NotFound, PreconditionFailed
from attune.domain.learner import LearnerSettings
from attune.domain.principal import Principal
from attune.store import courses, learner_settings


def run(
    principal: Principal, course_id: str, given: Mapping[str, object], expected: frozenset[int] | None, now: datetime
) -> LearnerSettings:
    """The settings after the change. Raises `Invalid`, `NotFound` before onboarding, `PreconditionFailed`."""
    answers, flaws = check(courses.recent(course_id, now), given, complete=False)
    if flaws:
        # The questionnaire may have been published within the last seconds.
        answers, flaws = check(courses.load_current(course_id, now), given, complete=False)
    if flaws:
        raise Invalid(*flaws)
    if answers:
        return learner_settings.change_answers(principal, course_id, answers, expected, now)
    stored = learner_settings.get(principal, course_id, now)
    if not stored.onboarded:
        raise NotFound("not_onboarded", "The questionnaire has not been answered.")
    if expected is not None and stored.answers_rev not in expected:
        raise PreconditionFailed
    return stored
