"""The steps of a path whose author wants them all: off keeps their order, order puts last what is mastered."""

from itertools import groupby
from typing import NamedTuple

from attune.domain.paths.block import Block
from attune.domain.paths.closure import Closure
from attune.domain.paths.goal import template_of
from attune.domain.paths.material import Material
from attune.domain.paths.milestone import Need
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.step import LEARN, PRACTISE, Step, named


class Fixed(NamedTuple):
    """The blocks in the author's order; a skill may have several."""

    found: Closure
    blocks: list[Block]


def fixed_blocks(request: PlanRequest, material: Material) -> Fixed:
    """Every step that the course still has, about the first skill that it names."""
    course = request.situation.course
    template = template_of(request.goal, course)
    steps, numbers = list[Step](), dict[str, int]()
    needs: dict[str, Need] = {}
    for name in template.steps if template else ():
        piece = course.lessons.get(name) or course.items_by_id.get(name)
        if piece is None:
            continue
        known = [skill for skill in piece.skills if skill in material.skills]
        skill = known[0] if known else ""
        numbers[skill] = numbers.get(skill, 0) + 1
        kind = LEARN if name in course.lessons else PRACTISE
        if kind == PRACTISE and skill:
            needs[skill] = Need(mastery=course.mastery)
        steps.append(
            Step(
                id=named(skill, numbers[skill]),
                kind=kind,
                piece=name,
                skill=skill,
                authored=piece.minutes,
                minutes=request.pace.minutes(piece.minutes),
                since=request.now,
            )
        )
    blocks = [Block(skill, tuple(run)) for skill, run in groupby(steps, key=lambda step: step.skill)]
    wanted = frozenset(step.piece for step in steps)
    return Fixed(Closure(needs=needs, aims=frozenset(needs), wanted=wanted), blocks)
