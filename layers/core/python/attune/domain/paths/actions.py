"""What a learner may do with a path: by its status, and nothing else.

ACTIVE may be started once, paused, adapted or cancelled, PAUSED may be resumed or cancelled; COMPLETED comes by itself
with the last step, ARCHIVED 30 days later. What is over stays over.
"""

from dataclasses import replace
from typing import Final

from attune.domain.errors import Conflict, NotFound
from attune.domain.paths.path import ACTIVE, CANCELLED, COMPLETED, PAUSED, Path
from attune.domain.paths.stage import Stage
from attune.domain.paths.step import ASSESS, BY_LEARNER, Step

START: Final = "start"
PAUSE: Final = "pause"
RESUME: Final = "resume"
COMPLETE_STEP: Final = "complete_step"
ADAPT: Final = "adapt"
CANCEL: Final = "cancel"
ACTIONS: Final = (START, PAUSE, RESUME, COMPLETE_STEP, ADAPT, CANCEL)


def allowed(path: Path, now: int) -> tuple[str, ...]:
    """The actions that a path allows at a moment (ms)."""
    status = path.status_at(now)
    if status == ACTIVE and path.started_at is None:
        return START, ADAPT, CANCEL
    if status == ACTIVE:
        return PAUSE, COMPLETE_STEP, ADAPT, CANCEL
    return (RESUME, CANCEL) if status == PAUSED else ()


def demand(path: Path, action: str, now: int) -> None:
    """Raise `Conflict` unless the path allows an action."""
    if action not in (legal := allowed(path, now)):
        status = path.status_at(now)
        raise Conflict("illegal_action", "The path does not allow this.", allowed=list(legal), current=status)


def start(path: Path, now: int) -> Path:
    """Raises `Conflict`."""
    demand(path, START, now)
    return replace(path, started_at=now, active_at=now, rev=path.rev + 1)


def pause(path: Path, now: int, reason: str | None = None) -> Path:
    """Raises `Conflict`."""
    demand(path, PAUSE, now)
    return replace(path, status=PAUSED, paused_at=now, pause_reason=reason, rev=path.rev + 1)


def resume(path: Path, now: int) -> Path:
    """Goes on where the path was left; its dates move by the time of the pause. Raises `Conflict`."""
    demand(path, RESUME, now)
    away = max(0, now - path.paused_at) if path.paused_at is not None else 0
    return replace(
        path,
        status=ACTIVE,
        paused_at=None,
        pause_reason=None,
        paused_ms=path.paused_ms + away,
        active_at=now,
        rev=path.rev + 1,
    )


def cancel(path: Path, now: int) -> Path:
    """Raises `Conflict`."""
    demand(path, CANCEL, now)
    return replace(path, status=CANCELLED, ended_at=now, rev=path.rev + 1)


def complete_step(path: Path, step_id: str, now: int) -> Path:
    """A learner's word for a step; one finished already changes nothing.

    It moves the path on and says nothing of any skill: milestones are reached by evidence, a test-out passed by an
    answer. Raises `Conflict` (illegal_action, step_locked, needs_evidence) and `NotFound`.
    """
    demand(path, COMPLETE_STEP, now)
    for place, stage in enumerate(path.stages):
        step = next((step for step in stage.steps if step.id == step_id), None)
        if step is None:
            continue
        if step.is_done:
            return path
        if place > path.current:
            raise Conflict("step_locked", "The stages before this step come first.", allowed=list(allowed(path, now)))
        if step.kind == ASSESS:
            detail = "A test-out is finished by an answer to its item."
            raise Conflict("needs_evidence", detail, allowed=list(allowed(path, now)))
        done = step._replace(done_at=now, by=BY_LEARNER)
        return completed(replace(with_steps(path, {step_id: done}), active_at=now, rev=path.rev + 1), now)
    raise NotFound("unknown_step", "The path has no such step.")


def delete(path: Path, now: int) -> Path:
    """Out of every list from now on, whatever its status; deleted again, nothing changes."""
    return path if path.deleted_at is not None else replace(path, deleted_at=now, rev=path.rev + 1)


def with_steps(path: Path, changed: dict[str, Step]) -> Path:
    """The path with some steps replaced by id; the other stages stay the same objects."""
    if not changed:
        return path
    stages = [
        Stage(stage.skill, tuple(changed.get(step.id, step) for step in stage.steps))
        if any(step.id in changed for step in stage.steps)
        else stage
        for stage in path.stages
    ]
    return replace(path, stages=tuple(stages))


def completed(path: Path, now: int) -> Path:
    """COMPLETED if nothing is left to do or to reach. An author's fixed path asks for its steps alone."""
    if path.status != ACTIVE or path.open_steps:
        return path
    if path.adaptivity == "full" and not all(path.is_there(milestone.skill) for milestone in path.milestones):
        return path
    return replace(path, status=COMPLETED, ended_at=now)
