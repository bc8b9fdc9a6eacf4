"""From a learner's rows to their situation at a moment: what ranking and planning are told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from attune.domain.course import Course
from attune.domain.instants import DAY_MS
from attune.domain.learner import LearnerSettings
from attune.domain.practice.priors import begun
from attune.domain.practice.profile import Profile, profile
from attune.domain.preferences import DEFAULTS
from attune.domain.recommendations.situate import situate
from attune.domain.recommendations.situation import Situation
from attune.store import parameters
from attune.store.learner_course import Rows


def situated(rows: Rows, course: Course, at: int, now: datetime) -> tuple[Situation, Profile]:
    """The situation and the profile at `at` (ms)."""
    practice = begun(rows.practice, course, rows.settings.answers)
    in_force = parameters.recent(course.id, now).at(practice.gist.at or at)
    seen = profile(course, in_force, practice, at)
    return situate(course, in_force, rows.settings, practice, seen, rows.ledger, at, rows.progress), seen


def shift(settings: LearnerSettings, now: datetime) -> int:
    """How far (ms) the clock where the learner lives is ahead of UTC at a moment."""
    zone = ZoneInfo(settings.preferences.get("time_zone", DEFAULTS["time_zone"]))
    return (now.astimezone(zone).utcoffset() or timedelta(0)) // timedelta(milliseconds=1)


def local_day(settings: LearnerSettings, at: int) -> int:
    """The day (since 1970) that a moment (ms) has where the learner lives."""
    return (at + shift(settings, datetime.fromtimestamp(at / 1000, UTC))) // DAY_MS
