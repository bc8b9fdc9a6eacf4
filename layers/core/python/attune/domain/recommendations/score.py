"""How much a candidate is worth: a product of named factors, each with its floor, so that every one can be told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, prod
from typing import Final, NamedTuple

from attune.domain.recommendations.candidates import WRONG, Candidate, trained_by
from attune.domain.recommendations.gate import Gate
from attune.domain.recommendations.outline import Outline
from attune.domain.recommendations.parameters import RankingParameters
from attune.domain.recommendations.recommendation import ASSESS, RESUME, RETRY, REVIEW
from attune.domain.recommendations.situation import DAY, Mistakes, Request, Situation

FIRST_LAYERS: Final = frozenset({"L1", "L2"})
STYLE: Final = 0.045
"""How far a format can move a score: two styles never differ by a tenth."""
EVEN: Final = 0.25
"""The weight of a style that is preferred no more than the other three."""
TIRING: Final = 4.0
"""Answers after which more practice of a skill is worth half."""
UNLOCKING: Final = 0.5
"""What each skill that waits for this one alone adds."""
STALE: Final = 0.5
"""What an item loses that was answered right a moment ago."""
NOT_RELEVANT_FOR: Final = 30 * DAY


class Factor(NamedTuple):
    """A part of a score: `value` is between `floor` and whatever; what it adds to the reasons is log(value/floor)."""

    name: str
    value: float
    floor: float


class Scored(NamedTuple):
    """`score` decides, `plain` is the same without regard to the learner's style."""

    candidate: Candidate
    score: float
    plain: float
    factors: list[Factor]


@dataclass(frozen=True, slots=True)
class _Worth:
    """What practice in a skill is worth, by its parts."""

    need: float
    due: bool
    novelty: float
    readiness: float
    unlocks: float
    goal: float


class _Together(NamedTuple):
    """What practice in several skills at once is worth."""

    need: float
    due: bool
    goal: float
    factors: tuple[Factor, ...]


LEAST_NEED: Final = 0.02
NEUTRAL: Final = _Worth(need=0.5, due=False, novelty=1.0, readiness=1.0, unlocks=1.0, goal=1.0)
"""Of a piece that names no skill."""
LIFTS: Final[Mapping[str, float]] = {RETRY: 1.2, RESUME: 1.6, ASSESS: 1.5}
"""What some kinds are worth beyond what they train."""


def target(situation: Situation, request: Request, parameters: RankingParameters) -> float:
    """The expected score aimed at: by the challenge level unless a difficulty is asked for."""
    challenge = 0.5 if request.difficulty_asked and request.difficulty is not None else situation.challenge
    return max(0.3, min(0.95, parameters.target + 0.15 - 0.3 * challenge + situation.feedback.shift))


def is_cold(situation: Situation) -> bool:
    """Whether nothing at all is known of a learner, so that only the course can say what comes first."""
    return not situation.onboarded and all(standing.attempts == 0 for standing in situation.standings.values())


