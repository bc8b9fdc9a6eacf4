"""A diagonal Kalman filter on a logistic model: predicts an answer, then learns from it, in time linear in its skills.

The log odds of a right answer are a sum of named parts, so every prediction can be explained by them:

    eta = base + easiness + ability + form + mean over skills of (level + form + intercept + slope ln(1 + count))
"""

from collections.abc import Sequence
from math import exp, log, pi, sqrt
from typing import Final, NamedTuple

from attune.domain.learning.parameters import ItemParameters, Parameters
from attune.domain.learning.state import Ability, SkillState

HINT_STEP: Final = 0.5
MAX_LOGITS: Final = 30.0

_KEEP, _FORM = 0.87, 0.49
_SKILL_KEEP, _SKILL_FORM = 0.5, 0.36
_ABILITY_DRIFT, _SKILL_DRIFT = 0.001, 0.005
_LEARN, _GUESS, _SLIP = 0.15, 0.3, 0.12


class Update(NamedTuple):
    """What was expected of an answer before it was seen, and the learner's state after it."""

    p: float
    ability: Ability
    skills: tuple[SkillState, ...]


def hint_weight(hints_used: int) -> float:
    """How much an answer counts that was given after hints: 1, 2/3, 1/2, 2/5, ..."""
    return 1.0 / (1.0 + HINT_STEP * max(0, hints_used))


def predict(
    parameters: Parameters,
    item: ItemParameters,
    skill_ids: Sequence[str],
    ability: Ability,
    skills: Sequence[SkillState],
) -> float:
    """The expected score of the next answer, 0..1. `skills` are the states of `skill_ids`, in their order."""
    eta, spread = _expected(parameters, item, skill_ids, ability, skills)
    return _moderated(eta, spread)


def update(
    parameters: Parameters,
    item: ItemParameters,
    skill_ids: Sequence[str],
    ability: Ability,
    skills: Sequence[SkillState],
    score: float,
    weight: float = 1.0,
) -> Update:
    """Learns from a score 0..1; `weight`, 0..1, is the share of the way that the state moves. `parameters` stay as they are."""
    eta, spread = _expected(parameters, item, skill_ids, ability, skills)
    p = _moderated(eta, spread)
    curvature = weight * p * (1.0 - p)
    gain = 1.0 / (1.0 + spread * curvature)
    residual, shrink = weight * (score - p) * gain, curvature * gain
    share = 1.0 / len(skill_ids) if skill_ids else 0.0
    form, form_variance = _drifted(ability.form, ability.form_variance, _KEEP, _FORM)
    variance = ability.variance + _ABILITY_DRIFT
    after = Ability(
        ability.mean + variance * residual,
        variance - variance * variance * shrink,
        form + form_variance * residual,
        form_variance - form_variance * form_variance * shrink,
    )
    return Update(p, after, tuple(_learned(skill, share, residual, shrink, score, weight) for skill in skills))


def _expected(
    parameters: Parameters,
    item: ItemParameters,
    skill_ids: Sequence[str],
    ability: Ability,
    skills: Sequence[SkillState],
) -> tuple[float, float]:
    """The log odds of a right answer and their variance."""
    form, form_variance = _drifted(ability.form, ability.form_variance, _KEEP, _FORM)
    eta = parameters.base + item.easiness + ability.mean + form
    spread = parameters.base_variance + item.variance + ability.variance + _ABILITY_DRIFT + form_variance
    share = 1.0 / len(skill_ids) if skill_ids else 0.0
    for skill_id, skill in zip(skill_ids, skills, strict=True):
        known = parameters.skill(skill_id)
        practice = log(1.0 + skill.count)
        form, form_variance = _drifted(skill.form, skill.form_variance, _SKILL_KEEP, _SKILL_FORM)
        eta += share * (skill.mean + form + known.intercept + known.slope * practice)
        spread += (
            share
            * share
            * (
                skill.variance
                + _SKILL_DRIFT
                + form_variance
                + known.intercept_variance
                + practice * practice * known.slope_variance
            )
        )
    return eta, spread


def _drifted(form: float, variance: float, keep: float, stationary: float) -> tuple[float, float]:
    """Form one answer later: what remains of it, and the variance of what has come in its place."""
    return keep * form, keep * keep * variance + (1.0 - keep * keep) * stationary


def _learned(
    skill: SkillState, share: float, residual: float, shrink: float, score: float, weight: float
) -> SkillState:
    form, form_variance = _drifted(skill.form, skill.form_variance, _SKILL_KEEP, _SKILL_FORM)
    variance = skill.variance + _SKILL_DRIFT
    return SkillState(
        skill.mean + share * variance * residual,
        variance - (share * variance) ** 2 * shrink,
        form + share * form_variance * residual,
        form_variance - (share * form_variance) ** 2 * shrink,
        skill.count + weight,
        _traced(skill.known, score, weight),
    )


def _traced(known: float, score: float, weight: float) -> float:
    """The posterior of knowledge tracing; a score between 0 and 1 mixes both answers, a weight both with none."""
    right = known * (1.0 - _SLIP)
    right /= right + (1.0 - known) * _GUESS
    wrong = known * _SLIP
    wrong /= wrong + (1.0 - known) * (1.0 - _GUESS)
    told = score * right + (1.0 - score) * wrong
    return known + weight * (told + (1.0 - told) * _LEARN - known)


def _moderated(eta: float, spread: float) -> float:
    """The mean of the logistic function over a normal belief (MacKay's approximation)."""
    x = eta / sqrt(1.0 + pi * spread / 8.0)
    return 1.0 / (1.0 + exp(-max(-MAX_LOGITS, min(MAX_LOGITS, x))))
