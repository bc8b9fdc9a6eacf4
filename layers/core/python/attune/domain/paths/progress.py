"""How far a path is: derived from its steps and milestones, never told by anybody."""

from dataclasses import dataclass

from attune.domain.paths.path import Path


@dataclass(frozen=True, slots=True)
class Progress:
    """`completed` steps were finished, `spared` need not be any more; `percent` (0..100) counts both, to one decimal.

    Minutes are the planned ones. `stage` is the place of the stage being worked on, from 1, at most `stages`.
    """

    completed: int
    spared: int
    total: int
    percent: float
    minutes_done: int
    minutes_left: int
    milestones_reached: int
    milestones: int
    stage: int
    stages: int


def progress(path: Path) -> Progress:
    """The progress of a path; one without steps is wholly done."""
    steps = list(path.steps)
    left = path.open_steps
    done = sum(step.is_done for step in steps)
    behind = len(steps) - len(left)
    return Progress(
        completed=done,
        spared=behind - done,
        total=len(steps),
        percent=round(100.0 * behind / len(steps), 1) if steps else 100.0,
        minutes_done=sum(step.minutes for step in steps if step.is_done),
        minutes_left=sum(step.minutes for step in left),
        milestones_reached=sum(path.is_there(milestone.skill) for milestone in path.milestones),
        milestones=len(path.milestones),
        stage=min(len(path.stages), path.current + 1),
        stages=len(path.stages),
    )
