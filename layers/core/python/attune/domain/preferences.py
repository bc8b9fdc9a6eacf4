"""What a learner prefers: the same for every course, but for `extras`, whose schema is the course's."""

from collections.abc import Mapping
from typing import Any

from attune.domain.course import Course
from attune.domain.errors import Flaw
from attune.domain.schema import check as check_schema
from attune.domain.schema import defaults as schema_defaults

DEFAULTS: Mapping[str, Any] = {
    "learning_style": {"visual": 0.25, "practical": 0.25, "theoretical": 0.25, "social": 0.25},
    "learning_goals": [],
    "preferred_difficulty": None,
    "time_availability": 30,
    "session_length": 20,
    "feedback_style": "detailed",
    "encouragement_level": 0.7,
    "challenge_level": 0.5,
    "training_reminders": True,
    "weekly_reports": True,
    "achievement_notifications": True,
    "time_zone": "UTC",
    "extras": {},
}
STYLE_TOLERANCE = 1e-6
"""Four thirds-and-quarters written in decimals may add up to a little more than 1."""


def complete(stored: Mapping[str, Any], course: Course) -> dict[str, Any]:
    """Stored choices over the defaults, those of the course's own preferences included."""
    merged = {**DEFAULTS, **stored}
    merged["learning_style"] = {**DEFAULTS["learning_style"], **stored.get("learning_style", {})}
    merged["extras"] = {**schema_defaults(course.preferences), **stored.get("extras", {})}
    return merged


def flaws_of_change(change: Mapping[str, Any], course: Course) -> list[Flaw]:
    """What is wrong with a change whatever is stored: goals and extras of the course."""
    found = []
    goals = {goal.id for goal in course.goals} | {skill.id for skill in course.skills}
    for place, goal in enumerate(change.get("learning_goals", ())):
        if goal not in goals:
            found.append(Flaw(f"/learning_goals/{place}", "Not a goal of this course.", "not_offered"))
    if "extras" in change:
        found.extend(check_schema(course.preferences, change["extras"], "/extras"))
    return found


def flaws_of_whole(whole: Mapping[str, Any]) -> list[Flaw]:
    """What is wrong with preferences taken together."""
    found = []
    if sum(whole["learning_style"].values()) > 1 + STYLE_TOLERANCE:
        found.append(Flaw("/learning_style", "The four weights add up to more than 1.", "sum_above_one"))
    if whole["session_length"] > whole["time_availability"]:
        found.append(SESSION_TOO_LONG)
    return found


SESSION_TOO_LONG = Flaw("/session_length", "A session is no longer than the time of a day.", "above_time_availability")
