"""Shared parameters while they are being learnt, answer by answer, by the filter that also learns the learners."""

from collections.abc import Sequence
from typing import Final

from attune.domain.learning.filter import Expectation
from attune.domain.learning.parameters import NEW_SKILL_PARAMETERS, Belief, ItemParameters, Parameters, SkillParameters

LEAST: Final = 0.25
MOST: Final = 3.0
"""Bounds of a discrimination: below nothing, better learners would do worse."""


class Estimate:
    """Starts where `parameters` are, and satisfies `filter.Shared`."""

    def __init__(self, parameters: Parameters) -> None:
        self.base = parameters.base
        self.base_variance = parameters.base_variance
        self.items = dict(parameters.items)
        self._situations = {name: dict(skill.situations) for name, skill in parameters.skills.items()}
        self.skills = {
            name: skill._replace(situations=self._situations[name]) for name, skill in parameters.skills.items()
        }
        self.situations = dict(parameters.situations)

    def skill(self, skill_id: str) -> SkillParameters:
        """A skill's estimate, or what is expected of any skill."""
        return self.skills.get(skill_id, NEW_SKILL_PARAMETERS)

    def learn(
        self,
        expectation: Expectation,
        item_id: str,
        item: ItemParameters,
        skill_ids: Sequence[str],
        score: float,
        weight: float = 1.0,
    ) -> None:
        """Moves everything that the answer had to do with. `item` is what the expectation was made with."""
        r, h = expectation.innovation(score)
        r, h = weight * r, weight * h
        variance = self.base_variance
        self.base += variance * r
        self.base_variance = variance - variance * variance * h
        easiness, variance, discrimination, doubt = item
        level, share = expectation.level, expectation.share
        discrimination += level * doubt * r
        self.items[item_id] = ItemParameters(
            easiness + variance * r,
            variance - variance * variance * h,
            LEAST if discrimination < LEAST else MOST if discrimination > MOST else discrimination,
            doubt - level * level * doubt * doubt * h,
        )
        r, h = share * r, share * share * h
        for skill_id, part in zip(skill_ids, expectation.parts, strict=True):
            intercept, variance, slope, doubt, _ = part.shared
            practice, situations = part.practice, self._situations.setdefault(skill_id, {})
            slope += practice * doubt * r
            self.skills[skill_id] = SkillParameters(
                intercept + variance * r,
                variance - variance * variance * h,
                slope if slope > 0.0 else 0.0,
                doubt - practice * practice * doubt * doubt * h,
                situations,
            )
            mean, variance = part.own
            situations[part.situation] = Belief(mean + variance * r, variance - variance * variance * h)
            mean, variance = self.situations.get(part.situation, part.common)
            self.situations[part.situation] = Belief(mean + variance * r, variance - variance * variance * h)

    def parameters(self, version: int) -> Parameters:
        """What has been learnt so far, as a version."""
        skills = {name: skill._replace(situations=dict(skill.situations)) for name, skill in self.skills.items()}
        return Parameters(version, self.base, self.base_variance, dict(self.items), skills, dict(self.situations))
