"""A handful of steps about one skill. A stage is locked until the stages before it are behind the learner."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from attune.domain.paths.parameters import DEFAULT
from attune.domain.paths.step import Step


@dataclass(frozen=True, slots=True)
class Stage:
    """Steps in the order in which they are meant to be done; `skill` is "" where a lesson is about none."""

    skill: str
    steps: tuple[Step, ...]

    @property
    def is_done(self) -> bool:
        return all(step.is_done for step in self.steps)

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads."""
        return [self.skill, [step.to_json() for step in self.steps]]

    @classmethod
    def from_json(cls, row: list[Any]) -> "Stage":
        """What `to_json` wrote."""
        skill, steps = row
        return cls(skill, tuple(Step.from_json(step, skill) for step in steps))


def staged(steps: Iterable[Step], begun: Sequence[Stage] = (), largest: int = DEFAULT.stage_steps) -> tuple[Stage, ...]:
    """The stages of steps in order, after those that have `begun`; the last of these is filled up if it can be.

    A stage has at most `largest` steps.
    """
    stages = list(begun)
    for skill, run in _runs(steps):
        rest = list(run)
        if stages and stages[-1].skill == skill and len(stages[-1].steps) < largest and len(stages) == len(begun):
            room = largest - len(stages[-1].steps)
            stages[-1] = Stage(skill, (*stages[-1].steps, *rest[:room]))
            rest = rest[room:]
        stages.extend(Stage(skill, tuple(rest[place : place + largest])) for place in range(0, len(rest), largest))
    return tuple(stages)


def _runs(steps: Iterable[Step]) -> Iterator[tuple[str, list[Step]]]:
    """Neighbours of one skill together."""
    run: list[Step] = []
    for step in steps:
        if run and run[-1].skill != step.skill:
            yield run[0].skill, run
            run = []
        run.append(step)
    if run:
        yield run[0].skill, run
