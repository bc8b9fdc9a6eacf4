"""Answer the questionnaire: checked against the course, stored in one write."""

from collections.abc import Mapping
from datetime import datetime

from attune.domain.answers import check
from attune.domain.errors import Invalid
from attune.domain.learner import LearnerSettings
from attune.domain.principal import Principal
from attune.store import courses, learner_settings


def run(principal: Principal, course_id: str, given: Mapping[str, object], now: datetime) -> LearnerSettings:
    """The settings with these answers. Raises `Invalid` with all that is missing or wrong, and stores nothing then."""
    answers, flaws = check(courses.load_current(course_id, now), given, complete=True)
    if flaws:
        raise Invalid(*flaws)
    return learner_settings.submit_answers(principal, course_id, answers, now)
