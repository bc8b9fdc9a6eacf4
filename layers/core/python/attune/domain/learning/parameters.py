"""What all learners share: how easy items are, how skills start and what practice does. Read-only on requests.

Everything is in logits (log odds of a right answer), as the mean and variance of a normal belief. The priors were
chosen by cross-validation over the students of ASSISTments 2009, ASSISTments 2015 and Statics 2011 together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple


class Belief(NamedTuple):
    """A number that is not known exactly."""

    mean: float
    variance: float


class ItemParameters(NamedTuple):
    """How much easier than the average an item is, and how strongly it tells learners apart: 1 is as usual."""

    easiness: float
    variance: float
    discrimination: float = 1.0
    discrimination_variance: float = 0.2


NEW_SITUATION: Final = Belief(0.0, 0.07)
NEW_SKILL_SITUATION: Final = Belief(0.0, 0.1)


class SkillParameters(NamedTuple):
    """How easy a skill is at first, what each unit of ln(1 + answers) adds (never less than nothing), and by how much
    a situation (situation.py) differs in it from what that situation means in any skill."""

    intercept: float
    intercept_variance: float
    slope: float
    slope_variance: float
    situations: Mapping[int, Belief] = MappingProxyType({})


DIFFICULTY_STEP: Final = -0.55
"""Logits for each step of an author's difficulty 1..5 away from the middle, 3."""

NEW_ITEM: Final = ItemParameters(easiness=0.0, variance=1.5)
NEW_SKILL_PARAMETERS: Final = SkillParameters(intercept=0.0, intercept_variance=1.0, slope=0.4, slope_variance=0.025)


@dataclass(frozen=True, slots=True)
class Parameters:
    """One version of the shared parameters; the maps hold only what has been estimated from answers."""

    version: int
    base: float
    base_variance: float
    items: Mapping[str, ItemParameters] = field(default_factory=dict)
    skills: Mapping[str, SkillParameters] = field(default_factory=dict)
    situations: Mapping[int, Belief] = field(default_factory=dict)

    def item(self, item_id: str, difficulty: int | None = None) -> ItemParameters:
        """An item's estimate; before there is one, its author's word."""
        return self.items.get(item_id) or authored(difficulty)

    def skill(self, skill_id: str) -> SkillParameters:
        """A skill's estimate, or what is expected of any skill."""
        return self.skills.get(skill_id, NEW_SKILL_PARAMETERS)

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads; the same parameters give the same text."""
        return {
            "version": self.version,
            "base": [self.base, self.base_variance],
            "items": {name: list(item) for name, item in sorted(self.items.items())},
            "skills": {
                name: {"practice": list(skill[:4]), "situations": _plain(skill.situations)}
                for name, skill in sorted(self.skills.items())
            },
            "situations": _plain(self.situations),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Parameters":
        """What `to_json` wrote."""
        base, base_variance = plain["base"]
        return cls(
            version=int(plain["version"]),
            base=float(base),
            base_variance=float(base_variance),
            items={name: ItemParameters(*map(float, numbers)) for name, numbers in plain["items"].items()},
            skills={name: _skill(skill["practice"], skill["situations"]) for name, skill in plain["skills"].items()},
            situations=_beliefs(plain["situations"]),
        )


def authored(difficulty: int | None) -> ItemParameters:
    """What an author's difficulty 1..5 says of an item; without one it is taken for average."""
    return NEW_ITEM if difficulty is None else NEW_ITEM._replace(easiness=DIFFICULTY_STEP * (difficulty - 3))


def _skill(practice: Sequence[float], situations: Mapping[str, Any]) -> SkillParameters:
    intercept, intercept_variance, slope, slope_variance = map(float, practice)
    return SkillParameters(intercept, intercept_variance, slope, slope_variance, _beliefs(situations))


def _plain(beliefs: Mapping[int, Belief]) -> dict[str, list[float]]:
    return {str(key): list(belief) for key, belief in sorted(beliefs.items())}


def _beliefs(plain: Mapping[str, Any]) -> dict[int, Belief]:
    return {int(key): Belief(*map(float, numbers)) for key, numbers in plain.items()}


START: Final = Parameters(version=0, base=0.0, base_variance=0.25)
"""Before any answers."""
