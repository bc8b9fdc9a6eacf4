"""What a recommendation brought, measured from the evidence since it was made; nobody is asked.

Whoever records practice has the evidence, and notes with every open recommendation what it shows so far. So whoever
closes one needs no evidence.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from attune.domain.practice.session import Session
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import Effect, Offer

if TYPE_CHECKING:
    from attune.domain.practice.fold import Evidence

NO_PRACTICE = "no_practice_since"
NO_SKILL = "no_skill"


def measure(offer: Offer, evidence: Iterable["Evidence"], credited: Mapping[str, int]) -> Effect:
    """The change of the first skill it trains that was practised since.

    `credited` says up to when (ms) a skill's answers were counted for an earlier recommendation: none counts twice.
    """
    found = list(evidence)
    for skill in offer.recommendation.skills:
        since = _since(offer, skill, credited)
        ratings = [one.ratings[skill] for one in found if skill in one.ratings and one.attempt.at >= since]
        if ratings:
            return _effect(offer, skill, ratings[0][0], ratings[-1][1])
    return _none(offer)


def so_far(offer: Offer, ledger: Ledger) -> Effect:
    """The same of an open recommendation, as the ledger has followed it."""
    for skill in offer.recommendation.skills:
        if skill in offer.before and ledger.practised is not None:
            return _effect(offer, skill, offer.before[skill], ledger.practised[skill][0])
    return _none(offer)


def follow(ledger: Ledger, evidence: Iterable["Evidence"]) -> Ledger:
    """With what the evidence shows so far of every recommendation that is open."""
    at: dict[str, list[int]] = {}
    ratings: dict[str, list[tuple[float, float]]] = {}
    for one in evidence:
        for skill, change in one.ratings.items():
            at.setdefault(skill, []).append(one.attempt.at)
            ratings.setdefault(skill, []).append(change)

    def noted(offer: Offer) -> Offer:
        if not offer.expires:
            return offer
        before = {}
        for skill in offer.recommendation.skills:
            first = bisect_left(at.get(skill, ()), _since(offer, skill, ledger.credited))
            if first < len(at.get(skill, ())):
                before[skill] = ratings[skill][first][0]
        return replace(offer, before=before)

    followed = ledger.with_each(noted)
    skills = sorted({skill for offer in followed.offers() for skill in offer.before})
    return replace(followed, practised={skill: (ratings[skill][-1][1], at[skill][-1]) for skill in skills})


def follows(session: Session, offer: Offer) -> bool:
    """Whether a session did what was recommended: since it was made, and on its item, lesson or skills."""
    about = offer.recommendation
    return any(
        one.at >= offer.made_at
        and (one.item == about.item or session.subject == about.item or not set(one.skills).isdisjoint(about.skills))
        for one in session.attempts.values()
    )


def credit(ledger: Ledger, offer: Offer, evidence: Iterable["Evidence"]) -> Ledger:
    """With all answers so far in the skill that a recommendation was measured by counted as its effect."""
    skill = _measured(offer)
    last = [one.attempt.at for one in evidence if skill in one.ratings]
    return ledger if skill is None or not last else _credited(ledger, skill, last[-1])


def credit_so_far(ledger: Ledger, offer: Offer) -> Ledger:
    """The same, of what the ledger has followed."""
    skill, practised = _measured(offer), ledger.practised or {}
    return ledger if skill is None or skill not in practised else _credited(ledger, skill, practised[skill][1])


def _credited(ledger: Ledger, skill: str, until: int) -> Ledger:
    """What was counted is no longer before anything that may still be counted."""

    def without(offer: Offer) -> Offer:
        if skill not in offer.before:
            return offer
        return replace(offer, before={name: value for name, value in offer.before.items() if name != skill})

    practised = {name: entry for name, entry in (ledger.practised or {}).items() if name != skill}
    counted = replace(ledger, credited={**ledger.credited, skill: until})
    return counted if ledger.practised is None else replace(counted.with_each(without), practised=practised)


def _since(offer: Offer, skill: str, credited: Mapping[str, int]) -> int:
    return max(offer.made_at, credited.get(skill, -1) + 1)


def _measured(offer: Offer) -> str | None:
    return offer.effect.skill if offer.effect is not None and offer.effect.observed is not None else None


def _effect(offer: Offer, skill: str, before: float, after: float) -> Effect:
    return Effect(skill, before, after, after - before, offer.recommendation.expected.points)


def _none(offer: Offer) -> Effect:
    skills, expected = offer.recommendation.skills, offer.recommendation.expected.points
    return (
        Effect(skills[0], expected=expected, cause=NO_PRACTICE)
        if skills
        else Effect(None, expected=expected, cause=NO_SKILL)
    )
