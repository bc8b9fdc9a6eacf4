"""All that is measured of a learner in a course: of bounded size, whatever the history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from attune.domain.learning.state import NEW_ABILITY, Ability
from attune.domain.practice.mistakes import MistakeMemory
from attune.domain.practice.skill_record import SkillRecord, expected_by

ITEMS: Final = 100
"""How many items are remembered: those answered last."""


class ItemMemory(NamedTuple):
    """An item's last answer, how often it was answered, and the sum of scores minus expected scores."""

    at: int
    score: float
    attempts: int
    residual: float


class StudyDay(NamedTuple):
    """A day (since 1970) of study: seconds, rating points gained (a mean over the skills of an answer), attempts."""

    day: int
    seconds: float
    gain: float
    attempts: int


@dataclass(frozen=True, slots=True)
class PracticeState:
    """`windows` are the mean residuals of the latest tens of answers; `open_window` is the sum and count of the next.

    `repeats` counts first answers to a skill after a week or more, and how many of them were right. `priors` are what
    the questionnaire said of skills, in logits, when practice began.
    """

    ability: Ability = NEW_ABILITY
    skills: Mapping[str, SkillRecord] = field(default_factory=dict)
    priors: Mapping[str, float] = field(default_factory=dict)
    items: Mapping[str, ItemMemory] = field(default_factory=dict)
    mistakes: Mapping[str, MistakeMemory] = field(default_factory=dict)
    days: tuple[StudyDay, ...] = ()
    windows: tuple[float, ...] = ()
    open_window: tuple[float, int] = (0.0, 0)
    repeats: tuple[int, int] = (0, 0)
    attempts: int = 0
    at: int | None = None

    def record(self, skill: str) -> SkillRecord:
        """What is known of a skill; before practice, what the questionnaire let expect."""
        return self.skills.get(skill) or expected_by(self.priors.get(skill, 0.0))

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads; equal states give equal bytes."""
        return {
            "ability": list(self.ability),
            "skills": {name: self.skills[name].to_json() for name in sorted(self.skills)},
            "priors": {name: self.priors[name] for name in sorted(self.priors)},
            "items": {name: list(self.items[name]) for name in sorted(self.items)},
            "mistakes": {name: self.mistakes[name].to_json() for name in sorted(self.mistakes)},
            "days": [list(day) for day in self.days],
            "windows": list(self.windows),
            "open_window": list(self.open_window),
            "repeats": list(self.repeats),
            "attempts": self.attempts,
            "at": self.at,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "PracticeState":
        """What `to_json` wrote."""
        return cls(
            ability=Ability(*plain["ability"]),
            skills={name: SkillRecord.from_json(row) for name, row in plain["skills"].items()},
            priors=plain["priors"],
            items={name: ItemMemory(*row) for name, row in plain["items"].items()},
            mistakes={name: MistakeMemory.from_json(row) for name, row in plain["mistakes"].items()},
            days=tuple(StudyDay(*day) for day in plain["days"]),
            windows=tuple(plain["windows"]),
            open_window=(plain["open_window"][0], plain["open_window"][1]),
            repeats=(plain["repeats"][0], plain["repeats"][1]),
            attempts=plain["attempts"],
            at=plain["at"],
        )


NOTHING: Final = PracticeState()
"""A learner who has practised nothing and told nothing."""
