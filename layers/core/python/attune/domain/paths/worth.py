"""What bringing a skill along is worth, how much practice it takes, and which items practise it best."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, cycle
from math import ceil, exp, inf
from typing import Final

from attune.domain.course import Item
from attune.domain.learning.measures import POINTS
from attune.domain.learning.parameters import NEW_SKILL_PARAMETERS
from attune.domain.paths.closure import Closure, Standings
from attune.domain.paths.material import Material
from attune.domain.paths.milestone import Need
from attune.domain.paths.request import PlanRequest
from attune.domain.recommendations.gate import needed
from attune.domain.recommendations.situation import Standing

ANSWERS_TO_MASTERY: Final = 12.0
"""Answers that bring a skill from no mastery to all of it; five lead from the start over the usual threshold."""
MOST: Final = 20
"""Steps of practice in one skill before the plan looks again."""
VELOCITY: Final = 10.0
"""Rating points an hour of study brings, as long as the learner's own velocity is not measured."""
SLOWEST: Final = 5.0
FASTEST: Final = 120.0
TIRING: Final = 3.0
"""Answers after which more practice of a skill is worth half."""
SPREAD: Final = 0.25
"""How far from the expected score aimed at an item is 1/e as welcome."""
EASIER: Final = 0.15
"""How much more success is aimed at after misses in a row."""
DRILLS: Final = ("scenario", "task")
"""Kinds of items that are new each time; a question is answered once."""


class Worth:
    """Judges the skills and items of one request."""

    def __init__(self, request: PlanRequest, material: Material, standings: Standings, found: Closure) -> None:
        self._request, self._material, self._standings, self._found = request, material, standings, found
        self._aim = max(0.3, min(0.95, 0.85 - 0.3 * request.situation.challenge))
        self._factor = request.pace.factor
        self._leads: dict[str, int] = {}
        for node in found.nodes:
            for need in material.needs(node):
                self._leads[need] = self._leads.get(need, 0) + 1

    def of(self, skill: str) -> float:
        """What bringing a skill along is worth: its need, what waits for it, the goal, and how fresh it is.

        What it builds upon comes before it on the path and counts as there.
        """
        standing = self._standings.of(skill)
        weight = max(0.01, self._material.skills[skill].weight)
        unlocks = 1.0 + 0.1 * min(5, self._leads.get(skill, 0))
        goal = 2.0 if skill in self._found.aims else 1.5
        return weight * max(0.02, 1.0 - standing.mastery) * unlocks * goal / (1.0 + standing.attempts / TIRING)

    def minutes(self, skill: str) -> float:
        """About how long a skill takes, for the order alone."""
        lessons = sum(
            entry.minutes for entry in self._material.main.get(skill, ()) if entry.slug in self._found.lessons
        )
        need = self._found.needs.get(skill)
        items = self._material.items.get(skill, ())
        if need is None or not items:
            return max(1.0, float(lessons))
        answers, least = practice(self._standings.of(skill), need, self._request.situation.learning_velocity)
        usual = sum([item.minutes for item in items]) / len(items)
        return max(1.0, lessons + max(answers * usual, least))

    def chosen(self, skill: str, need: Need, allowed: Sequence[Item], again: Sequence[Item]) -> list[Item]:
        """The items to practise for a need, the most useful by the minute of those `allowed`, from easy to hard.

        Where they are not enough, what was practised on this path before comes `again`, and drills go on.
        """
        answers, least = practice(self._standings.of(skill), need, self._request.situation.learning_velocity)
        if skill in self._request.doubtful:
            answers += 1
        place = self._material.item_place
        found = sorted(allowed, key=self._rank(skill))
        total, kept = 0.0, list[Item]()
        for item in chain(found if least else found[:answers], self._more(allowed, again)):
            if len(kept) >= MOST or (len(kept) >= answers and total >= least):
                break
            kept.append(item)
            total += max(1.0, item.minutes * self._factor)
        once, later = dict[str, Item](), list[Item]()
        for item in kept:
            if item.id in once:
                later.append(item)
            once[item.id] = item
        return [*sorted(once.values(), key=lambda item: (item.difficulty, place[item.id])), *later]

    def _more(self, fresh: Sequence[Item], again: Sequence[Item]) -> Iterator[Item]:
        yield from again
        drills = [item for item in (*fresh, *again) if item.kind in DRILLS]
        if drills:
            yield from cycle(sorted(drills, key=lambda item: (-item.minutes, self._material.item_place[item.id])))

    def _rank(self, skill: str) -> Callable[[Item], float]:
        """Puts the items of a skill in order, the most useful by the minute first, equal ones as they come."""
        aim = self._aim + (EASIER if skill in self._request.doubtful else 0.0)
        chances = self._request.situation.p

        def rank(item: Item) -> float:
            distance = (chances.get(item.id, 0.5) - aim) / SPREAD
            return -(0.1 + exp(-distance * distance)) / item.minutes

        return rank


def practice(standing: Standing, need: Need, velocity: float | None) -> tuple[int, float]:
    """How many answers (1..20) and at least how many minutes a need takes, as far as anybody can say beforehand.

    Mastery comes with answers. A rating comes with study: by the learner's velocity, and no faster than practice
    is expected to raise it.
    """
    answers, least = 1.0, 0.0
    if need.mastery:
        answers = ANSWERS_TO_MASTERY * (needed(standing, need.mastery) - standing.mastery)
    if need.rating is not None and standing.rating < need.rating:
        lacking = need.rating - standing.rating
        grown = lacking / (POINTS * NEW_SKILL_PARAMETERS.slope)
        answers = max(answers, (1 + standing.attempts) * (exp(grown) - 1.0) if grown < 5.0 else inf)
        least = 60.0 * lacking / max(SLOWEST, min(FASTEST, VELOCITY if velocity is None else velocity))
    return max(1, ceil(min(float(MOST), answers))), least
