"""The best part of a goal that fits its days: closed under what it rests on, by what it is worth a minute."""

from collections.abc import Mapping, Sequence
from typing import Final

from attune.domain.paths.block import Block
from attune.domain.paths.closure import Closure
from attune.domain.paths.days import Packed, ReviewQueue, pack
from attune.domain.paths.goal import FULL, adaptivity
from attune.domain.paths.material import Material
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.step import LEARN, Step

FEW: Final = 20
"""Aims up to which it is tried to reach some of them wholly, one by one."""


def fitting(
    request: PlanRequest,
    material: Material,
    found: Closure,
    blocks: Sequence[Block],
    reviews: ReviewQueue,
    most: int,
) -> tuple[list[Block], Packed]:
    """Blocks in their order that fit the days of a request together with its reviews, at most so many steps, and how
    they fit."""
    room = request.days * request.minutes_per_day
    if adaptivity(request.goal, request.situation.course) != FULL:
        chosen = _cut(list(blocks), room, most)
    else:
        chosen = _chosen(material, found, blocks, room, most)
    share = request.parameters.review_share
    # Days are not filled to the last minute, and reviews take their share: what does not fit is taken off the end.
    while True:
        steps = [step for block in chosen for step in block.steps]
        packed = pack(steps, request.today, request.minutes_per_day, reviews.copy(), most=request.days, share=share)
        if not packed.missing:
            return chosen, packed
        chosen = _first(chosen, packed.placed)


def _chosen(material: Material, found: Closure, blocks: Sequence[Block], room: int, most: int) -> list[Block]:
    """Whole aims as long as they fit, the best by the minute first; then whatever else fits, in the plan's order."""
    size = {block.skill: sum([step.minutes for step in block.steps]) for block in blocks}
    count = {block.skill: len(block.steps) for block in blocks}
    rests = _Rests(material, blocks)
    taken: dict[str, None] = {}
    left, steps = room, most
    aims = [aim for aim in found.aims if aim in size]
    while aims and len(found.aims) <= FEW:
        ways = {aim: rests.way(aim, taken) for aim in aims}
        fit = [
            aim
            for aim in aims
            if sum(size[skill] for skill in ways[aim]) <= left and sum(count[skill] for skill in ways[aim]) <= steps
        ]
        if not fit:
            break

        def rank(aim: str, ways: Mapping[str, list[str]] = ways) -> tuple[float, str]:
            weight = max(0.01, material.skills[aim].weight) if aim in material.skills else 0.01
            return -weight / max(1, sum(size[skill] for skill in ways[aim])), aim

        best = min(fit, key=rank)
        taken.update(dict.fromkeys(ways[best]))
        left -= sum(size[skill] for skill in ways[best])
        steps -= sum(count[skill] for skill in ways[best])
        aims = [aim for aim in aims if aim not in taken]
    chosen = list[Block]()
    for block in blocks:
        skill = block.skill
        if skill in taken:
            chosen.append(block)
        elif left > 0 and steps > 0 and all(need in taken for need in rests.of(skill)):
            part = _first([block], _how_many(block, left, steps))
            chosen.extend(part)
            if part and len(part[0].steps) == len(block.steps):
                taken[skill] = None
            left -= sum(step.minutes for kept in part for step in kept.steps)
            steps -= sum(len(kept.steps) for kept in part)
    return chosen


class _Rests:
    """What the blocks of a plan rest on, found for those that somebody asks about: most of a long way never fits."""

    def __init__(self, material: Material, blocks: Sequence[Block]) -> None:
        self._material = material
        self._steps: dict[str, list[Step]] = {}
        self._homes: dict[str, str] = {}
        self._known: dict[str, tuple[str, ...]] = {}
        for block in blocks:
            self._steps.setdefault(block.skill, []).extend(block.steps)
            self._homes.update((step.piece, block.skill) for step in block.steps if step.kind == LEARN)

    def of(self, skill: str) -> tuple[str, ...]:
        """The blocks before that of a skill: those of its prerequisites and of its steps', and of earlier lessons."""
        if skill not in self._known:
            self._known[skill] = tuple(name for name in self._found(skill) if name in self._steps)
        return self._known[skill]

    def _found(self, skill: str) -> dict[str, None]:
        course, needs = self._material.course, self._material.needs
        found = dict.fromkeys(needs(skill))
        for step in self._steps[skill]:
            piece = course.lessons[step.piece] if step.is_lesson else course.items_by_id[step.piece]
            for own in piece.skills:
                found.update(dict.fromkeys(needs(own)))
            if step.is_lesson:
                earlier = self._material.before.get(step.piece, ())
                found.update(dict.fromkeys(self._homes[slug] for slug in earlier if slug in self._homes))
        found.pop(skill, None)
        return found

    def way(self, aim: str, taken: Mapping[str, None]) -> list[str]:
        """An aim and all that it rests on and that is not taken yet."""
        found, pending = {aim: None}, [aim]
        while pending:
            for need in self.of(pending.pop()):
                if need not in taken and need not in found:
                    found[need] = None
                    pending.append(need)
        return list(found)


def _how_many(block: Block, minutes: int, most: int) -> int:
    """How many first steps of a block fit."""
    for number, step in enumerate(block.steps):
        minutes -= step.minutes
        if minutes < 0 or number >= most:
            return number
    return len(block.steps)


def _cut(blocks: list[Block], minutes: int, most: int) -> list[Block]:
    """The first steps that fit."""
    number = 0
    for step in (step for block in blocks for step in block.steps):
        minutes -= step.minutes
        if minutes < 0 or number >= most:
            break
        number += 1
    return _first(blocks, number)


def _first(blocks: Sequence[Block], number: int) -> list[Block]:
    """The blocks of the first steps."""
    found = []
    for block in blocks:
        steps = block.steps[: max(0, number)]
        number -= len(block.steps)
        if steps:
            found.append(Block(block.skill, steps))
    return found
