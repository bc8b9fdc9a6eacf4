"""A learner as known to Attune: who exists since when, and what was told and chosen for a course."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from attune.domain.answers import Answers
from attune.domain.experiments.assignments import Assignments


@dataclass(frozen=True, slots=True)
class User:
    """A learner as created; an account that has written nothing yet has no times."""

    id: str
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class LearnerSettings:
    """`preferences` holds only what was chosen; the revisions count real changes.

    `arms` are those of experiments that the learner was exposed to, or left.
    """

    answers: Answers = field(default_factory=dict)
    answers_rev: int = 0
    onboarded_at: str | None = None
    answered_at: str | None = None
    preferences: Mapping[str, Any] = field(default_factory=dict)
    preferences_rev: int = 0
    personalization: bool = True
    regenerated_at: str | None = None
    updated_at: str | None = None
    arms: Assignments = field(default_factory=dict)
    arms_rev: int = 0

    @property
    def onboarded(self) -> bool:
        return self.onboarded_at is not None

    @property
    def is_default(self) -> bool:
        """Whether no preference was ever chosen, or all were reset."""
        return set(self.preferences) <= {"extras"} and not self.preferences.get("extras")


NONE: Final = LearnerSettings()
"""A learner who has told and chosen nothing."""
