"""Why a candidate is shown: its factors, as shares of its priority."""

from collections.abc import Callable, Mapping, Sequence
from math import log
from typing import Any, Final

from attune.domain.recommendations.candidates import Candidate
from attune.domain.recommendations.outline import Outline
from attune.domain.recommendations.recommendation import Reason
from attune.domain.recommendations.score import Factor, Scored, Scorer
from attune.domain.recommendations.situation import Request, Situation

UNITS: Final = 10_000
"""Priorities and weights have four decimals."""
LEAST: Final = 0.03
"""A factor with a smaller share of the priority is not told; its share goes to the others."""
MOST: Final = 6
LITTLE: Final = 5
"""Answers up to which a skill is said to have been practised little."""
ALWAYS: Final = frozenset({"accepted", "begun", "due", "last_answer_wrong", "recent_mistake", "repeated_mistake"})
"""What makes a candidate the kind that it is, or touches the learner most: told however small its share."""

Told = tuple[str, Mapping[str, Any]]


def priority_of(score: float, best: float) -> float:
    """A score as a share of the best one, with four decimals, never nothing."""
    return max(1, round(UNITS * score / best)) / UNITS


def split(priority: float, parts: Sequence[tuple[Told, float]]) -> tuple[Reason, ...]:
    """Shares out a priority by the parts, largest first; what rounding leaves goes to those that lost most."""
    least = LEAST * sum(part for _, part in parts)
    telling = [entry for entry in parts if entry[1] > least or entry[0][0] in ALWAYS]
    telling.sort(key=lambda entry: (entry[0][0] not in ALWAYS, -entry[1]))
    kept = sorted(telling[:MOST], key=lambda entry: -entry[1]) or [(("available", {}), 1.0)]
    total = sum(part for _, part in kept)
    units = round(priority * UNITS)
    exact = [units * part / total for _, part in kept]
    whole = [int(share) for share in exact]
    by_loss = sorted(range(len(kept)), key=lambda place: whole[place] - exact[place])
    for place in by_loss[: units - sum(whole)]:
        whole[place] += 1
    return tuple(
        Reason(code, params, share / UNITS) for ((code, params), _), share in zip(kept, whole, strict=True) if share
    )


