"""The order of the course, for who wants nothing chosen for them: what is open, as the author laid it out.

A lesson comes before its own items. Nothing is scored and nothing left to chance; what was completed or declined, and
what builds on something that is not there yet, stays out as it always does.
"""

from collections.abc import Sequence

from attune.domain.recommendations.candidates import Candidate, Sifted, in_focus
from attune.domain.recommendations.outline import Outline
from attune.domain.recommendations.reasons import priority_of
from attune.domain.recommendations.recommendation import Reason, Recommendation
from attune.domain.recommendations.shown import shown
from attune.domain.recommendations.situation import Request, Situation


def choose(situation: Situation, request: Request, outline: Outline, sifted: Sifted) -> list[Recommendation]:
    """The next of the course that fit into the minutes, else the shortest that is open."""
    pool = sorted(_pool(situation, sifted), key=lambda one: (one.piece.place, not one.piece.is_lesson))
    pool = [candidate for candidate in pool if in_focus(candidate, request)] or pool
    found: list[Candidate] = []
    left = request.minutes
    for candidate in pool:
        if candidate.piece.minutes <= left and len(found) < request.count:
            found.append(candidate)
            left -= candidate.piece.minutes
    long = bool(pool) and not found
    if long:
        found = [min(pool, key=lambda one: one.piece.minutes)]
    return [
        _shown(situation, outline, candidate, place, exceeds_time=long)
        for place, candidate in enumerate(found, start=1)
    ]


def _pool(situation: Situation, sifted: Sifted) -> Sequence[Candidate]:
    """The candidates of the first of these that has any: eligible, answered just now, declined first, nearly open."""
    if sifted.eligible or sifted.resting:
        return sifted.eligible or sifted.resting
    if sifted.declined:
        since = situation.feedback.declined
        return [min(sifted.declined, key=lambda one: since[one.piece.id])]
    if sifted.shut and not sifted.barred:
        nearest = max(share for _, share in sifted.shut)
        return [candidate for candidate, share in sifted.shut if share == nearest]
    return []


def _shown(
    situation: Situation, outline: Outline, candidate: Candidate, place: int, *, exceeds_time: bool
) -> Recommendation:
    priority = priority_of(1.0, float(place))
    return shown(
        situation,
        outline,
        candidate,
        priority=priority,
        reasons=(Reason("course_order", {}, priority),),
        propensity=1.0,
        exceeds_time=exceeds_time,
    )
