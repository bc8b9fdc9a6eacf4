"""Draws a set: the best more often than the rest, no kind of skill twice if it can be helped, within the minutes.

Candidates of one kind that train the same skills in the same time form a group. Groups are drawn without regard to the
learner's style, then one of the group is drawn with it: so a style chooses among formats and never decides a skill.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from heapq import nlargest
from math import exp
from operator import itemgetter
from typing import Final, NamedTuple, TypeVar

from attune.domain.recommendations.parameters import RankingParameters
from attune.domain.recommendations.recommendation import REVIEW
from attune.domain.recommendations.score import Scored
from attune.domain.recommendations.situation import Request

BEST: Final = 24
"""How many groups, and how many of a group, can be drawn at all."""
AGAIN: Final = 0.8
"""What a group is still worth for each time that its skills are in the set already."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A candidate, and the probability of its being drawn at its place after those before it."""

    scored: Scored
    propensity: float


class _Group(NamedTuple):
    """`plain` is the best of its members' scores, without regard to style."""

    plain: float
    is_review: bool
    minutes: int
    skills: tuple[str, ...]
    members: tuple[Scored, ...]


def draw(
    scored: Sequence[Scored], request: Request, parameters: RankingParameters, seed: str, *, certain: bool = False
) -> list[Drawn]:
    """A set in the order of its draws, the same for the same seed. `certain`: the best each time."""
    choice = _Choice(scored, request, parameters, certain)
    found: list[Drawn] = []
    while len(found) < request.count and (groups := choice.groups()):
        group, share, chance = _pick(groups, _chance(seed, len(found)))
        picked, part, _ = _pick(choice.members(group), chance)
        choice.take(picked)
        found.append(Drawn(picked, share * part))
    return found


def first_draw(
    scored: Sequence[Scored], request: Request, parameters: RankingParameters, *, certain: bool = False
) -> list[Drawn]:
    """Everything that can be drawn first, with its probability; they add up to 1."""
    choice = _Choice(scored, request, parameters, certain)
    return [
        Drawn(member, share * part)
        for group, share in choice.groups()
        for member, part in choice.members(group)
        if share * part > 0.0
    ]


class _Choice:
    """What is left to be drawn."""

    def __init__(
        self, scored: Sequence[Scored], request: Request, parameters: RankingParameters, certain: bool
    ) -> None:
        self._parameters, self._certain = parameters, certain
        self._left = request.minutes
        self._count = request.count
        self._groups = _grouped(scored)
        self._taken: set[str] = set()
        self._skills: dict[str, int] = {}
        self._reviews = self._new = 0
        share = parameters.review_share
        self._most_reviews = max(1, int(share * request.count)) if share else 0
        self._has_new = any(not group.is_review and group.minutes <= request.minutes for group in self._groups)

    def take(self, picked: Scored) -> None:
        piece, kind = picked.candidate.piece, picked.candidate.kind
        self._taken.add(piece.id)
        self._left -= piece.minutes
        for skill in piece.skills:
            self._skills[skill] = self._skills.get(skill, 0) + 1
        if kind == REVIEW:
            self._reviews += 1
        else:
            self._new += 1

    def groups(self) -> list[tuple[_Group, float]]:
        """What can be drawn next, each with its probability."""
        best = nlargest(BEST, ((self._worth(group), group) for group in self._allowed()), key=itemgetter(0))
        return list(zip((group for _, group in best), self._shares([worth for worth, _ in best]), strict=True))

    def members(self, group: _Group) -> list[tuple[Scored, float]]:
        """What can be drawn of a group, each with its probability."""
        left = [member for member in group.members if member.candidate.piece.id not in self._taken]
        return list(zip(left, self._shares([member.score for member in left]), strict=True))

    def _allowed(self) -> list[_Group]:
        self._groups = [group for group in self._groups if group.minutes <= self._left and self._is_left(group)]
        open_ = self._groups
        if not self._has_new:
            return open_
        new = [group for group in open_ if not group.is_review]
        if self._reviews >= self._most_reviews and self._count > 1:
            return new
        if self._new or not new:
            return open_
        # Room for something new is kept: the last place, and the minutes of the shortest.
        if self._count > 1 and self._reviews == self._count - 1:
            return new
        room = self._left - min(group.minutes for group in new)
        return new + [group for group in open_ if group.is_review and (group.minutes <= room or self._count == 1)]

    def _is_left(self, group: _Group) -> bool:
        return any(member.candidate.piece.id not in self._taken for member in group.members)

    def _worth(self, group: _Group) -> float:
        again = max((self._skills.get(skill, 0) for skill in group.skills), default=0)
        return group.plain * float(AGAIN**again)

    def _shares(self, scores: Sequence[float]) -> list[float]:
        """The probability of each score: a softmax over shares of the best, mixed with a blind draw."""
        if not scores:
            return []
        best = max(scores)
        if self._certain:
            first = scores.index(best)
            return [1.0 if place == first else 0.0 for place in range(len(scores))]
        weights = [exp((score / best - 1.0) / self._parameters.temperature) for score in scores]
        total, blind = sum(weights), self._parameters.mixing
        return [(1.0 - blind) * weight / total + blind / len(scores) for weight in weights]


def _grouped(scored: Sequence[Scored]) -> list[_Group]:
    found: dict[tuple[str, tuple[str, ...], int], list[Scored]] = {}
    for entry in scored:
        candidate = entry.candidate
        found.setdefault((candidate.kind, candidate.piece.skills, candidate.piece.minutes), []).append(entry)
    groups = []
    for (kind, skills, minutes), members in found.items():
        best = nlargest(BEST, members, key=lambda member: member.plain)
        groups.append(_Group(best[0].plain, kind == REVIEW, minutes, skills, tuple(best)))
    return groups


def _pick(ways: Sequence[tuple[T, float]], chance: float) -> tuple[T, float, float]:
    """The way that a chance 0..1 falls on, its probability, and where in it the chance fell, 0..1 again."""
    reached = 0.0
    for way, share in ways:
        if chance < reached + share:
            return way, share, (chance - reached) / share
        reached += share
    way, share = next(entry for entry in reversed(ways) if entry[1] > 0.0)
    return way, share, 0.0


def _chance(seed: str, place: int) -> float:
    """A number in 0..1 that depends on nothing else."""
    return int.from_bytes(sha256(f"{seed}:{place}".encode()).digest()[:7], "big") / 2.0**56
