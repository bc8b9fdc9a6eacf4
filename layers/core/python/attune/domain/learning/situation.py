"""The situation in which a skill is answered: which of its last three answers were right, and whether the learner
comes back to it from another skill.

What a situation is worth is learnt from everybody's answers and starts at nothing. It makes up for habits of a course
that no learner's state can hold, such as exercises that end after three right answers in a row: who gets that
skill again is being tested on it later.

`recent` is a number in binary: a leading one, then a digit for each answer, the newest last and right as 1.
So 1 is no answer, 0b10 a wrong one, and 0b1011 wrong, right, right.
"""

from typing import Final

from attune.domain.learning.state import Ability, SkillState

RIGHT_FROM: Final = 0.5
"""Scores from here on are taken for right."""
COUNTS_OVER: Final = 0.5
"""Evidence that weighs no more than this is not taken for an answer."""

_LEADING: Final = 0b1000
_RETURNED: Final = 0b10000


def situation(ability: Ability, skill: SkillState) -> int:
    """The number of the situation that the next answer in a skill is given in, 1..31."""
    return skill.recent if skill.last == ability.answers else skill.recent | _RETURNED


def followed(recent: int, score: float) -> int:
    """`recent` after one more answer."""
    longer = recent << 1 | (score >= RIGHT_FROM)
    return longer if longer < 2 * _LEADING else longer & (_LEADING - 1) | _LEADING
