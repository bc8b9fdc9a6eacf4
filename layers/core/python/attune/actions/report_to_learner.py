"""A learner's week, made when it is asked for; nothing for who switched reports or personalization off."""

from datetime import date, datetime

from attune.actions import read_skill
from attune.domain.course import Course
from attune.domain.learner import LearnerSettings
from attune.domain.practice.replay import record
from attune.domain.preferences import complete
from attune.domain.principal import Principal
from attune.domain.recommendations.asked import Asked
from attune.domain.reports.learner_week import LearnerWeek, learner_week
from attune.store import keys, learner_course, parameters


def run(principal: Principal, course: Course, first: date, now: datetime) -> tuple[LearnerWeek | None, LearnerSettings]:
    """The week that begins on a Monday: one round trip, whatever the history."""
    made = (keys.settings, keys.profile, keys.recommendations, keys.log)
    wanted = [make(principal.learner, course.id) for make in made]
    rows = learner_course.read_rows(principal, course.id, wanted, now, consistent=False)
    settings = rows.settings
    if not settings.personalization or not complete(settings.preferences, course)["weekly_reports"]:
        return None, settings
    seen = read_skill.seen(rows, course, now)
    moment = int(now.timestamp() * 1000)
    _, state = record(rows.log, (), parameters.recent(course.id, now).at)
    found = learner_week(course, state, seen, rows.ledger, Asked().context, first, moment)
    return found, settings
