"""Preferences as they are sent and answered."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from attune.domain.course import Course
from attune.domain.learner import LearnerSettings
from attune.domain.preferences import complete
from attune.edge.views import Body, Id, PersonalBody, View, partial

Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[int, Field(ge=5, le=1440)]
SessionMinutes = Annotated[int, Field(ge=5, le=240)]
Difficulty = Annotated[int, Field(ge=1, le=5)]
Extras = Annotated[dict[str, Any], Field(max_length=50, description="The course's own preferences.")]


@cache
def _zones() -> frozenset[str]:
    """The zones that are deployed: what else a machine's own database has, as `localtime`, no other need know."""
    # Only who sends a zone asks for it.
    from importlib.resources import files

    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("an IANA time zone name such as Europe/Paris")
    return name


TimeZone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_known_zone)]
Tone = Literal["detailed", "simple", "minimal"]


class LearningStyleBody(Body):
    """Weights that may be sent one by one; together they are at most 1."""

    model_config = ConfigDict(json_schema_extra=partial())

    visual: Share = 0.25
    practical: Share = 0.25
    theoretical: Share = 0.25
    social: Share = 0.25


class PreferencesBody(PersonalBody):
    """Any subset of the preferences: what is left out stays as it is."""

    model_config = ConfigDict(
        json_schema_extra=partial({"time_availability": 45, "session_length": 30, "feedback_style": "simple"})
    )

    learning_style: LearningStyleBody = LearningStyleBody.model_construct()
    learning_goals: Annotated[list[Id], Field(max_length=20)] = []
    preferred_difficulty: Difficulty | None = None
    time_availability: Minutes = 30
    session_length: SessionMinutes = 20
    feedback_style: Tone = "detailed"
    encouragement_level: Share = 0.7
    challenge_level: Share = 0.5
    training_reminders: bool = True
    weekly_reports: bool = True
    achievement_notifications: bool = True
    time_zone: TimeZone = "UTC"
    extras: Extras = {}

    def change(self) -> dict[str, Any]:
        """Only what was sent; goals each once, in the order sent."""
        sent = self.model_dump(exclude_unset=True, exclude={"user_id"})
        if "learning_goals" in sent:
            sent["learning_goals"] = list(dict.fromkeys(sent["learning_goals"]))
        return sent


class LearningStyleView(View):
    visual: float
    practical: float
    theoretical: float
    social: float


class ChosenView(View):
    learning_style: LearningStyleView
    learning_goals: list[str]
    preferred_difficulty: int | None
    time_availability: int
    session_length: int
    feedback_style: Tone
    encouragement_level: float
    challenge_level: float
    training_reminders: bool
    weekly_reports: bool
    achievement_notifications: bool
    time_zone: str
    extras: dict[str, Any]


class PreferencesView(View):
    preferences: ChosenView
    is_default: bool
    rev: int

    @classmethod
    def of(cls, settings: LearnerSettings, course: Course) -> "PreferencesView":
        chosen = ChosenView(**complete(settings.preferences, course))
        return cls(preferences=chosen, is_default=settings.is_default, rev=settings.preferences_rev)
