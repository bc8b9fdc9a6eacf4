"""What a recommendation brought, measured from the evidence since it was made; nobody is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from attune.domain.practice.fold import Evidence
from attune.domain.practice.session import Session
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import Effect, Offer

NO_PRACTICE = "no_practice_since"
NO_SKILL = "no_skill"


def measure(offer: Offer, evidence: Iterable[Evidence], credited: Mapping[str, int]) -> Effect:
    """The change of the first skill it trains that was practised since.

    `credited` says up to when (ms) a skill's answers were counted for an earlier recommendation: none counts twice.
    """
    skills, expected = offer.recommendation.skills, offer.recommendation.expected.points
    if not skills:
        return Effect(None, expected=expected, cause=NO_SKILL)
    found = list(evidence)
    for skill in skills:
        since = max(offer.made_at, credited.get(skill, -1) + 1)
        ratings = [one.ratings[skill] for one in found if skill in one.ratings and one.attempt.at >= since]
        if ratings:
            before, after = ratings[0][0], ratings[-1][1]
            return Effect(skill, before, after, after - before, expected)
    return Effect(skills[0], expected=expected, cause=NO_PRACTICE)


def follows(session: Session, offer: Offer) -> bool:
    """Whether a session did what was recommended: since it was made, and on its item, lesson or skills."""
    about = offer.recommendation
    return any(
        one.at >= offer.made_at
        and (one.item == about.item or session.subject == about.item or not set(one.skills).isdisjoint(about.skills))
        for one in session.attempts.values()
    )


def credit(ledger: Ledger, offer: Offer, evidence: Iterable[Evidence]) -> Ledger:
    """With all answers so far in the skill that a recommendation was measured by counted as its effect."""
    if offer.effect is None or offer.effect.observed is None or offer.effect.skill is None:
        return ledger
    last = [one.attempt.at for one in evidence if offer.effect.skill in one.ratings]
    return replace(ledger, credited={**ledger.credited, offer.effect.skill: last[-1]}) if last else ledger
