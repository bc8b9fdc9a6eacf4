"""Learners as the filter meets them: states that some run of answers leads to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hypothesis import strategies as st

from attune.domain.learning.filter import Update, update
from attune.domain.learning.parameters import START, Parameters
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL, Ability, SkillState

SKILLS = ("loops", "lists", "types")


class Answer(NamedTuple):
    """An answer to an item of an authored difficulty, that may have been estimated since."""

    skills: tuple[str, ...]
    difficulty: int
    score: float
    weight: float = 1.0
    item: str = "unknown"


@dataclass
class Learner:
    """Somebody who answers; `p` is what was expected of the last answer."""

    parameters: Parameters = START
    ability: Ability = NEW_ABILITY
    skills: dict[str, SkillState] = field(default_factory=dict)
    p: float = 0.5

    def states(self, skills: Sequence[str]) -> list[SkillState]:
        return [self.skills.get(skill, NEW_SKILL) for skill in skills]

    def told(self, answer: Answer) -> Update:
        """What the filter would make of an answer."""
        item = self.parameters.item(answer.item, answer.difficulty)
        states = self.states(answer.skills)
        return update(self.parameters, item, answer.skills, self.ability, states, answer.score, answer.weight)

    def answers(self, *answers: Answer) -> "Learner":
        for answer in answers:
            found = self.told(answer)
            self.p, self.ability = found.p, found.ability
            self.skills.update(zip(answer.skills, found.skills, strict=True))
        return self


def one(score: float, difficulty: int = 3, skill: str = "loops") -> Answer:
    """An answer to an item of one skill."""
    return Answer((skill,), difficulty, score)


some_skills = st.lists(st.sampled_from(SKILLS), min_size=1, max_size=3, unique=True).map(tuple)
difficulties = st.integers(1, 5)
scores = st.sampled_from([0.0, 1.0]) | st.floats(0.0, 1.0)
answers = st.builds(Answer, some_skills, difficulties, scores, st.sampled_from([1.0, 2 / 3, 0.5, 0.4]))
learners = st.lists(answers, max_size=40).map(lambda given: Learner().answers(*given))
