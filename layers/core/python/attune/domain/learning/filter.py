"""A diagonal Kalman filter on a logistic model: predicts an answer, then learns from it, in time linear in its skills.

The log odds of a right answer are a sum of named parts, each a normal belief, so that a prediction can be explained:

    eta = base + easiness + discrimination (ability + form)
        + mean over the item's skills of
              (level + form + intercept + slope ln(1 + count) + situation + situation in this skill)

    S = sum of (d eta / d part)^2 variance of the part,    p = 1 / (1 + exp(-eta / sqrt(1 + pi S / 8)))

which is the mean of the logistic function over that belief (MacKay 1992). After the answer y each part moves by

    mean += loading * variance * r,    variance -= loading^2 variance^2 h,    a = p(1-p), r = (y-p)/(1+Sa), h = a/(1+Sa)

An item with several skills is one answer: its skills share the loading.
"""

from collections.abc import Mapping, Sequence
from math import copysign, exp, log, pi, sqrt
from typing import Final, NamedTuple, Protocol

from attune.domain.learning.parameters import (
    NEW_SITUATION,
    NEW_SKILL_PARAMETERS,
    NEW_SKILL_SITUATION,
    Belief,
    ItemParameters,
    SkillParameters,
)
from attune.domain.learning.situation import COUNTS_OVER, followed, situation
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL, Ability, SkillState, within
from attune.domain.learning.tracing import traced
from attune.domain.made import made

HINT_STEP: Final = 0.5
MAX_LOGITS: Final = 30.0
"""Beyond it, nothing can be told from certainty in a float."""

# With each answer ability and levels may have changed a little, form goes back towards nothing.
_ABILITY_DRIFT: Final = 0.001
_LEVEL_DRIFT: Final = 0.0005
_KEEP: Final = 0.9
_SKILL_KEEP: Final = 0.4
_KEPT: Final = _KEEP * _KEEP
_SKILL_KEPT: Final = _SKILL_KEEP * _SKILL_KEEP
_FRESH: Final = (1.0 - _KEEP**2) * NEW_ABILITY.form_variance
_SKILL_FRESH: Final = (1.0 - _SKILL_KEEP**2) * NEW_SKILL.form_variance
_MACKAY: Final = pi / 8.0


class Shared(Protocol):
    """Shared parameters, whether those of a version or those that are being estimated."""

    @property
    def base(self) -> float: ...
    @property
    def base_variance(self) -> float: ...
    @property
    def situations(self) -> Mapping[int, Belief]: ...
    @property
    def skills(self) -> Mapping[str, SkillParameters]: ...


class SkillPart(NamedTuple):
    """What one skill of an item brings to an expectation; `form` has drifted up to this answer."""

    skill_id: str
    state: SkillState
    shared: SkillParameters
    practice: float
    situation: int
    common: Belief
    own: Belief
    form: float
    form_variance: float


class Expectation(NamedTuple):
    """What is expected of an answer, and the parts that it was made of: all that learning from the answer asks for."""

    p: float
    spread: float
    share: float
    level: float
    form: float
    form_variance: float
    item: ItemParameters
    ability: Ability
    parts: tuple[SkillPart, ...]


class Surprise(NamedTuple):
    """`r` and `h` above: how far a score moves a belief of variance one, and how much surer it makes it."""

    r: float
    h: float


class Update(NamedTuple):
    """What was expected of an answer before it was seen, and the learner's state after it."""

    p: float
    ability: Ability
    skills: tuple[SkillState, ...]


def hint_weight(hints_used: int) -> float:
    """How much an answer counts that was given after hints: 1, 2/3, 1/2, 2/5, ... of one without."""
    return 1.0 / (1.0 + HINT_STEP * max(0, hints_used))


def predict(
    parameters: Shared,
    item: ItemParameters,
    skill_ids: Sequence[str],
    ability: Ability,
    skills: Sequence[SkillState],
) -> float:
    """The expected score of the next answer, 0..1. `skills` are the states of `skill_ids`, in their order."""
    return expect(parameters, item, skill_ids, ability, skills).p


def update(
    parameters: Shared,
    item: ItemParameters,
    skill_ids: Sequence[str],
    ability: Ability,
    skills: Sequence[SkillState],
    score: float,
    weight: float = 1.0,
) -> Update:
    """Learns from a score 0..1; the state goes the share `weight` of the way that an answer without help moves it.

    The shared parameters stay as they are. Evidence of at most half a weight leaves the situation alone.
    """
    expectation = expect(parameters, item, skill_ids, ability, skills)
    after, learned = absorb(expectation, score, surprise(expectation, score))
    if weight < 1.0:
        after = _partly(ability, after, weight)
        learned = tuple(_skill_partly(old, new, weight) for old, new in zip(skills, learned, strict=True))
    return Update(expectation.p, after, learned)


