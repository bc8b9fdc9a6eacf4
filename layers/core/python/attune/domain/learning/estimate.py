"""Shared parameters while they are being learnt, answer by answer, by the filter that also learns the learners."""

from typing import Final

from attune.domain.learning.filter import Expectation, Surprise
from attune.domain.learning.parameters import Belief, ItemParameters, Parameters, SkillParameters
from attune.domain.made import made

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

    def learn(self, expectation: Expectation, item_id: str, surprise: Surprise, weight: float = 1.0) -> None:
        """Moves everything that the answer had to do with."""
        r, h = surprise
        r, h = weight * r, weight * h
        variance = self.base_variance
        self.base += variance * r
        self.base_variance = variance - variance * variance * h
        _, _, share, level, _, _, item, _, parts = expectation
        easiness, variance, discrimination, doubt = item
        discrimination += level * doubt * r
        self.items[item_id] = made(
            ItemParameters,
            (
                easiness + variance * r,
                variance - variance * variance * h,
                LEAST if discrimination < LEAST else MOST if discrimination > MOST else discrimination,
                doubt - level * level * doubt * doubt * h,
            ),
        )
        r, h = share * r, share * share * h
        common = self.situations
        for skill_id, _, shared, practice, here, common_before, own, _, _ in parts:
            intercept, variance, slope, doubt, _ = shared
            situations = self._situations.get(skill_id)
            if situations is None:
                situations = self._situations[skill_id] = {}
            slope += practice * doubt * r
            self.skills[skill_id] = made(
                SkillParameters,
                (
                    intercept + variance * r,
                    variance - variance * variance * h,
                    slope if slope > 0.0 else 0.0,
                    doubt - practice * practice * doubt * doubt * h,
                    situations,
                ),
            )
            mean, variance = own
            situations[here] = made(Belief, (mean + variance * r, variance - variance * variance * h))
            # Another skill of the same answer may have moved it already.
            mean, variance = common.get(here, common_before)
            common[here] = made(Belief, (mean + variance * r, variance - variance * variance * h))

    def parameters(self, version: int) -> Parameters:
        """What has been learnt so far, as a version."""
        skills = {name: skill._replace(situations=dict(skill.situations)) for name, skill in self.skills.items()}
        return Parameters(version, self.base, self.base_variance, dict(self.items), skills, dict(self.situations))
