"""A path planned anew, where that helps: finished steps stay, and so does what the new answers say nothing of.

Only skills with answers since the last plan get new steps, in their old place. A change has to save a share of the
minutes that are left, a tenth by default; a path that has stopped leading to its goal is mended whatever that saves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from attune.domain.instants import DAY_MS
from attune.domain.paths.actions import ADAPT, demand
from attune.domain.paths.advance import ASKED, KNOWLEDGE_CHECK, MASTERED_EARLY, TWO_MISSES, Cause, causes, is_exhausted
from attune.domain.paths.block import Block, Kept
from attune.domain.paths.checks import expected_minutes
from attune.domain.paths.closure import Standings
from attune.domain.paths.diff import Diff, compare
from attune.domain.paths.goal import FULL, OFF, ORDER
from attune.domain.paths.material import material
from attune.domain.paths.milestone import Milestone
from attune.domain.paths.path import ADAPTATIONS, Adaptation, Path, numbered
from attune.domain.paths.plan import MOST_STEPS, Draft, draft
from attune.domain.paths.request import PlanRequest
from attune.domain.paths.stage import Stage, staged
from attune.domain.paths.step import Step

UNASKED_EVERY_MS: Final = DAY_MS
TOO_SOON: Final = "too_soon"
SAVES_TOO_LITTLE: Final = "saves_too_little"
FIXED: Final = "fixed"
NOTHING_NEW: Final = "nothing_new"


def replan(path: Path, request: PlanRequest, cause: Cause) -> tuple[Path, Diff]:
    """The path adapted at the moment of the request, and what changed; the same path where nothing does.

    The request brings the situation, the pace and the time; goal and test-outs are the path's own. Raises `Conflict`
    where the path allows no adaptation.
    """
    now = request.now
    demand(path, ADAPT, now)
    asked = cause.code in ASKED
    if not asked and path.adapted_at is not None and now - path.adapted_at < UNASKED_EVERY_MS:
        return path, Diff(kept=TOO_SOON)
    if path.adaptivity == OFF:
        return path, Diff(kept=FIXED)
    proposal = _proposed(path, request, cause) if path.adaptivity == FULL else _reordered(path)
    before = [step for step in path.steps if not step.is_done]
    diff = compare([step.id for step in before], [step.id for step in proposal.steps])
    if diff.is_empty:
        return path, Diff(kept=NOTHING_NEW)
    if not (proposal.mends or _saves(path, before, proposal, request)):
        return path, Diff(kept=SAVES_TOO_LITTLE)
    diff = replace(diff, because=_because(path, cause))
    begun = [Stage(stage.skill, done) for stage in path.stages if (done := _done(stage))]
    adaptation = Adaptation(
        at=now,
        because=tuple((entry.code, entry.skill) for entry in diff.because),
        added=len(diff.added),
        removed=len(diff.removed),
        moved=len(diff.moved),
    )
    numbers = dict(path.numbers)
    for skill, number in numbered(proposal.steps).items():
        numbers[skill] = max(numbers.get(skill, 0), number)
    return (
        replace(
            path,
            stages=staged(proposal.steps, begun, request.parameters.stage_steps),
            milestones=proposal.milestones,
            touched=frozenset(),
            misses={},
            numbers=numbers,
            adapted_at=path.adapted_at if asked else now,
            active_at=now,
            adaptation_count=path.adaptation_count + 1,
            adaptations=(*path.adaptations, adaptation)[-ADAPTATIONS:],
            rev=path.rev + 1,
        ),
        diff,
    )


@dataclass(frozen=True, slots=True)
class _Proposal:
    """Open steps in their new order; `mends` where the old ones do not lead to the goal."""

    steps: Sequence[Step]
    milestones: tuple[Milestone, ...]
    mends: bool


def _proposed(path: Path, request: PlanRequest, cause: Cause) -> _Proposal:
    course = request.situation.course
    open_ = [step for step in path.steps if not step.is_done]
    doubtful = frozenset(entry.skill for entry in causes(path) if entry.code == TWO_MISSES)
    request = replace(
        request,
        goal=path.goal,
        known=path.known,
        doubtful=doubtful,
        check_all=cause.code == KNOWLEDGE_CHECK,
    )
    gone = {step.skill for step in open_ if step.piece not in course.lessons and step.piece not in course.items_by_id}
    exhausted = is_exhausted(path)
    disturbed = _disturbed(open_, request, path.touched | gone)
    affected = (path.touched | gone | disturbed) - path.left_out
    if exhausted:
        affected |= {entry.skill for entry in path.milestones if not path.is_there(entry.skill)}
    blocks: dict[str, list[Step]] = {}
    for step in open_:
        blocks.setdefault(step.skill, []).append(step)
    kept = Kept(
        blocks={skill: tuple(steps) for skill, steps in blocks.items() if skill not in affected},
        order=tuple(blocks),
        done={step.piece: step.done_at for step in path.steps if step.done_at is not None},
        numbers=path.numbers,
        affected=affected,
    )
    displaced = [step.piece for step in open_ if step.is_lesson and step.skill in affected]
    made = draft(request, kept, affected, displaced)
    if path.missing:
        shortened = (_no_longer(block, blocks.get(block.skill, ())) for block in made.blocks)
        made = replace(made, blocks=[block for block in shortened if block.steps])
    fresh = [step for block in made.blocks for step in block.steps]
    steps = _renamed(fresh, [step for step in open_ if step.skill in affected])
    room = MOST_STEPS - sum(step.is_done for step in path.steps)
    mends = bool(gone or disturbed) or exhausted or _falls_short(path, made, doubtful)
    return _Proposal(steps[:room], _milestones(path, request, made, steps[:room]), mends)


def _disturbed(open_: Sequence[Step], request: PlanRequest, affected: frozenset[str]) -> frozenset[str]:
    """The skills of lessons that build on one about an affected skill that is to be read now and has no step yet."""
    stock = material(request.situation.course)
    standings = Standings(request, stock)
    there = {step.piece for step in open_}
    return frozenset(
        step.skill
        for step in open_
        for before in stock.before.get(step.piece, ())
        if step.is_lesson and before not in there and not standings.is_behind(before)
        if affected.intersection(stock.course.lessons[before].skills)
    )


def _no_longer(block: Block, old: Sequence[Step]) -> Block:
    """Where the goal did not fit its days, a skill takes no more minutes than it had."""
    room, steps = sum(step.minutes for step in old), list[Step]()
    for step in block.steps:
        room -= step.minutes
        if room < 0:
            break
        steps.append(step)
    return Block(block.skill, tuple(steps))


def _reordered(path: Path) -> _Proposal:
    """What is mastered goes to the end; everything stays."""
    open_ = [step for step in path.steps if not step.is_done]
    steps = sorted(open_, key=lambda step: bool(step.skill) and path.is_there(step.skill))
    return _Proposal(steps, path.milestones, mends=False)


def _falls_short(path: Path, made: Draft, doubtful: frozenset[str]) -> bool:
    """Whether a skill that the goal needs has no steps left, or its steps are too hard."""
    open_ = {step.skill for step in path.open_steps}
    brought = {block.skill for block in made.blocks if block.skill in made.found.needs}
    return bool((brought - open_) | (doubtful & brought))


def _saves(path: Path, before: Sequence[Step], proposal: _Proposal, request: PlanRequest) -> bool:
    """Whether a good share of the minutes left is saved, or put off to the end where nothing may be dropped; or else as
    much is lacking."""
    p = request.situation.p
    old, new = expected_minutes(before, p), expected_minutes(proposal.steps, p)
    if path.adaptivity != FULL:
        new = old - sum(step.minutes for step in before if step.skill and path.is_there(step.skill))
    return abs(old - new) >= request.parameters.worth_replanning * old


def _renamed(fresh: Sequence[Step], old: Sequence[Step]) -> list[Step]:
    """The new steps; one that is the same as an old one is that old one, with its id and its tries."""
    waiting: dict[tuple[str, ...], list[Step]] = {}
    for step in old:
        waiting.setdefault((step.skill, *step.thing, *step.covers), []).append(step)
    found = []
    ours = {step.id for step in old}
    for step in fresh:
        same = waiting.get((step.skill, *step.thing, *step.covers))
        found.append(same.pop(0) if same and step.id not in ours else step)
    return found


def _milestones(path: Path, request: PlanRequest, made: Draft, steps: Sequence[Step]) -> tuple[Milestone, ...]:
    """Those reached, then those of the steps in their order; the rest is not asked for any more."""
    old = {milestone.skill: milestone for milestone in path.milestones}
    standings = request.situation.standings
    found = [milestone for milestone in path.milestones if path.is_there(milestone.skill)]
    done = {milestone.skill for milestone in found}
    for skill in dict.fromkeys(step.skill for step in steps):
        if skill in done:
            continue
        if skill in old:
            found.append(old[skill])
        elif skill in made.found.needs:
            found.append(Milestone(skill, made.found.needs[skill], round(standings[skill].rating, 1)))
    named = {milestone.skill for milestone in found}
    found.extend(
        old[skill] for skill in made.found.needs if skill in old and skill not in named and skill in path.left_out
    )
    return tuple(found)


def _because(path: Path, cause: Cause) -> tuple[Cause, ...]:
    """The cause, and what the path itself remembers; a request stands aside where there is something to say."""
    remembered: Iterable[Cause] = (entry for entry in causes(path) if entry.code in (MASTERED_EARLY, TWO_MISSES))
    if path.adaptivity == ORDER:
        open_ = dict.fromkeys(step.skill for step in path.steps if not step.is_done)
        remembered = (Cause(MASTERED_EARLY, skill) for skill in open_ if path.is_there(skill))
    found = dict.fromkeys(remembered)
    if cause.code not in ASKED and (cause.skill or not found):
        found = dict.fromkeys((cause, *found))
    return tuple(found) or (cause,)


def _done(stage: Stage) -> tuple[Step, ...]:
    return tuple(step for step in stage.steps if step.is_done)