def expect(
    shared: Shared,
    item: ItemParameters,
    skill_ids: Sequence[str],
    ability: Ability,
    skills: Sequence[SkillState],
) -> Expectation:
    """What is expected of the next answer."""
    easiness, item_variance, discrimination, discrimination_variance = item
    mean, variance, form, form_variance, _ = ability
    form = _KEEP * form
    form_variance = _KEPT * form_variance + _FRESH
    level = mean + form
    eta = shared.base + easiness + discrimination * level
    spread = (
        shared.base_variance
        + item_variance
        + level * level * discrimination_variance
        + discrimination * discrimination * (variance + _ABILITY_DRIFT + form_variance)
    )
    share = 1.0 / len(skill_ids) if skill_ids else 0.0
    square = share * share
    parts = []
    for skill_id, state in zip(skill_ids, skills, strict=True):
        parameters = shared.skills.get(skill_id, NEW_SKILL_PARAMETERS)
        intercept, intercept_variance, slope, slope_variance, situations = parameters
        mean, variance, skill_form, skill_form_variance, count, _, _, _ = state
        practice = log(1.0 + count)
        here = situation(ability, state)
        common = shared.situations.get(here, NEW_SITUATION)
        own = situations.get(here, NEW_SKILL_SITUATION)
        common_mean, common_variance = common
        own_mean, own_variance = own
        skill_form = _SKILL_KEEP * skill_form
        skill_form_variance = _SKILL_KEPT * skill_form_variance + _SKILL_FRESH
        eta += share * (mean + skill_form + intercept + slope * practice + common_mean + own_mean)
        spread += square * (
            variance
            + _LEVEL_DRIFT
            + skill_form_variance
            + intercept_variance
            + practice * practice * slope_variance
            + common_variance
            + own_variance
        )
        parts.append(
            made(
                SkillPart,
                (skill_id, state, parameters, practice, here, common, own, skill_form, skill_form_variance),
            )
        )
    logits = eta / sqrt(1.0 + _MACKAY * spread)
    if not -MAX_LOGITS < logits < MAX_LOGITS:
        logits = copysign(MAX_LOGITS, logits)
    p = 1.0 / (1.0 + exp(-logits))
    return made(Expectation, (p, spread, share, level, form, form_variance, item, ability, tuple(parts)))


def surprise(expectation: Expectation, score: float) -> Surprise:
    """How much there is to be learnt from an answer."""
    p = expectation.p
    curvature = p * (1.0 - p)
    gain = 1.0 / (1.0 + expectation.spread * curvature)
    return made(Surprise, ((score - p) * gain, curvature * gain))


def absorb(expectation: Expectation, score: float, surprise: Surprise) -> tuple[Ability, tuple[SkillState, ...]]:
    """The learner's state after an answer of which `expectation` was had."""
    r, h = surprise
    _, _, share, _, form, form_variance, item, ability, parts = expectation
    load = item.discrimination
    mean, before, _, _, answers = ability
    variance, square, answers = before + _ABILITY_DRIFT, load * load * h, answers + 1
    less = variance - square * variance * variance
    after = made(
        Ability,
        (
            within(mean + load * variance * r),
            # An answer may teach nothing, but nobody is known worse for it.
            less if less < before else before,
            form + load * form_variance * r,
            form_variance - square * form_variance * form_variance,
            answers,
        ),
    )
    square = share * share * h
    learned = []
    for part in parts:
        form, form_variance = part.form, part.form_variance
        mean, before, _, _, count, known, recent, _ = part.state
        variance = before + _LEVEL_DRIFT
        less = variance - square * variance * variance
        learned.append(
            made(
                SkillState,
                (
                    within(mean + share * variance * r),
                    less if less < before else before,
                    form + share * form_variance * r,
                    form_variance - square * form_variance * form_variance,
                    count + 1.0,
                    traced(known, score),
                    followed(recent, score),
                    answers,
                ),
            )
        )
    return after, tuple(learned)


def _partly(old: Ability, new: Ability, weight: float) -> Ability:
    mean, variance, form, form_variance = (a + weight * (b - a) for a, b in zip(old[:4], new[:4], strict=True))
    return Ability(mean, variance, form, form_variance, (new if weight > COUNTS_OVER else old).answers)


def _skill_partly(old: SkillState, new: SkillState, weight: float) -> SkillState:
    mean, variance, form, form_variance, count, known = (
        a + weight * (b - a) for a, b in zip(old[:6], new[:6], strict=True)
    )
    seen = new if weight > COUNTS_OVER else old
    return SkillState(mean, variance, form, form_variance, count, known, seen.recent, seen.last)
