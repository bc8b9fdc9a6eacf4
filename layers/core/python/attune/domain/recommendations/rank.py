"""Which of everything a course offers to show now, in which order, and why not the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attune.domain.recommendations import baseline, course_order
from attune.domain.recommendations.candidates import (
    DONE,
    EXCLUDED,
    FOCUS,
    KIND,
    MASTERED,
    NOT_CHOSEN,
    TIME,
    Candidate,
    Sifted,
    in_focus,
    sift,
)
from attune.domain.recommendations.choose import Drawn, draw, first_draw
from attune.domain.recommendations.gate import Gate
from attune.domain.recommendations.outline import outline
from attune.domain.recommendations.parameters import BASELINE, COURSE_ORDER, RankingParameters
from attune.domain.recommendations.reasons import Reasons, priority_of
from attune.domain.recommendations.recommendation import Dropped, Ranked, Recommendation
from attune.domain.recommendations.score import Scored, Scorer
from attune.domain.recommendations.shown import shown
from attune.domain.recommendations.situation import Request, Situation

COURSE_COMPLETE: Final = "course_complete"
NO_CONTENT: Final = "no_content"
EMPTY_REASONS: Final = (COURSE_COMPLETE, NO_CONTENT, EXCLUDED, KIND)


@dataclass(frozen=True, slots=True)
class _Field:
    """What can be drawn. `certain`: nothing is left to chance. `long`: none fits the minutes, this is the shortest.
    `in_order`: it is shown as it stands."""

    scored: Sequence[Scored]
    certain: bool = False
    long: bool = False
    in_order: bool = False


def rank(situation: Situation, request: Request, parameters: RankingParameters, seed: str) -> Ranked:
    """The set for this situation and request: the same for the same seed."""
    view = outline(situation.course)
    gate = Gate(situation, view, parameters)
    sifted = sift(situation, request, view, gate)
    if parameters.algorithm == BASELINE:
        chosen = baseline.choose(situation, request, view, sifted)
        return _ranked(situation, request, sifted, chosen)
    if parameters.algorithm == COURSE_ORDER:
        return _ranked(situation, request, sifted, course_order.choose(situation, request, view, sifted))
    scorer = Scorer(situation, request, view, gate, parameters)
    field = _field(situation, request, sifted, scorer)
    best = max((entry.score for entry in field.scored), default=1.0)
    reasons = Reasons(situation, request, view, scorer)
    chosen = []
    for drawn in _drawn(field, request, parameters, seed):
        candidate, priority = drawn.scored.candidate, priority_of(drawn.scored.score, best)
        chosen.append(
            shown(
                situation,
                view,
                candidate,
                priority=priority,
                reasons=reasons.of(drawn.scored, priority),
                propensity=drawn.propensity,
                exceeds_time=field.long,
            )
        )
    return _ranked(situation, request, sifted, chosen)


def first_draws(situation: Situation, request: Request, parameters: RankingParameters) -> dict[str, float]:
    """The probability of each item and lesson of being drawn first by `rank`; together 1."""
    view = outline(situation.course)
    gate = Gate(situation, view, parameters)
    scorer = Scorer(situation, request, view, gate, parameters)
    field = _field(situation, request, sift(situation, request, view, gate), scorer)
    if field.in_order or field.long:
        return {entry.candidate.piece.id: 1.0 for entry in field.scored[:1]}
    ways = first_draw(field.scored, request, parameters, certain=field.certain)
    return {way.scored.candidate.piece.id: way.propensity for way in ways}


def _field(situation: Situation, request: Request, sifted: Sifted, scorer: Scorer) -> _Field:
    """The candidates of the first of these that has any: eligible, answered just now, declined, shut."""
    if not (sifted.eligible or sifted.resting) and sifted.declined:
        since = situation.feedback.declined
        return _returning(request, scorer, sorted(sifted.declined, key=lambda one: since[one.piece.id]))
    pool = sifted.eligible or sifted.resting
    if not pool and sifted.shut and not sifted.barred:
        # Needs that wait for each other would hold the course up for ever: the nearest to being met goes first.
        nearest = max(share for _, share in sifted.shut)
        pool = [candidate for candidate, share in sifted.shut if share == nearest]
    if fitting := [candidate for candidate in pool if candidate.piece.minutes <= request.minutes]:
        inside = [candidate for candidate in fitting if in_focus(candidate, request)] or fitting
        return _Field(_scored(scorer, inside), certain=scorer.cold)
    pool = [candidate for candidate in pool if in_focus(candidate, request)] or pool
    ranked = sorted(_scored(scorer, pool), key=lambda entry: (entry.candidate.piece.minutes, -entry.plain))
    return _Field(ranked[:1], certain=True, long=True)


def _returning(request: Request, scorer: Scorer, declined: Sequence[Candidate]) -> _Field:
    """The oldest decline first, and after it those that still fit."""
    fitting = [candidate for candidate in declined if candidate.piece.minutes <= request.minutes]
    if not fitting:
        return _Field(_scored(scorer, declined[:1]), certain=True, long=True)
    return _Field(_scored(scorer, fitting), certain=True, in_order=True)


def _scored(scorer: Scorer, candidates: Sequence[Candidate]) -> list[Scored]:
    scorer.order(candidates)
    return [scorer.scored(candidate) for candidate in candidates]


def _drawn(field: _Field, request: Request, parameters: RankingParameters, seed: str) -> list[Drawn]:
    if field.long:
        return [Drawn(entry, 1.0) for entry in field.scored]
    if not field.in_order:
        return draw(field.scored, request, parameters, seed, certain=field.certain)
    found: list[Drawn] = []
    left = request.minutes
    for entry in field.scored:
        if entry.candidate.piece.minutes <= left and len(found) < request.count:
            found.append(Drawn(entry, 1.0))
            left -= entry.candidate.piece.minutes
    return found


def _ranked(situation: Situation, request: Request, sifted: Sifted, chosen: Sequence[Recommendation]) -> Ranked:
    """The set, and the rule that kept out each of the others."""
    names = {one.item for one in chosen}
    left = request.minutes - sum(one.minutes for one in chosen)
    dropped = {name: drop for name, drop in sifted.dropped.items() if name not in names}
    focused = any(name in names for name in (c.piece.id for c in sifted.eligible if in_focus(c, request)))
    for candidate in sifted.eligible:
        piece = candidate.piece
        if piece.id in names:
            continue
        if piece.minutes <= request.minutes and request.focus and focused and not in_focus(candidate, request):
            dropped[piece.id] = Dropped(piece.id, FOCUS)
        elif piece.minutes > request.minutes or (len(chosen) < request.count and piece.minutes > left):
            dropped[piece.id] = Dropped(piece.id, TIME, {"minutes": piece.minutes, "left": max(0, left)})
        else:
            dropped[piece.id] = Dropped(piece.id, NOT_CHOSEN)
    return Ranked(
        recommendations=tuple(chosen),
        dropped=tuple(dropped.values()),
        empty_reason=None if chosen else _empty(sifted),
        due=sum(standing.due for standing in situation.standings.values()),
        exceeds_time=any(one.exceeds_time for one in chosen),
    )


def _empty(sifted: Sifted) -> str:
    """Why nothing can be shown."""
    rules = {drop.rule for drop in sifted.dropped.values()}
    if not rules:
        return NO_CONTENT
    if rules <= {DONE, MASTERED}:
        return COURSE_COMPLETE
    return EXCLUDED if EXCLUDED in rules else KIND
