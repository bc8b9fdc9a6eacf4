"""What could be recommended, as which kind; and of everything else the one rule that keeps it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from attune.domain.recommendations.gate import COMPLETED, Gate
from attune.domain.recommendations.outline import Outline, Piece
from attune.domain.recommendations.recommendation import ASSESS, LEARN, PRACTISE, RESUME, RETRY, REVIEW, Dropped
from attune.domain.recommendations.situation import DAY, Request, Situation, Standing

EXCLUDED: Final = "excluded_by_request"
KIND: Final = "kind"
PREREQUISITE: Final = "prerequisite"
DECLINED: Final = "declined"
FOCUS: Final = "focus"
TIME: Final = "time"
MASTERED: Final = "mastered"
DONE: Final = "completed"
NOT_CHOSEN: Final = "not_chosen"
RECENTLY_DONE: Final = "recently_done"
RULES: Final = (EXCLUDED, DONE, MASTERED, KIND, PREREQUISITE, DECLINED, RECENTLY_DONE, FOCUS, TIME, NOT_CHOSEN)
"""Every rule, in the order in which they are asked: the first that applies is the one that is told."""

FINISHED: Final = 0.85
"""Mastery from which practice has no more to give: the level called mastered."""
WRONG: Final = 0.6
"""A score below it counts as a wrong answer."""
PAUSE: Final = 600.0
"""Seconds after an answer in which its item is not asked again."""
DECLINED_FOR: Final = 7 * DAY
SEEN_FOR: Final = 90 * DAY
"""How long somebody is believed who says to have seen an item."""
KNOWN_RATING: Final = 1190.0
"""A rating with which three of four average items are answered right: worth a check where it is only supposed."""
FEW: Final = 2
"""Answers below which a skill counts as not checked."""
FORGOTTEN: Final = 0.25
"""Recall under which a skill counts as once known, however well."""
STARTED: Final = "started"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece that could be shown, as one kind, with its expected score."""

    piece: Piece
    kind: str
    p: float


@dataclass(slots=True)
class Sifted:
    """Candidates that no rule keeps out; those that are out only for a while, which come back where nothing else is
    left; those that are shut; and all that is dropped for good."""

    eligible: list[Candidate] = field(default_factory=list)
    resting: list[Candidate] = field(default_factory=list)
    declined: list[Candidate] = field(default_factory=list)
    shut: list[tuple[Candidate, float]] = field(default_factory=list)
    dropped: dict[str, Dropped] = field(default_factory=dict)

    @property
    def barred(self) -> bool:
        """Whether the request itself keeps something out."""
        return any(drop.rule in (EXCLUDED, KIND) for drop in self.dropped.values())


def sift(situation: Situation, request: Request, outline: Outline, gate: Gate) -> Sifted:
    """Everything that the course offers, sorted by what may be done with it."""
    found = Sifted()
    trained = trained_by(situation)
    chances = _chances(situation, outline)
    for piece in outline.pieces:
        if piece.id in request.exclude or not request.exclude.isdisjoint(piece.skills):
            found.dropped[piece.id] = Dropped(piece.id, EXCLUDED)
            continue
        kind = _kind(situation, piece, gate)
        if kind is None:
            rule = DONE if piece.is_lesson and situation.lessons.get(piece.id) == COMPLETED else MASTERED
            found.dropped[piece.id] = Dropped(piece.id, rule)
        elif request.kinds and kind not in request.kinds:
            found.dropped[piece.id] = Dropped(piece.id, KIND, {"kind": kind})
        else:
            _place(found, situation, Candidate(piece, kind, chances[piece.id]), gate, trained)
    return found


def in_focus(candidate: Candidate, request: Request) -> bool:
    """Whether a candidate, its lesson or one of its skills is in focus; without a focus everything is."""
    piece = candidate.piece
    return (
        not request.focus
        or piece.id in request.focus
        or piece.lesson in request.focus
        or not request.focus.isdisjoint(piece.skills)
    )


