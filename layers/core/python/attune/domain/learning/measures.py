"""What is shown of a learner's state: mastery, rating with its interval, confidence, and when to practise again."""

from math import erf, exp, log, log2, sqrt
from typing import Final

from attune.domain.learning.parameters import Parameters
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL, Ability, SkillState

MAX_LOGITS: Final = 30.0
POINTS: Final = 400.0 / log(10.0)
"""Rating points in a logit, as in chess: 400 points are odds of ten to one."""
CENTRE: Final = 1000.0
"""The rating of an average learner in an average skill of the course."""
HIGHEST: Final = 2000.0
LONGEST_HALF_LIFE: Final = 180.0
DUE_BELOW: Final = 0.9
"""Recall under which a skill is due."""
IDLE_HALF_LIFE: Final = 90.0
"""Days without practice after which confidence is half of what it was."""

NOVICE: Final = "novice"
DEVELOPING: Final = "developing"
PROFICIENT: Final = "proficient"
MASTERED: Final = "mastered"
_LEVELS: Final = ((0.3, NOVICE), (0.6, DEVELOPING), (0.85, PROFICIENT))

_MASTERED_LOGIT: Final = log(0.82 / 0.18)
"""An expected score of .82 is half the way to mastery."""
_MASTERY_VARIANCE: Final = 0.15
_QUANTILE: Final = 1.959964
"""Of the standard normal distribution at 97.5 %."""


def expected_score(parameters: Parameters, skill_id: str, ability: Ability, skill: SkillState) -> float:
    """The share of average items of a skill that the learner would get right, apart from form; 0..1."""
    return 1.0 / (1.0 + exp(-_bounded(parameters.base + _logits(parameters, skill_id, ability, skill))))


def mastery(parameters: Parameters, skill_id: str, ability: Ability, skill: SkillState) -> float:
    """How surely a skill may be built upon, 0..1: half from the expected score, half from knowledge tracing.

    The second half makes up for the first where even somebody who knows the skill slips often.
    """
    eta = parameters.base + _logits(parameters, skill_id, ability, skill)
    z = (eta - _MASTERED_LOGIT) / sqrt(ability.variance + skill.variance + _MASTERY_VARIANCE)
    return 0.25 * (1.0 + erf(z / sqrt(2.0))) + 0.5 * skill.known


def level(mastery: float) -> str:
    """The name of a mastery: novice < .3, developing < .6, proficient < .85, mastered."""
    return next((name for below, name in _LEVELS if mastery < below), MASTERED)


def rating(parameters: Parameters, skill_id: str, ability: Ability, skill: SkillState) -> float:
    """0..2000 points, 1000 for an average learner new to an average skill."""
    return _points(_logits(parameters, skill_id, ability, skill))


def interval(parameters: Parameters, skill_id: str, ability: Ability, skill: SkillState) -> tuple[float, float]:
    """The ratings between which the true one lies with 95 % probability."""
    middle = _logits(parameters, skill_id, ability, skill)
    half = _QUANTILE * sqrt(ability.variance + skill.variance)
    return _points(middle - half), _points(middle + half)


def confidence(skill: SkillState, ability: Ability, idle_days: float = 0.0) -> float:
    """How much is known of a learner in a skill, 0..1: the part of the first doubt that is gone, fading when idle."""
    left = sqrt((ability.variance + skill.variance) / (NEW_ABILITY.variance + NEW_SKILL.variance))
    return float(max(0.0, min(1.0, 1.0 - left)) * 2.0 ** (-max(0.0, idle_days) / IDLE_HALF_LIFE))


def half_life(successes: int) -> float:
    """Days after which half is forgotten: 1, doubled by each success, at most 180."""
    return min(LONGEST_HALF_LIFE, 2.0 ** min(max(0, successes), 10))


def recall(successes: int, days_since: float) -> float:
    """The probability that a skill is still recalled that many days after the last success."""
    return float(2.0 ** (-max(0.0, days_since) / half_life(successes)))


def due_in_days(successes: int) -> float:
    """Days after the last success until recall falls under .9."""
    return half_life(successes) * log2(1.0 / DUE_BELOW)


def _logits(parameters: Parameters, skill_id: str, ability: Ability, skill: SkillState) -> float:
    """What lasts of a learner in a skill, in logits."""
    shared = parameters.skill(skill_id)
    return ability.mean + skill.mean + shared.intercept + shared.slope * log(1.0 + skill.count)


def _points(logits: float) -> float:
    return max(0.0, min(HIGHEST, CENTRE + POINTS * logits))


def _bounded(logits: float) -> float:
    return max(-MAX_LOGITS, min(MAX_LOGITS, logits))
