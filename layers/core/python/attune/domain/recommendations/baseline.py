"""The formula of an earlier training system, kept as it was to be compared with.

It is a product of ad-hoc factors over two lists: items mapped to the learner's mistakes, and items of skills that are
rated low or little known. What differs from the original, each time so that it can be served at all:

- an item stands once, with the best of its scores (it stood once for every list that named it);
- prerequisites, declines and exclusions hold, and a skill of which nothing can be shown takes none of the four places;
- the request beats what is stored, and ties stay in the order of the course;
- a learner without a profile is not given an invented one: no rating, no weakness;
- a category of mistakes maps to the course's items of kind scenario, or to all of its items where it has none; the same
  holds for skills;
- where its filters leave nothing, the shortest item that is open is shown; the original answered with nothing.

As in the original the minutes filter each item by itself (up to 1.2 times what is free), never the set; minutes and
difficulty are adjusted for these filters only and shown as the author gave them; lessons are never recommended.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import log
from typing import Final, NamedTuple

from attune.domain.recommendations.candidates import Candidate, Sifted, in_focus
from attune.domain.recommendations.outline import Outline
from attune.domain.recommendations.reasons import Told, priority_of, split
from attune.domain.recommendations.recommendation import Recommendation
from attune.domain.recommendations.shown import shown
from attune.domain.recommendations.situation import Request, Situation

SCENARIO: Final = "scenario"
OVERALL: Final = 1000.0
"""The overall rating of somebody who has none."""


class _Offer(NamedTuple):
    candidate: Candidate
    told: Told
    difficulty: float
    minutes: float
    gain: int
    priority: float


class _Score(NamedTuple):
    offer: _Offer
    style: float
    velocity: float
    time: float
    gain: float

    @property
    def value(self) -> float:
        return self.offer.priority * self.style * self.velocity * self.time * self.gain


def choose(situation: Situation, request: Request, outline: Outline, sifted: Sifted) -> list[Recommendation]:
    """The set of the earlier formula; nothing is left to chance."""
    open_ = {one.piece.id: one for one in (*sifted.eligible, *sifted.resting) if not one.piece.is_lesson}
    offers = [offer for offer in _offers(situation, open_) if _passes(offer, request)]
    best: dict[str, _Score] = {}
    for offer in offers:
        score = _scored(situation, request, offer)
        item = offer.candidate.piece.id
        if item not in best or score.value > best[item].value:
            best[item] = score
    ranked = sorted(best.values(), key=lambda score: -score.value)[: request.count]
    if not ranked:
        return _fallback(situation, request, outline, sifted)
    first = ranked[0].value or 1.0
    found = []
    for score in ranked:
        priority = priority_of(score.value, first)
        found.append(
            shown(
                situation,
                outline,
                score.offer.candidate,
                priority=priority,
                reasons=split(priority, list(_parts(situation, request, score))),
                propensity=1.0,
                exceeds_time=score.offer.candidate.piece.minutes > request.minutes,
            )
        )
    return found


def _offers(situation: Situation, open_: Mapping[str, Candidate]) -> Iterator[_Offer]:
    course, standings = situation.course, situation.standings
    mapped = {mistake.id: mistake.items for mistake in course.mistakes}
    for weakness in list(situation.weaknesses)[:3]:
        share = weakness.frequency * weakness.severity
        for candidate in _scenarios(situation, open_, mapped.get(weakness.category, ())):
            piece = candidate.piece
            ratings = [standings[skill].rating for skill in piece.skills]
            mean = sum(ratings) / len(ratings) if ratings else OVERALL
            yield _Offer(
                candidate,
                ("weakness", {"category": weakness.category, "n": weakness.n}),
                max(1.0, min(5.0, piece.difficulty - weakness.severity + 1.0)),
                piece.minutes + 10.0 * weakness.severity,
                round(50.0 * share * max(0.5, min(2.0, 2000.0 / max(1.0, mean)))),
                share,
            )
    for skill in _weak(situation, open_):
        standing = standings[skill]
        level = standing.rating / 2000.0
        items = [item.id for item in course.items if skill in item.skills]
        for candidate in _scenarios(situation, open_, items):
            piece = candidate.piece
            yield _Offer(
                candidate,
                ("low_rating", {"skill": skill, "rating": round(standing.rating)}),
                piece.difficulty + (-1 if level < 0.3 else 1 if level > 0.7 else 0),
                piece.minutes,
                round(max(0.0, 1500.0 - standing.rating) * 0.1 * max(1.0, 2.0 - standing.confidence)),
                (1.0 - level) * (1.0 - standing.confidence),
            )


def _weak(situation: Situation, open_: Mapping[str, Candidate]) -> list[str]:
    """The four lowest of the skills that are rated low or little known."""
    overall = OVERALL if situation.overall is None else situation.overall
    shown_skills = {skill for candidate in open_.values() for skill in candidate.piece.skills}
    low = [
        skill.id
        for skill in situation.course.skills
        if skill.id in shown_skills
        and (situation.standings[skill.id].rating < 0.9 * overall or situation.standings[skill.id].confidence < 0.7)
    ]
    return sorted(low, key=lambda skill: situation.standings[skill].rating)[:4]


def _scenarios(situation: Situation, open_: Mapping[str, Candidate], items: Sequence[str]) -> list[Candidate]:
    known = situation.course.items_by_id
    scenarios = [item for item in items if item in known and known[item].kind == SCENARIO]
    return [open_[item] for item in scenarios or items if item in open_]


def _passes(offer: _Offer, request: Request) -> bool:
    return (
        offer.minutes <= 1.2 * request.minutes
        and (request.difficulty is None or abs(offer.difficulty - request.difficulty) <= 1.0)
        and in_focus(offer.candidate, request)
    )


def _scored(situation: Situation, request: Request, offer: _Offer) -> _Score:
    preferred = {name for name, weight in situation.style.items() if weight > 0.3}
    style = 1.0
    if preferred:
        formats = offer.candidate.piece.formats
        share = sum(name in preferred for name in formats) / len(formats) if formats else 0.0
        style = max(0.7, 0.7 + 0.6 * share)
    fast = (situation.learning_velocity or 0.0) > 15.0
    filled = offer.minutes / request.minutes
    return _Score(
        offer, style, 1.2 if fast else 0.8, 1.3 if 0.8 < filled < 1.2 else 1.0, 1.4 if offer.gain > 20 else 1.0
    )


def _parts(situation: Situation, request: Request, score: _Score) -> Iterator[tuple[Told, float]]:
    """The factors over the least that each can be; what the lists say counts as a doubling."""
    offer = score.offer
    yield offer.told, log(2.0)
    if score.style > 0.7 and any(weight > 0.3 for weight in situation.style.values()):
        style = situation.style
        formats = offer.candidate.piece.formats
        yield ("format", {"format": max(formats, key=lambda name: style.get(name, 0.0))}), log(score.style / 0.7)
    if score.velocity > 1.0:
        yield ("fast_learner", {"velocity": round(situation.learning_velocity or 0.0, 1)}), log(score.velocity / 0.8)
    if score.time > 1.0:
        yield ("fills_the_time", {"minutes": offer.candidate.piece.minutes, "free": request.minutes}), log(score.time)
    if score.gain > 1.0:
        yield ("large_gain", {}), log(score.gain)


def _fallback(situation: Situation, request: Request, outline: Outline, sifted: Sifted) -> list[Recommendation]:
    """The shortest that is open, so that a course that is not finished always goes on."""
    pool = sifted.eligible or sifted.resting or sifted.declined or [candidate for candidate, _ in sifted.shut]
    pool = [candidate for candidate in pool if in_focus(candidate, request)] or pool
    if not pool or (not (sifted.eligible or sifted.resting or sifted.declined) and sifted.barred):
        return []
    candidate = min(pool, key=lambda one: one.piece.minutes)
    parts: list[tuple[Told, float]] = [(("shortest", {"minutes": candidate.piece.minutes}), 1.0)]
    return [
        shown(
            situation,
            outline,
            candidate,
            priority=1.0,
            reasons=split(1.0, parts),
            propensity=1.0,
            exceeds_time=candidate.piece.minutes > request.minutes,
        )
    ]
