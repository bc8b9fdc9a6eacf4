"""What a request asks of recommendations, and what is filled in from what is stored; the request beats the store."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from attune.domain.course import Course
from attune.domain.hashing import exact
from attune.domain.learner import LearnerSettings
from attune.domain.preferences import complete
from attune.domain.recommendations.parameters import COURSE_ORDER
from attune.domain.recommendations.situation import Request

COUNT: Final = 5
REQUEST: Final = "request"
PREFERENCES: Final = "preferences"
ANSWERS: Final = "answers"
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Asked:
    """The request's own words; None where it says nothing. Minutes for `time_available`."""

    count: int | None = None
    time_available: int | None = None
    difficulty: int | None = None
    focus_areas: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    goals: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None

    @property
    def context(self) -> str:
        """A digest of it: equal words, in whatever order, share a set."""
        said = {name: getattr(self, name) for name in Asked.__slots__}
        return exact({name: sorted(v) if isinstance(v, tuple) else v for name, v in said.items() if v is not None})[:16]

    def context_of(self, settings: LearnerSettings) -> str:
        """The same for a learner: with personalization off a set stands beside the one before, which comes back."""
        return self.context if settings.personalization else exact([self.context, COURSE_ORDER])[:16]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the ranking is asked for, and where each part of it comes from: {name: (value, source)}."""

    request: Request
    context: Mapping[str, tuple[Any, str]]


def resolve(asked: Asked, settings: LearnerSettings, course: Course) -> Resolved:
    """The request with everything filled in that it left open."""
    if not settings.personalization:
        # The order is the course's: of what was chosen only the minutes count, since they are a limit.
        own = {name: value for name, value in settings.preferences.items() if name == "time_availability"}
        asked, settings = replace(asked, difficulty=None, goals=None), replace(settings, answers={}, preferences=own)
    preferences = complete(settings.preferences, course)
    chosen = {name: PREFERENCES if name in settings.preferences else DEFAULT for name in preferences}
    aims = tuple(preferences["learning_goals"]) or None
    context: dict[str, tuple[Any, str]] = {
        "count": _first((asked.count, REQUEST), (COUNT, DEFAULT)),
        "time_available": _first(
            (asked.time_available, REQUEST), (preferences["time_availability"], chosen["time_availability"])
        ),
        "difficulty": _first(
            (asked.difficulty, REQUEST), (preferences["preferred_difficulty"], chosen["preferred_difficulty"])
        ),
        "focus_areas": _first((asked.focus_areas, REQUEST), ((), DEFAULT)),
        "exclude": _first((asked.exclude, REQUEST), ((), DEFAULT)),
        "goals": _first(
            (asked.goals, REQUEST), (aims, PREFERENCES), (told_goals(course, settings), ANSWERS), ((), DEFAULT)
        ),
        "kinds": _first((asked.kinds, REQUEST), ((), DEFAULT)),
    }
    value = {name: entry[0] for name, entry in context.items()}
    request = Request(
        count=value["count"],
        minutes=value["time_available"],
        difficulty=value["difficulty"],
        difficulty_asked=asked.difficulty is not None,
        focus=frozenset(value["focus_areas"]),
        exclude=frozenset(value["exclude"]),
        goals=tuple(value["goals"]),
        kinds=frozenset(value["kinds"]),
    )
    return Resolved(request, context)


def told_goals(course: Course, settings: LearnerSettings) -> tuple[str, ...] | None:
    """The answers to the questionnaire that are goals of the course; None if there are none."""
    known = {goal.id for goal in course.goals}
    given = (answer for answer in settings.answers.values() if isinstance(answer, list | tuple))
    return tuple(value for values in given for value in values if value in known) or None


def _first(*choices: tuple[Any, str]) -> tuple[Any, str]:
    """The first that says something, else the last."""
    return next((choice for choice in choices if choice[0] is not None), choices[-1])
