"""Change some of what a learner prefers: in one write where the change can be judged by itself, else after a read."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from attune.domain.course import Course
from attune.domain.errors import Invalid, PreconditionFailed, Unavailable
from attune.domain.learner import LearnerSettings
from attune.domain.preferences import DEFAULTS, complete, flaws_of_change, flaws_of_whole
from attune.domain.principal import Principal
from attune.store import learner_settings
from attune.store.learner_settings import TRIES, Limit


def run(
    principal: Principal, course: Course, change: Mapping[str, Any], expected: frozenset[int] | None, now: datetime
) -> LearnerSettings:
    """The settings after the change. Raises `Invalid` for the change or the whole, `PreconditionFailed`."""
    if flaws := flaws_of_change(change, course):
        raise Invalid(*flaws)
    style = change.get("learning_style")
    if not any(change[name] != {} for name in change):
        return _as_it_is(principal, course, expected, now)
    if style is not None and len(style) < len(DEFAULTS["learning_style"]):
        return _merged(principal, course, change, expected, now)
    return _whole(principal, course, change, expected, now)


def _merged(
    principal: Principal, course: Course, change: Mapping[str, Any], expected: frozenset[int] | None, now: datetime
) -> LearnerSettings:
    """A change of some weights of the style: what the others are is read first, and must still be so on writing."""
    for _ in range(TRIES):
        was = learner_settings.get(principal, course.id, now, consistent=True)
        if expected is not None and was.preferences_rev not in expected:
            raise PreconditionFailed
        style = {**complete(was.preferences, course)["learning_style"], **change["learning_style"]}
        with suppress(PreconditionFailed):
            seen = frozenset({was.preferences_rev})
            return _whole(principal, course, {**change, "learning_style": style}, seen, now)
    raise Unavailable("store_busy")


def _whole(
    principal: Principal, course: Course, change: Mapping[str, Any], expected: frozenset[int] | None, now: datetime
) -> LearnerSettings:
    """A change that can be judged by itself, but for what stays as it is."""
    by_itself = {**DEFAULTS, **change}
    if not {"session_length", "time_availability"} <= set(change):
        by_itself["session_length"] = 0
    if wrong := flaws_of_whole(by_itself):
        raise Invalid(*wrong)

    def verify(whole: LearnerSettings) -> None:
        if wrong := flaws_of_whole(complete(whole.preferences, course)):
            raise Invalid(*wrong)

    return learner_settings.change_preferences(principal, course.id, change, _limits(change), expected, now, verify)


def _as_it_is(principal: Principal, course: Course, expected: frozenset[int] | None, now: datetime) -> LearnerSettings:
    was = learner_settings.get(principal, course.id, now)
    if expected is not None and was.preferences_rev not in expected:
        raise PreconditionFailed
    return was


def _limits(change: Mapping[str, Any]) -> list[Limit]:
    """What must hold of the stored half of `session_length <= time_availability` when only the other half changes."""
    if "session_length" in change and "time_availability" not in change:
        return [Limit("time_availability", DEFAULTS["time_availability"], at_least=change["session_length"])]
    if "time_availability" in change and "session_length" not in change:
        return [Limit("session_length", DEFAULTS["session_length"], at_most=change["time_availability"])]
    return []
