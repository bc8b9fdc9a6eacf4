"""What keeps a lesson or an item shut: a skill that it builds upon and that is not there yet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from attune.domain.recommendations.outline import Outline, Piece
from attune.domain.recommendations.parameters import RankingParameters
from attune.domain.recommendations.situation import Situation, Standing

PATIENCE: Final = 8
"""Answers in a skill after which its threshold begins to give way."""
SURRENDER: Final = 24
"""Answers after which a skill holds nothing up any more: somebody who slips often would wait for ever."""
COMPLETED: Final = "completed"


@dataclass(frozen=True, slots=True)
class Shut:
    """The need that is the furthest from being met: `params` say which, and how far it is met (0..1)."""

    params: Mapping[str, Any]
    share: float


def threshold(situation: Situation, parameters: RankingParameters) -> float:
    """The mastery that opens what follows, before any patience."""
    chosen = parameters.mastery_threshold
    return situation.course.mastery if chosen is None else chosen


def needed(standing: Standing, threshold: float) -> float:
    """The mastery that a skill needs to open what follows: less and less where much practice has not brought it."""
    over = (standing.attempts - PATIENCE) / (SURRENDER - PATIENCE)
    return threshold * (1.0 - max(0.0, min(1.0, over)))


class Gate:
    """Tells what is open to the learner of a situation; asks about each skill once."""

    def __init__(self, situation: Situation, outline: Outline, parameters: RankingParameters) -> None:
        self._situation, self._outline = situation, outline
        limit = threshold(situation, parameters)
        standings = situation.standings
        self._need = {skill: needed(standings[skill], limit) for skill in outline.needs}
        self._has = {skill: standings[skill].mastery for skill in outline.needs}
        self.mastered = frozenset(skill for skill, has in self._has.items() if has >= limit)
        self._met = frozenset(skill for skill in outline.needs if self._is_met(skill))
        self._shut = {skill: () if skill in self.mastered else self._unmet(skill) for skill in outline.needs}

    def is_met(self, skill: str) -> bool:
        """Whether what builds upon this skill may begin."""
        return skill in self._met

    def is_open(self, skill: str) -> bool:
        """Whether all that a skill builds upon is there, or else it has been mastered without."""
        return not self._shut[skill]

    def is_behind(self, slug: str) -> bool:
        """Whether a lesson is completed, or all that it teaches is mastered."""
        if self._situation.lessons.get(slug) == COMPLETED:
            return True
        skills = self._situation.course.lessons[slug].skills
        return bool(skills) and all(skill in self._met for skill in skills)

    def shut(self, piece: Piece) -> Shut | None:
        """What keeps a piece shut, if anything does."""
        found = [self._missing(skill) for own in piece.skills for skill in self._shut[own]]
        if piece.is_lesson:
            found.extend(self._lessons_before(piece))
        return min(found, key=lambda shut: shut.share, default=None)

    def _lessons_before(self, piece: Piece) -> Iterator[Shut]:
        wanted: Iterable[str] = (
            *self._situation.course.lessons[piece.id].prerequisites,
            *self._outline.chapter[piece.id],
        )
        for slug in dict.fromkeys(wanted):
            if slug not in self._situation.course.lessons or self.is_behind(slug):
                continue
            missing = [
                self._missing(skill) for skill in self._situation.course.lessons[slug].skills if skill not in self._met
            ]
            worst = min(missing, key=lambda shut: shut.share, default=Shut({}, 0.0))
            yield Shut({"lesson": slug, **worst.params}, worst.share)

    def _missing(self, skill: str) -> Shut:
        need, has = self._need[skill], self._has[skill]
        return Shut({"skill": skill, "need": round(need, 4), "has": round(has, 4)}, has / need if need else 1.0)

    def _is_met(self, skill: str) -> bool:
        """Where nothing measures a skill, having read its lessons has to do; where there are none, nothing is asked."""
        if skill in self._outline.trained:
            return self._has[skill] >= self._need[skill]
        lessons = self._situation.lessons
        return self._has[skill] >= self._need[skill] or all(
            lessons.get(slug) == COMPLETED for slug in self._outline.read.get(skill, ())
        )

    def _unmet(self, skill: str) -> tuple[str, ...]:
        return tuple(need for need in self._outline.needs[skill] if need in self._has and need not in self._met)
