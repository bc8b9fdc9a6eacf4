"""The best part of a goal that fits its days: closed under what it rests on, by what it is worth a minute."""

from collections.abc import Mapping, Sequence
from typing import Final

from attune.domain.paths.block import Block
from attune.domain.paths.closure import Closure
from attune.domain.paths.days import Packed, ReviewQueue, pack
from attune.domain.paths.goal import FULL, adaptivity
from attune.domain.paths.material import Material
from attune.domain.paths.request import PlanRequest

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
    by_skill = {block.skill: block for block in blocks}
    size = {block.skill: sum(step.minutes for step in block.steps) for block in blocks}
    count = {block.skill: len(block.steps) for block in blocks}
    rests = {block.skill: [need for need in material.needs(block.skill) if need in by_skill] for block in blocks}
    _add_lessons(rests, material, blocks)
    taken: dict[str, None] = {}
    left, steps = room, most
    aims = [aim for aim in found.aims if aim in by_skill]
    while aims and len(found.aims) <= FEW:
        ways = {aim: _way(aim, rests, taken) for aim in aims}
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
        elif all(need in taken for need in rests[skill]):
            part = _first([block], _how_many(block, left, steps))
            chosen.extend(part)
            if part and len(part[0].steps) == len(block.steps):
                taken[skill] = None
            left -= sum(step.minutes for kept in part for step in kept.steps)
            steps -= sum(len(kept.steps) for kept in part)
    return chosen


def _add_lessons(rests: dict[str, list[str]], material: Material, blocks: Sequence[Block]) -> None:
    """A block rests as well on those that hold the lessons before its own."""
    homes = {step.piece: block.skill for block in blocks for step in block.steps if step.is_lesson}
    for block in blocks:
        own = (step.piece for step in block.steps if step.is_lesson)
        earlier = {homes[slug] for lesson in own for slug in material.before.get(lesson, ()) if slug in homes}
        skills = {skill for step in block.steps for skill in _skills(material, step.piece, step.is_lesson)}
        needed = {need for skill in skills for need in material.needs(skill)}
        known = set(rests[block.skill])
        rests[block.skill].extend(name for name in sorted((earlier | needed) - known - {block.skill}) if name in rests)


def _skills(material: Material, piece: str, is_lesson: bool) -> tuple[str, ...]:
    return material.course.lessons[piece].skills if is_lesson else material.course.items_by_id[piece].skills


def _way(aim: str, rests: Mapping[str, Sequence[str]], taken: Mapping[str, None]) -> list[str]:
    """An aim and all that it rests on and that is not taken yet."""
    found, pending = {aim: None}, [aim]
    while pending:
        for need in rests[pending.pop()]:
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
