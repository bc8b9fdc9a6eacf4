"""Recommendations as they were made to a learner, without a ranking."""

from typing import Any, Final

from attune.domain.practice.attempt import Attempt
from attune.domain.practice.fold import Evidence
from attune.domain.recommendations.ledger import Ledger, OfferSet
from attune.domain.recommendations.offer import Effect, Offer
from attune.domain.recommendations.offer_ids import offer_id, set_id
from attune.domain.recommendations.recommendation import Reason, Recommendation, expected_gain

MADE: Final = 1_900_000_000_000
HOUR, DAY = 3_600_000, 86_400_000
LEARNER, COURSE = "g.550e8400-e29b-41d4-a716-446655440000", "small"
REASONS = (Reason("mastery", {"skill": "one", "mastery": 0.31}, 0.6), Reason("difficulty_fit", {"p": 71}, 0.4))
NOTHING = Effect(None)


def a_recommendation(item: str = "q1", kind: str = "practise", **more: Any) -> Recommendation:
    fields = {
        "minutes": 2,
        "difficulty": 3,
        "skills": ("one",),
        "prerequisites": (),
        "priority": 1.0,
        "reasons": REASONS,
        "p_success": 0.7123,
        "propensity": 0.31,
        "expected": expected_gain(None, 0),
        **more,
    }
    return Recommendation(kind=kind, item=item, **fields)


def an_offer(rank: int = 1, at: int = MADE, **more: Any) -> Offer:
    """The offer at a rank of the set that was made at a moment; `more` is of the recommendation."""
    return Offer(offer_id(set_id(LEARNER, COURSE, at), rank), a_recommendation(**{"item": f"q{rank}", **more}))


def a_set(at: int = MADE, context: str = "", offers: int = 5, **more: Any) -> OfferSet:
    id_ = set_id(LEARNER, COURSE, at)
    made = tuple(an_offer(rank, at, **more) for rank in range(1, offers + 1))
    summary = {"overall_rating": 1012.5, "strongest_skill": "one", "weakest_skill": None, "main_weakness": None}
    return OfferSet(id_, context, (1, 2, 3, 4, 5, True), at, made, 0, None, summary)


def a_ledger(*offers: Offer) -> Ledger:
    """A ledger with one set of these offers, or of five."""
    made = a_set()
    return Ledger().with_set(made if not offers else OfferSet(made.id, "", made.basis, MADE, offers, 0, None, {}))


def evidence(at: int, session: str = "s", **ratings: tuple[float, float]) -> Evidence:
    """What one answer said: the ratings before and after by skill."""
    attempt = Attempt(session, str(at), "q1", at, 1.0, tuple(ratings), 3)
    return Evidence(attempt, 0.5, 0, ratings)
