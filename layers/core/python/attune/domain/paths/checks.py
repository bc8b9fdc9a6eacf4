"""Test-outs: one hard item may save the steps of skills that a learner seems to know already.

A test-out stands before the steps that it can save, in the stage of the first skill it covers, since nothing is taught
by it. Its item is about the furthest of them: who can do that has what it builds upon, though the evidence is weaker.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from attune.domain.course import Item
from attune.domain.learning.measures import CENTRE
from attune.domain.paths.block import Block, Blocks
from attune.domain.paths.closure import Closure, Standings
from attune.domain.paths.material import Material
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.step import ASSESS, Step

TOLD: Final = CENTRE + 50.0
"""A rating without answers from here on is a word of the learner's that a test-out may confirm."""
MEASURED: Final = 3
"""Answers after which a skill is measured and needs no test-out."""
MOST: Final = 5
"""Test-outs of one plan."""


class _Chance(NamedTuple):
    skill: str
    covers: tuple[str, ...]
    item: Item


def with_checks(
    request: PlanRequest,
    material: Material,
    standings: Standings,
    found: Closure,
    blocks: Blocks,
    made: list[Block],
    fresh: frozenset[str],
) -> list[Block]:
    """The blocks with test-outs before those `fresh` ones where one is likely to save more than it takes."""
    steps = {block.skill: block.steps for block in made}
    open_ = [skill for skill in blocks.order if skill in fresh and _is_open(request, standings, found, skill, steps)]
    if not request.check_all:
        # Without a word of the learner's about any skill there is nothing to confirm.
        told = {skill for skill in open_ if standings.of(skill).rating >= TOLD}
        if not told:
            return made
    else:
        told = set(open_)
    before: dict[str, Step] = {}
    covered = {skill for block in made for step in block.steps for skill in step.covers}
    for skill in reversed(blocks.order):
        if skill not in told or skill in covered or len(before) == MOST:
            continue
        chance = _chance(material, blocks, skill, set(open_) - covered)
        if chance is None or not _is_worth_it(request, chance, steps):
            continue
        covered.update(chance.covers)
        first = chance.covers[0]
        if first not in before:
            before[first] = blocks.assess(chance.item, first, chance.covers)
    return [
        Block(block.skill, (before[block.skill], *block.steps)) if block.skill in before else block for block in made
    ]


def _is_open(
    request: PlanRequest, standings: Standings, found: Closure, skill: str, steps: Mapping[str, tuple[Step, ...]]
) -> bool:
    need = found.needs.get(skill)
    unmeasured = standings.of(skill).attempts < MEASURED or (request.check_all and skill not in request.doubtful)
    # A rating is never shown by one item.
    return need is not None and need.rating is None and skill in steps and unmeasured


def _chance(material: Material, blocks: Blocks, skill: str, open_: set[str]) -> _Chance | None:
    """What a test-out in a skill would cover, in order, and its item: the hardest, of those without a step if any."""
    covers, pending = {skill}, [skill]
    while pending:
        for need in material.needs(pending.pop()):
            if need in open_ and need not in covers:
                covers.add(need)
                pending.append(need)
    fit = [item for item in material.items.get(skill, ()) if covers.issuperset(item.skills)]
    if not fit:
        return None
    free = [item for item in fit if not blocks.is_taken(item)]
    item = min(free or fit, key=lambda item: (-item.difficulty, item.minutes, material.item_place[item.id]))
    return _Chance(skill, tuple(name for name in blocks.order if name in covers), item)


def _is_worth_it(request: PlanRequest, chance: _Chance, steps: Mapping[str, tuple[Step, ...]]) -> bool:
    saved = sum(step.minutes for skill in chance.covers for step in steps[skill])
    p = request.situation.p.get(chance.item.id, 0.5)
    return p * saved > request.pace.minutes(chance.item.minutes)


def expected_minutes(steps: Iterable[Step], chances: Mapping[str, float]) -> float:
    """The minutes that open steps take, those that a test-out covers only if it fails; `chances` are by item."""
    listed = [step for step in steps if not step.is_done]
    spared: dict[str, float] = {}
    for step in listed:
        if step.kind == ASSESS:
            for skill in step.covers:
                spared[skill] = max(spared.get(skill, 0.0), chances.get(step.piece, 0.5))
    return sum(
        step.minutes if step.kind == ASSESS else step.minutes * (1.0 - spared.get(step.skill, 0.0)) for step in listed
    )