class Scorer:
    """Scores the candidates of one situation and request."""

    def __init__(
        self, situation: Situation, request: Request, outline: Outline, gate: Gate, parameters: RankingParameters
    ) -> None:
        self._situation, self._request, self._outline, self._gate = situation, request, outline, gate
        self.mastered = gate.mastered
        self._target = target(situation, request, parameters)
        self._spread = parameters.spread
        self.cold = is_cold(situation)
        self._goals = frozenset(request.goals)
        self.aims = frozenset(
            skill for goal in situation.course.goals if goal.id in self._goals for skill in goal.skills
        ) | (self._goals & frozenset(outline.needs))
        self.before_aims = frozenset().union(*(outline.above[aim] for aim in self.aims)) - self.aims
        self._unwanted = self._not_relevant()
        self._worth = {skill: self._worth_of(skill) for skill in outline.needs}
        self._together: dict[tuple[str, ...], _Together] = {}
        self._trained = trained_by(situation)
        self._weaknesses = {weakness.category: weakness for weakness in situation.weaknesses}
        self._places: Mapping[int, int] = {}
        self._layered = situation.beginner and any(
            entry.layer in FIRST_LAYERS and not gate.is_behind(slug) for slug, entry in situation.course.lessons.items()
        )

    def order(self, candidates: Iterable[Candidate]) -> None:
        """Counts course order among these candidates only: what is shut or done holds no place."""
        found = sorted({candidate.piece.place for candidate in candidates})
        self._places = {place: rank for rank, place in enumerate(found)}

    def scored(self, candidate: Candidate) -> Scored:
        """A candidate with its factors."""
        factors = self._in_course_order(candidate) if self.cold else self._factors(candidate)
        plain = prod([factor[1] for factor in factors])
        style = Factor("format", self._format(candidate.piece.formats), 1.0 - STYLE)
        return Scored(candidate, plain * style.value, plain, [*factors, style])

    def _factors(self, candidate: Candidate) -> list[Factor]:
        piece, kind, minutes = candidate.piece, candidate.kind, self._request.minutes
        worth = self._worth_together(piece.skills)
        distance = (candidate.p - self._target) / self._spread
        found = [
            Factor("due" if worth.due and kind in (REVIEW, RETRY) else "need", worth.need, LEAST_NEED),
            *worth.factors,
            Factor("difficulty", 0.1 + exp(-distance * distance), 0.1),
            Factor("goal", self._goal(worth.goal, piece.goals), 0.5),
            Factor("time", 0.8 + 0.2 * min(1.0, minutes / (2.0 * max(1, piece.minutes))), 0.8),
            Factor("order", 0.9 + 0.1 * 2.0 ** -self._places.get(piece.place, 0), 0.9),
        ]
        if (preference := self._preference(kind, piece.difficulty)) != 1.0:
            found.append(Factor("preference", preference, 0.5))
        if self._request.difficulty is not None:
            found.append(self._asked(piece.difficulty))
        if piece.id in self._trained:
            found.append(Factor("mistake", self._mistake(piece.id), 1.0))
        if kind in LIFTS:
            found.append(Factor(kind, LIFTS[kind], 1.0))
        if not piece.is_lesson:
            found.append(Factor("read", self._read(piece.lesson, piece.skills), 0.6))
            found.append(Factor("fresh", self._freshness(piece.id), 1.0 - STALE))
        if self._layered:
            found.append(Factor("layer", 1.0 if piece.layer in FIRST_LAYERS else 0.35, 0.35))
        return found

    def _worth_together(self, skills: tuple[str, ...]) -> _Together:
        """What the skills of a piece are worth: on average, but as ready as the least ready of them."""
        if (known := self._together.get(skills)) is not None:
            return known
        worths = [self._worth[skill] for skill in skills if skill in self._worth] or [NEUTRAL]
        found = _Together(
            max(LEAST_NEED, sum(worth.need for worth in worths) / len(worths)),
            any(worth.due for worth in worths),
            max(worth.goal for worth in worths),
            (
                Factor("novelty", sum(worth.novelty for worth in worths) / len(worths), 0.05),
                Factor("readiness", min(worth.readiness for worth in worths), 0.1),
                Factor("unlocks", max(worth.unlocks for worth in worths), 1.0),
            ),
        )
        self._together[skills] = found
        return found

    def _in_course_order(self, candidate: Candidate) -> list[Factor]:
        """For somebody of whom nothing is known: the course's order decides, what a skill unlocks and wishes refine."""
        piece = candidate.piece
        worth = self._worth_together(piece.skills)
        before = self._places.get(piece.place, 0) + (0.0 if piece.is_lesson else 0.5)
        found = [Factor("order", 0.22 + 0.78 * 2.0**-before, 0.22), worth.factors[-1]]
        if self._goals or self._unwanted:
            found.append(Factor("goal", self._goal(worth.goal, piece.goals), 0.5))
        if self._request.difficulty is not None:
            found.append(self._asked(piece.difficulty))
        if candidate.kind == RESUME:
            found.append(Factor("resume", LIFTS[RESUME], 1.0))
        return found

    def _worth_of(self, skill: str) -> _Worth:
        standing = self._situation.standings[skill]
        need = 1.0 - standing.mastery
        due = standing.due and standing.recall is not None
        if due and standing.recall is not None:
            need = max(need, 1.0 - standing.recall)
        standings = self._situation.standings
        ready = min((standings[need].mastery for need in self._outline.needs[skill] if need in standings), default=1.0)
        if skill in self._gate.mastered:
            ready = 1.0
        unlocked = self.unlocked(skill)
        # What others wait for is practised until it is there, and what is forgotten is as good as new.
        fresh = unlocked or (due and need > 1.0 - standing.mastery)
        return _Worth(
            need=need,
            due=due,
            novelty=1.0 if fresh else 1.0 / (1.0 + standing.attempts / TIRING),
            readiness=0.1 + 0.9 * ready,
            unlocks=1.0 + UNLOCKING * min(4, unlocked),
            goal=self._goal_of(skill),
        )

    def unlocked(self, skill: str) -> int:
        """How many skills wait for this one alone."""
        if self._gate.is_met(skill):
            return 0
        waiting = self._outline.leads.get(skill, ())
        return sum(
            all(need == skill or self._gate.is_met(need) for need in self._outline.needs[follower])
            for follower in waiting
            if follower not in self._gate.mastered
        )

    def _goal_of(self, skill: str) -> float:
        wanted = 2.0 if skill in self.aims else 1.5 if skill in self.before_aims else 1.0
        return wanted * (0.5 if skill in self._unwanted else 1.0)

    def _goal(self, best: float, goals: tuple[str, ...]) -> float:
        """1..2 by the goals, half of it for what was called not relevant."""
        return max(best, 2.0) if best >= 1.0 and not self._goals.isdisjoint(goals) else best

    def _not_relevant(self) -> frozenset[str]:
        feedback, course = self._situation.feedback, self._situation.course
        found: set[str] = set()
        for item, reason in feedback.reasons.items():
            if reason == "not_relevant" and self._situation.now - feedback.declined.get(item, 0.0) < NOT_RELEVANT_FOR:
                piece = course.lessons.get(item) or course.items_by_id.get(item)
                found.update(piece.skills if piece else ())
        return frozenset(found)

    def _preference(self, kind: str, difficulty: int) -> float:
        """How welcome such things have been: 1 without a history, at most doubled, at least a half."""
        welcome, unwelcome = self._situation.feedback.tallies.get(f"{kind}:{difficulty}", (0.0, 0.0))
        return max(0.5, min(2.0, (welcome + 2.0) / (welcome + unwelcome + 4.0) / 0.5))

    def _asked(self, difficulty: int) -> Factor:
        """Asked for now it decides, preferred in general it leans."""
        distance = abs(difficulty - (self._request.difficulty or difficulty))
        floor, reach = (0.02, 0.8) if self._request.difficulty_asked else (0.4, 1.5)
        return Factor("asked", floor + (1.0 - floor) * exp(-((distance / reach) ** 2)), floor)

    def weakness(self, item: str) -> Mistakes:
        """The worst of the learner's mistakes that an item trains against."""
        found = [self._weaknesses[category] for category in self._trained[item]]
        return max(found, key=lambda weakness: (weakness.severity + weakness.frequency, weakness.n))

    def _mistake(self, item: str) -> float:
        """1.3..2.3 by how often and how badly the mistake happens that an item trains against."""
        weakness = self.weakness(item)
        return 1.3 + 0.5 * weakness.severity + 0.5 * weakness.frequency

    def _freshness(self, item: str) -> float:
        """An item answered right a moment ago tells little; after some days it is as good as new."""
        last = self._situation.last.get(item)
        if last is None or last[1] < WRONG:
            return 1.0
        return 1.0 - STALE * float(2.0 ** (-(self._situation.now - last[0]) / DAY))

    def _format(self, formats: tuple[str, ...]) -> float:
        style = self._situation.style
        if not formats or not style:
            return 1.0
        liked = sum(style.get(format_, 0.0) for format_ in formats) / len(formats)
        return 1.0 + STYLE * max(-1.0, min(1.0, (liked - EVEN) / EVEN))

    def _read(self, lesson: str | None, skills: tuple[str, ...]) -> float:
        """Reading comes before practice, unless there has been practice already."""
        if lesson is None or lesson not in self._situation.course.lessons or lesson in self._situation.lessons:
            return 1.0
        return 1.0 if any(self._situation.standings[skill].attempts for skill in skills) else 0.6
