"""What the model knows of one learner: over all skills, and of each. A fixed handful of numbers, whatever the history.

Means and variances are of normal beliefs in logits. What is lasting is kept apart from form, which passes.
"""

from typing import Final, NamedTuple


class Ability(NamedTuple):
    """A learner over all skills, against the average learner."""

    mean: float
    variance: float
    form: float
    form_variance: float


class SkillState(NamedTuple):
    """A learner in one skill, against what the learner's ability and the skill let expect.

    `count` is the number of answers, each by its weight; `known` the probability that the skill has been learnt,
    by knowledge tracing (measures.py says how mastery combines it with the rest).
    """

    mean: float
    variance: float
    form: float
    form_variance: float
    count: float
    known: float


NEW_ABILITY: Final = Ability(mean=0.0, variance=1.0, form=0.0, form_variance=0.49)
NEW_SKILL: Final = SkillState(mean=0.0, variance=0.49, form=0.0, form_variance=0.36, count=0.0, known=0.3)


def with_prior(skill: SkillState, logits: float) -> SkillState:
    """A skill of which a learner told something: expected higher or lower, and as uncertain as before."""
    return skill._replace(mean=skill.mean + logits)
