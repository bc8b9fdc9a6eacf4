"""What the model knows of one learner: over all skills, and of each. A fixed handful of numbers, whatever the history.

Means and variances are of normal beliefs in logits. What lasts is kept apart from form, which passes.
"""

from math import copysign
from typing import Final, NamedTuple

FARTHEST: Final = 5.0
"""Logits from the average that a lasting mean stays within: nobody gets so far ahead that a change goes unseen."""


class Ability(NamedTuple):
    """A learner over all skills, against the average learner; `answers` is how many answers there were."""

    mean: float
    variance: float
    form: float
    form_variance: float
    answers: int


class SkillState(NamedTuple):
    """A learner in one skill, against what the learner's ability and the skill let expect.

    `count` is the number of answers, each by its weight (it hides `tuple.count`, which nobody asks of a state);
    `known` is the probability that the skill has been learnt (tracing.py); `recent` are the last three answers and
    `last` is the number of the last one (situation.py).
    """

    mean: float
    variance: float
    form: float
    form_variance: float
    count: float  # type: ignore[assignment]
    known: float
    recent: int
    last: int


NEW_ABILITY: Final = Ability(mean=0.0, variance=1.0, form=0.0, form_variance=0.45, answers=0)
NEW_SKILL: Final = SkillState(
    mean=0.0, variance=0.36, form=0.0, form_variance=0.5, count=0.0, known=0.3, recent=1, last=0
)


def with_prior(skill: SkillState, logits: float) -> SkillState:
    """A skill of which a learner told something: expected higher or lower, and as uncertain as before.

    What has been learnt for certain is left to answers: `known` stays.
    """
    return skill._replace(mean=within(skill.mean + logits))


def within(mean: float) -> float:
    """A lasting mean, not farther out than it may be."""
    return mean if -FARTHEST < mean < FARTHEST else copysign(FARTHEST, mean)