def trained_by(situation: Situation) -> dict[str, list[str]]:
    """By item, the categories of mistakes of this learner that it trains against."""
    made = {weakness.category for weakness in situation.weaknesses}
    found: dict[str, list[str]] = {}
    for mistake in situation.course.mistakes:
        if mistake.id in made:
            for item in mistake.items:
                found.setdefault(item, []).append(mistake.id)
    return found


def _place(
    found: Sifted, situation: Situation, candidate: Candidate, gate: Gate, trained: Mapping[str, list[str]]
) -> None:
    piece, now = candidate.piece, situation.now
    if shut := gate.shut(piece):
        found.shut.append((candidate, shut.share))
        found.dropped[piece.id] = Dropped(piece.id, PREREQUISITE, shut.params)
    elif (params := _declined(situation, piece.id)) is not None:
        found.declined.append(candidate)
        found.dropped[piece.id] = Dropped(piece.id, DECLINED, params)
    elif (
        (last := situation.last.get(piece.id))
        and now - last[0] < PAUSE
        and (last[1] >= WRONG or piece.id not in trained)
    ):
        found.resting.append(candidate)
        found.dropped[piece.id] = Dropped(piece.id, RECENTLY_DONE)
    else:
        found.eligible.append(candidate)


def _declined(situation: Situation, item: str) -> Mapping[str, Any] | None:
    """When and why an item was declined, as long as that holds."""
    at = situation.feedback.declined.get(item)
    if at is None:
        return None
    reason = situation.feedback.reasons.get(item)
    until = at + (SEEN_FOR if reason == "seen" else DECLINED_FOR)
    if situation.now >= until:
        return None
    return {"reason": reason, "days_left": round((until - situation.now) / DAY, 1)}


def _kind(situation: Situation, piece: Piece, gate: Gate) -> str | None:
    """As what a piece can be recommended; None if there is nothing to gain from it."""
    standings = [situation.standings[skill] for skill in piece.skills if skill in situation.standings]
    finished = bool(standings) and all(standing.mastery >= FINISHED for standing in standings)
    if piece.is_lesson:
        state = situation.lessons.get(piece.id)
        if state == COMPLETED:
            return None
        if state == STARTED or piece.id in situation.feedback.accepted:
            return RESUME
        return None if finished else LEARN
    last = situation.last.get(piece.id)
    if piece.id in situation.feedback.accepted:
        return RESUME
    if last and last[1] < WRONG:
        return RETRY
    if standings and all(standing.attempts > 0 for standing in standings):
        fading = [
            _fading(standing, skill in gate.mastered) for standing, skill in zip(standings, piece.skills, strict=False)
        ]
        if any(fading):
            return REVIEW
    if standings and all(
        _supposed(standing, skill in gate.mastered) for standing, skill in zip(standings, piece.skills, strict=False)
    ):
        return ASSESS
    return None if finished else PRACTISE


def _fading(standing: Standing, mastered: bool) -> bool:
    """Whether a skill is to be reviewed: what never was mastered is simply practised on, unless most of it is gone."""
    return standing.due and standing.recall is not None and (mastered or standing.recall < FORGOTTEN)


def _supposed(standing: Standing, mastered: bool) -> bool:
    """Whether a skill is probably there, by the word of the learner and hardly by answers."""
    return standing.attempts < FEW and (mastered or standing.rating >= KNOWN_RATING)


def _chances(situation: Situation, outline: Outline) -> dict[str, float]:
    """The expected score of every piece: of a lesson, that of its items, else of the items of its skills, else even."""
    p = situation.p
    by_skill: dict[str, list[float]] = {}
    for piece in outline.pieces:
        if not piece.is_lesson and piece.id in p:
            for skill in piece.skills:
                by_skill.setdefault(skill, []).append(p[piece.id])
    found: dict[str, float] = {}
    for piece in outline.pieces:
        if not piece.is_lesson:
            found[piece.id] = p.get(piece.id, 0.5)
            continue
        own = [p[item] for item in outline.practice.get(piece.id, ()) if item in p]
        own = own or [chance for skill in piece.skills for chance in by_skill.get(skill, ())]
        found[piece.id] = sum(own) / len(own) if own else 0.5
    return found