class Reasons:
    """Puts the factors of a candidate into codes with the figures that they come from."""

    def __init__(self, situation: Situation, request: Request, outline: Outline, scorer: Scorer) -> None:
        self._situation, self._request, self._outline, self._scorer = situation, request, outline, scorer

    def of(self, scored: Scored, priority: float) -> tuple[Reason, ...]:
        """The reasons of a candidate; their weights add up to its priority."""
        parts: list[tuple[Told, float]] = []
        for factor in scored.factors:
            lift = log(factor.value / factor.floor)
            if lift > 0.0 and (told := self._told(factor, scored.candidate)):
                parts.append((told, lift))
        return split(priority, parts)

    def _told(self, factor: Factor, candidate: Candidate) -> Told | None:
        """None where there is nothing that could be said of this candidate without making it up."""
        tell: Callable[[Factor, Candidate], Told | None] = getattr(self, f"_{factor.name}")
        return tell(factor, candidate)

    def _need(self, factor: Factor, candidate: Candidate) -> Told | None:
        skill = self._skill(candidate, lambda standing: standing.mastery)
        if skill is None:
            return None
        standing = self._situation.standings[skill]
        if standing.attempts == 0:
            return "not_checked" if standing.source == "claim" else "new_skill", {"skill": skill}
        return "not_mastered", {"skill": skill, "mastery": round(standing.mastery, 2)}

    def _due(self, factor: Factor, candidate: Candidate) -> Told | None:
        standings = self._situation.standings
        due = [
            skill for skill in candidate.piece.skills if standings[skill].due and standings[skill].recall is not None
        ]
        skill = min(due, key=lambda skill: standings[skill].recall or 0.0)
        return "due", {"skill": skill, "recall": round(standings[skill].recall or 0.0, 2)}

    def _novelty(self, factor: Factor, candidate: Candidate) -> Told | None:
        skill = self._skill(candidate, lambda standing: float(standing.attempts))
        if skill is None or not 0 < self._situation.standings[skill].attempts <= LITTLE:
            return None
        return "little_practised", {"skill": skill, "n": self._situation.standings[skill].attempts}

    def _readiness(self, factor: Factor, candidate: Candidate) -> Told | None:
        needs = {need for skill in candidate.piece.skills for need in self._outline.needs.get(skill, ())}
        return ("prerequisites_met", {"n": len(needs)}) if needs and needs <= self._scorer.mastered else None

    def _unlocks(self, factor: Factor, candidate: Candidate) -> Told | None:
        n = max((self._scorer.unlocked(skill) for skill in candidate.piece.skills), default=0)
        return ("unlocks_skills", {"n": n}) if n else None

    def _difficulty(self, factor: Factor, candidate: Candidate) -> Told | None:
        return "difficulty_fit", {"p": round(candidate.p, 2)}

    def _goal(self, factor: Factor, candidate: Candidate) -> Told | None:
        skills = candidate.piece.skills
        if aim := next((skill for skill in skills if skill in self._scorer.aims), None):
            return "goal_skill", {"skill": aim}
        if goal := next((goal for goal in self._request.goals if goal in candidate.piece.goals), None):
            return "goal", {"goal": goal}
        for skill in skills:
            if skill in self._scorer.before_aims:
                above = self._outline.above
                aim = next(id_ for id_ in self._outline.needs if id_ in self._scorer.aims and skill in above[id_])
                return "goal_prerequisite", {"skill": skill, "goal": aim}
        return None

    def _preference(self, factor: Factor, candidate: Candidate) -> Told | None:
        tally = self._situation.feedback.tallies.get(f"{candidate.kind}:{candidate.piece.difficulty}")
        if factor.value <= 1.0 or tally is None:
            return None
        return "welcome_before", {"kind": candidate.kind, "n": round(tally[0], 2)}

    def _time(self, factor: Factor, candidate: Candidate) -> Told | None:
        minutes, free = candidate.piece.minutes, self._request.minutes
        return ("fits_the_time", {"minutes": minutes, "free": free}) if minutes <= free else None

    def _asked(self, factor: Factor, candidate: Candidate) -> Told | None:
        if candidate.piece.difficulty != self._request.difficulty:
            return None
        code = "asked_difficulty" if self._request.difficulty_asked else "preferred_difficulty"
        return code, {"difficulty": candidate.piece.difficulty}

    def _mistake(self, factor: Factor, candidate: Candidate) -> Told | None:
        weakness = self._scorer.weakness(candidate.piece.id)
        code = "repeated_mistake" if weakness.n >= 3 else "recent_mistake"
        return code, {"category": weakness.category, "n": weakness.n}

    def _retry(self, factor: Factor, candidate: Candidate) -> Told | None:
        return "last_answer_wrong", {"score": round(self._situation.last[candidate.piece.id][1], 2)}

    def _resume(self, factor: Factor, candidate: Candidate) -> Told | None:
        begun = self._situation.lessons.get(candidate.piece.id)
        return ("begun" if begun else "accepted"), {}

    def _assess(self, factor: Factor, candidate: Candidate) -> Told | None:
        return "probably_known", {"skill": candidate.piece.skills[0]}

    def _fresh(self, factor: Factor, candidate: Candidate) -> Told | None:
        return None if candidate.piece.id in self._situation.last else ("not_tried_yet", {})

    def _read(self, factor: Factor, candidate: Candidate) -> Told | None:
        lesson = candidate.piece.lesson
        return ("lesson_read", {"lesson": lesson}) if lesson in self._situation.lessons else None

    def _order(self, factor: Factor, candidate: Candidate) -> Told | None:
        first = candidate.piece.is_lesson and candidate.piece.place == 0
        return ("first_in_course_order" if first else "next_in_course_order"), {}

    def _layer(self, factor: Factor, candidate: Candidate) -> Told | None:
        return "first_layers", {"layer": candidate.piece.layer}

    def _format(self, factor: Factor, candidate: Candidate) -> Told | None:
        if factor.value <= 1.0:
            return None
        style = self._situation.style
        return "format", {"format": max(candidate.piece.formats, key=lambda name: style.get(name, 0.0))}

    def _skill(self, candidate: Candidate, key: Callable[[Any], float]) -> str | None:
        """The skill of a candidate that this is said of: the one with the least."""
        standings = self._situation.standings
        return min((s for s in candidate.piece.skills if s in standings), key=lambda s: key(standings[s]), default=None)
