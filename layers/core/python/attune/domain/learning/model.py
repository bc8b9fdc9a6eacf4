"""The model for one process that learns the shared parameters as it goes: for evaluation and first estimates.

A request reads the shared parameters and leaves learning them to the scheduled estimation; this class does both at
once, with the same formulas (filter.py, estimate.py).
"""

from collections.abc import Sequence
from struct import calcsize
from typing import Final

from attune.domain.learning.estimate import Estimate
from attune.domain.learning.filter import Expectation, absorb, expect, surprise
from attune.domain.learning.parameters import NEW_ITEM, START, Parameters
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL, Ability, SkillState

ABILITY_BYTES: Final = calcsize("<4fI")
SKILL_BYTES: Final = calcsize("<6fBI")
"""Four bytes hold a mean or a variance to seven digits."""


class LearnerModel:
    """Predicts answers and learns from them: `predict`, then `update`, in the order in which they were given.

        model = LearnerModel()
        model.predict("ada", "item-7", ("loops", "lists"), 0.0)  # the probability of a right answer
        model.update("ada", "item-7", ("loops", "lists"), 1, 0.0)

    `frozen` keeps the shared parameters as they are. Times are accepted and not used: forgetting is for scheduling
    (measures.py), it does not make predictions better.
    """

    def __init__(self, parameters: Parameters = START, frozen: bool = False) -> None:
        self._shared = Estimate(parameters)
        self._frozen = frozen
        self._abilities: dict[str, Ability] = {}
        self._skills: dict[str, dict[str, SkillState]] = {}
        # What `predict` found out just now, until anything is learnt.
        self._last: tuple[object, Expectation] | None = None

    def predict(self, user: str, item: str, skills: Sequence[str], ts: float = 0.0) -> float:
        """The expected score of the next answer, 0..1."""
        expectation = self._expect(user, item, skills)
        self._last = (user, item, skills), expectation
        return expectation.p

    def update(self, user: str, item: str, skills: Sequence[str], correct: float, ts: float = 0.0) -> None:
        """Learns from a score 0..1."""
        found, self._last = self._last, None
        expectation = found[1] if found and found[0] == (user, item, skills) else self._expect(user, item, skills)
        told = surprise(expectation, correct)
        self._abilities[user], after = absorb(expectation, correct, told)
        known = self._skills.get(user)
        if known is None:
            known = self._skills[user] = {}
        known.update(zip(skills, after, strict=True))
        if not self._frozen:
            self._shared.learn(expectation, item, told)

    def parameters(self, version: int) -> Parameters:
        """The shared parameters learnt so far."""
        return self._shared.parameters(version)

    def state(self, user: str, skill: str) -> tuple[Ability, SkillState]:
        """What is known of a learner, over all skills and in one."""
        return self._abilities.get(user, NEW_ABILITY), self._skills.get(user, {}).get(skill, NEW_SKILL)

    def user_state_bytes(self, user: str) -> int:
        """How many bytes a learner's state takes, packed."""
        return ABILITY_BYTES + SKILL_BYTES * len(self._skills.get(user, ()))

    def _expect(self, user: str, item: str, skills: Sequence[str]) -> Expectation:
        known = self._skills.get(user, {})
        states = [known.get(skill, NEW_SKILL) for skill in skills]
        parameters = self._shared.items.get(item, NEW_ITEM)
        return expect(self._shared, parameters, skills, self._abilities.get(user, NEW_ABILITY), states)
