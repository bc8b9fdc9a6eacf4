"""What a learner says of a skill against the measured estimate: weak evidence, laid over it and taken away at will."""

from dataclasses import dataclass
from typing import Any, Final

from attune.domain.learning import filter as model
from attune.domain.learning.parameters import NEW_ITEM, Parameters
from attune.domain.learning.state import Ability, SkillState

LEVELS: Final = {"beginner": 0.0, "intermediate": 0.5, "advanced": 0.85, "expert": 1.0}
"""The score that each level stands for on an average item."""
WEIGHT: Final = 0.5
"""A claim moves a skill as half an answer would."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`at` in ms since 1970."""

    level: str
    note: str | None
    at: int

    def to_json(self) -> list[Any]:
        return [self.level, self.note, self.at]


def claimed(
    parameters: Parameters, skill_id: str, ability: Ability, state: SkillState, claim: Claim | None
) -> SkillState:
    """The state of a skill with a claim laid over it; the number of answers stays what it is."""
    if claim is None:
        return state
    told = model.update(parameters, NEW_ITEM, (skill_id,), ability, (state,), LEVELS[claim.level], WEIGHT)
    return told.skills[0]._replace(count=state.count)
