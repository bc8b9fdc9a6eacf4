"""A candidate as it is shown."""

from attune.domain.recommendations.candidates import Candidate
from attune.domain.recommendations.outline import Outline
from attune.domain.recommendations.recommendation import Reason, Recommendation, expected_gain
from attune.domain.recommendations.situation import Situation

DECIMALS = 6


def shown(
    situation: Situation,
    outline: Outline,
    candidate: Candidate,
    *,
    priority: float,
    reasons: tuple[Reason, ...],
    propensity: float,
    exceeds_time: bool,
) -> Recommendation:
    """A candidate with its priority and reasons, and what its kind has brought so far."""
    piece = candidate.piece
    return Recommendation(
        kind=candidate.kind,
        item=piece.id,
        minutes=piece.minutes,
        difficulty=piece.difficulty,
        skills=piece.skills,
        prerequisites=tuple(dict.fromkeys(need for skill in piece.skills for need in outline.needs.get(skill, ()))),
        priority=priority,
        reasons=reasons,
        p_success=round(candidate.p, DECIMALS),
        propensity=round(propensity, DECIMALS),
        expected=expected_gain(*situation.expectations.get(candidate.kind, (None, 0))),
        exceeds_time=exceeds_time,
    )
