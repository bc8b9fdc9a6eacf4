"""What a recommendation brought, measured from the evidence since it was made; nobody is asked."""

from collections.abc import Iterable

from attune.domain.practice.fold import Evidence
from attune.domain.recommendations.offer import Effect, Offer

NO_PRACTICE = "no_practice_since"
NO_SKILL = "no_skill"


def measure(offer: Offer, evidence: Iterable[Evidence], session: str | None = None) -> Effect:
    """The change of the first skill it trains that was practised since, or in the session that followed it."""
    skills, expected = offer.recommendation.skills, offer.recommendation.expected.points
    if not skills:
        return Effect(None, expected=expected, cause=NO_SKILL)
    since = [one for one in evidence if one.attempt.at >= offer.made_at or one.attempt.session == session]
    for skill in skills:
        ratings = [one.ratings[skill] for one in since if skill in one.ratings]
        if ratings:
            before, after = ratings[0][0], ratings[-1][1]
            return Effect(skill, before, after, after - before, expected)
    return Effect(skills[0], expected=expected, cause=NO_PRACTICE)
