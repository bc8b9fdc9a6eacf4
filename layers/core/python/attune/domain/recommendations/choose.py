"""Draws a set: the best more often than the rest, no kind of skill twice if it can be helped, within the minutes.

Candidates of one kind that train the same skills in the same time form a group. Groups are drawn without regard to the
learner's style, then one of the group is drawn with it: so a style chooses among formats and never decides a skill.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from heapq import nlargest
from math import exp
from typing import Final

from attune.domain.recommendations.parameters import RankingParameters
from attune.domain.recommendations.recommendation import REVIEW
from attune.domain.recommendations.score import Scored
from attune.domain.recommendations.situation import Request

BEST: Final = 24
"""How many groups, and how many of a group, can be drawn at all."""
AGAIN: Final = 0.6
"""What a group is still worth for each time that its skills are in the set already."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A candidate, and the probability of its being drawn at its place after those before it."""

    scored: Scored
    propensity: float


@dataclass(frozen=True, slots=True)
class _Group:
    plain: float
    members: tuple[Scored, ...]

    @property
    def is_review(self) -> bool:
        return self.members[0].candidate.kind == REVIEW

    @property
    def minutes(self) -> int:
        return self.members[0].candidate.piece.minutes

    @property
    def skills(self) -> tuple[str, ...]:
        return self.members[0].candidate.piece.skills


def draw(
    scored: Sequence[Scored], request: Request, parameters: RankingParameters, seed: str, *, certain: bool = False
) -> list[Drawn]:
    """A set in the order of its draws, the same for the same seed. `certain`: the best each time."""
    choice = _Choice(scored, request, parameters, certain)
    found: list[Drawn] = []
    while len(found) < request.count and (ways := choice.distribution()):
        picked = _pick(ways, _chance(seed, len(found)))
        choice.take(picked.scored)
        found.append(picked)
    return found


def first_draw(
    scored: Sequence[Scored], request: Request, parameters: RankingParameters, *, certain: bool = False
) -> list[Drawn]:
    """Everything that can be drawn first, with its probability; they add up to 1."""
    return _Choice(scored, request, parameters, certain).distribution()


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

    def distribution(self) -> list[Drawn]:
        """What can be drawn next, each with its probability."""
        groups = [(self._worth(group), group) for group in self._allowed()]
        if not groups:
            return []
        found: list[Drawn] = []
        best = nlargest(BEST, groups, key=lambda entry: entry[0])
        for share, (_, group) in zip(self._shares([worth for worth, _ in best]), best, strict=True):
            members = [member for member in group.members if member.candidate.piece.id not in self._taken]
            parts = self._shares([member.score for member in members])
            found.extend(
                Drawn(member, share * part) for member, part in zip(members, parts, strict=True) if share * part > 0
            )
        return found

    def _allowed(self) -> list[_Group]:
        open_ = [
            group
            for group in self._groups
            if group.minutes <= self._left and any(m.candidate.piece.id not in self._taken for m in group.members)
        ]
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

    def _worth(self, group: _Group) -> float:
        again = max((self._skills.get(skill, 0) for skill in group.skills), default=0)
        return group.plain * float(AGAIN**again)

    def _shares(self, scores: Sequence[float]) -> list[float]:
        """The probability of each score: a softmax over shares of the best, mixed with a blind draw."""
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
    return [
        _Group(max(member.plain for member in members), tuple(nlargest(BEST, members, key=lambda m: m.plain)))
        for members in found.values()
    ]


def _pick(ways: Sequence[Drawn], chance: float) -> Drawn:
    reached = 0.0
    for way in ways:
        reached += way.propensity
        if chance < reached:
            return way
    return ways[-1]


def _chance(seed: str, place: int) -> float:
    """A number in 0..1 that depends on nothing else."""
    return int.from_bytes(sha256(f"{seed}:{place}".encode()).digest()[:7], "big") / 2.0**56
