"""What all learners share: how easy items are, how skills start and how practice moves them. Read-only on requests.

Everything is in logits (log odds of a right answer) as (mean, variance) of a normal belief.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple


class ItemParameters(NamedTuple):
    """How much easier than the average an item is."""

    easiness: float
    variance: float


class SkillParameters(NamedTuple):
    """How easy a skill is at first, and how much easier with each unit of ln(1 + answers)."""

    intercept: float
    intercept_variance: float
    slope: float
    slope_variance: float


ITEM_VARIANCE: Final = 1.1**2
"""Of an item that nobody has answered."""

DIFFICULTY_STEP: Final = -0.55
"""Logits for each step of an author's difficulty 1..5 away from the middle, 3."""

NEW_ITEM: Final = ItemParameters(0.0, ITEM_VARIANCE)
NEW_SKILL_PARAMETERS: Final = SkillParameters(0.0, 1.0, 0.4, 0.25)


@dataclass(frozen=True, slots=True)
class Parameters:
    """One version of the shared parameters; `items` and `skills` hold only what has been estimated from answers."""

    version: int
    base: float
    base_variance: float
    items: Mapping[str, ItemParameters] = field(default_factory=dict)
    skills: Mapping[str, SkillParameters] = field(default_factory=dict)

    def item(self, item_id: str, difficulty: int | None = None) -> ItemParameters:
        """An item's estimate; before there is one, its author's word."""
        return self.items.get(item_id) or authored(difficulty)

    def skill(self, skill_id: str) -> SkillParameters:
        """A skill's estimate, or what is expected of any skill."""
        return self.skills.get(skill_id, NEW_SKILL_PARAMETERS)

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads."""
        return {
            "version": self.version,
            "base": [self.base, self.base_variance],
            "items": {name: list(item) for name, item in sorted(self.items.items())},
            "skills": {name: list(skill) for name, skill in sorted(self.skills.items())},
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Parameters":
        """What `to_json` wrote."""
        base, base_variance = plain["base"]
        return cls(
            version=plain["version"],
            base=base,
            base_variance=base_variance,
            items={name: ItemParameters(*numbers) for name, numbers in plain["items"].items()},
            skills={name: SkillParameters(*numbers) for name, numbers in plain["skills"].items()},
        )


def authored(difficulty: int | None) -> ItemParameters:
    """What an author's difficulty 1..5 says of an item; without one it is taken for average."""
    return NEW_ITEM if difficulty is None else ItemParameters(DIFFICULTY_STEP * (difficulty - 3), ITEM_VARIANCE)


START: Final = Parameters(version=0, base=0.0, base_variance=0.25)
"""Before any answers."""
