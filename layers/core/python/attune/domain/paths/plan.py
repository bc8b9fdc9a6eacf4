"""From a goal to a plan: what it rests on, in order, in stages and days that fit, with milestones on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attune.domain.paths.block import Block, Blocks, Kept
from attune.domain.paths.checks import with_checks
from attune.domain.paths.closure import Closure, Standings, closure
from attune.domain.paths.days import Day, ReviewQueue, pack
from attune.domain.paths.fixed import fixed_blocks
from attune.domain.paths.forecast import Finish, forecast
from attune.domain.paths.goal import FULL, adaptivity
from attune.domain.paths.limit import limited
from attune.domain.paths.material import Material, material
from attune.domain.paths.milestone import Milestone
from attune.domain.paths.pace import Minutes, Pace
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.reviews import reviews
from attune.domain.paths.stage import Stage, staged
from attune.domain.paths.step import PRACTISE, Step
from attune.domain.paths.subset import fitting

MOST_STEPS: Final = 500
"""Steps of a path; a longer way is planned as far as that."""
_COUNT_DOUBT: Final = 0.09
"""The relative variance of how many answers one skill takes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is proposed. Where the goal does not fit its days, `feasible` is False, the stages are the best part of it
    that does, `missing` minutes would be needed on top, and `left_out` are the skills that are not brought along.

    `needed` are the minutes of the whole goal, `minutes` those of the stages; `days` hold reviews too.
    """

    stages: tuple[Stage, ...]
    milestones: tuple[Milestone, ...]
    needed: Minutes
    minutes: Minutes
    days: tuple[Day, ...]
    finish: Finish
    feasible: bool
    missing: int
    left_out: tuple[str, ...]
    wanted: frozenset[str]

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for stage in self.stages for step in stage.steps)


def plan(request: PlanRequest) -> Plan:
    """The best plan for a request; the same request always gives the same plan."""
    made = draft(request)
    scope = reviews(made.material, _alive(request, made), request.minutes_per_day, request.pace.factor)
    queue = ReviewQueue(scope, request.memories)
    queue.advance(request.today)
    whole = [step for block in made.blocks for step in block.steps]
    share = request.parameters.review_share
    packed = pack(whole, request.today, request.minutes_per_day, queue.copy(), most=request.days, share=share)
    feasible = not packed.missing and len(whole) <= MOST_STEPS
    blocks, fits = made.blocks, packed
    if not feasible:
        blocks, fits = fitting(request, made.material, made.found, made.blocks, queue, MOST_STEPS)
    steps = [step for block in blocks for step in block.steps]
    brought = {block.skill for block in blocks}
    minutes = interval(request.pace, steps)
    return Plan(
        stages=staged(steps, largest=request.parameters.stage_steps),
        milestones=milestones(request, made.found, [block.skill for block in blocks]),
        needed=interval(request.pace, whole),
        minutes=minutes,
        days=fits.days,
        finish=forecast(
            steps,
            minutes,
            request.today,
            request.minutes_per_day,
            queue,
            request.attendance,
            fits,
            share,
        ),
        feasible=feasible,
        missing=0 if feasible else max(1, packed.missing),
        left_out=tuple(block.skill for block in made.blocks if block.skill not in brought),
        wanted=made.found.wanted,
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """All steps of a goal, before it is asked whether they fit."""

    material: Material
    found: Closure
    blocks: list[Block]


def draft(
    request: PlanRequest,
    kept: Kept | None = None,
    only: frozenset[str] | None = None,
    displaced: Sequence[str] = (),
) -> Draft:
    """The blocks of a goal. What is `kept` stays as it is; with `only`, new blocks are made for those skills alone,
    whose steps were the `displaced` lessons among others."""
    stock = material(request.situation.course)
    standings = Standings(request, stock)
    if adaptivity(request.goal, request.situation.course) != FULL:
        fixed = fixed_blocks(request, stock)
        return Draft(stock, fixed.found, fixed.blocks)
    whole = closure(request, stock, standings)
    kept = kept or Kept()
    found = whole if only is None else limited(whole, stock, only, displaced, kept)
    blocks = Blocks(request, stock, standings, found, kept)
    made = blocks.made()
    fresh = frozenset(block.skill for block in made if request.check_all or block.skill not in kept.blocks)
    return Draft(stock, found, with_checks(request, stock, standings, whole, blocks, made, fresh))


def interval(pace: Pace, steps: Sequence[Step]) -> Minutes:
    """The minutes of open steps; practice may take more or fewer steps than planned, skill by skill."""
    authored = [step.authored for step in steps]
    total = sum(authored)
    by_skill: dict[str, int] = {}
    for step in steps:
        if step.kind == PRACTISE:
            by_skill[step.skill] = by_skill.get(step.skill, 0) + step.authored
    doubt = _COUNT_DOUBT * sum(minutes**2 for minutes in by_skill.values()) / total**2 if total else 0.0
    return pace.interval(authored, doubt)


def milestones(request: PlanRequest, found: Closure, skills: Sequence[str]) -> tuple[Milestone, ...]:
    """The milestones of skills in their order, those that the goal or another skill needs."""
    standings = request.situation.standings
    return tuple(
        Milestone(skill, found.needs[skill], round(standings[skill].rating, 1))
        for skill in dict.fromkeys(skills)
        if skill in found.needs
    )


def _alive(request: PlanRequest, made: Draft) -> dict[str, None]:
    """The skills that reviews keep alive: those of the plan and those remembered that they rest on or that it names."""
    scope = dict.fromkeys((*made.found.needs, *made.found.aims))
    pending = list(scope)
    while pending:
        for need in made.material.needs(pending.pop()):
            if need not in scope:
                scope[need] = None
                pending.append(need)
    return dict.fromkeys(skill for skill in scope if skill in made.material.skills)
