"""A learner's path: the plan that was agreed on, how far it is done, and everything that happened to it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from attune.domain.instants import DAY_MS
from attune.domain.paths.goal import FULL, Goal
from attune.domain.paths.milestone import Milestone
from attune.domain.paths.stage import Stage
from attune.domain.paths.step import ASSESS, Step

ACTIVE: Final = "ACTIVE"
PAUSED: Final = "PAUSED"
COMPLETED: Final = "COMPLETED"
CANCELLED: Final = "CANCELLED"
ARCHIVED: Final = "ARCHIVED"
STATUSES: Final = (ACTIVE, PAUSED, COMPLETED, CANCELLED, ARCHIVED)
ARCHIVED_AFTER_MS: Final = 30 * DAY_MS
MOST_ACTIVE: Final = 3
"""Active paths of a learner in a course."""
ADAPTATIONS: Final = 20
"""How many adaptations are remembered, the newest."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """When (ms) a path was changed, why (code and skill), and how many steps it gained, lost and reordered."""

    at: int
    because: tuple[tuple[str, str], ...]
    added: int
    removed: int
    moved: int


@dataclass(frozen=True, slots=True)
class Path:
    """Times are in ms since 1970, `first_day` and `deadline` in days since 1970 where the learner lives.

    `wanted` are the pieces that the goal itself names: nothing excuses them. `left_out` are skills that did not fit,
    `missing` the minutes they would take. `known` are skills shown by a test-out. `touched` are skills with answers
    since the last adaptation, `misses` the misses in a row by skill, `numbers` the last number of a step by skill.
    `active_at` is when the path last moved, `adapted_at` when it was last changed unasked. `rev` rises with each
    change.
    """

    goal: Goal
    minutes_per_day: int
    duration: int
    first_day: int
    created_at: int
    deadline: int | None = None
    title: str = ""
    description: str = ""
    adaptivity: str = FULL
    status: str = ACTIVE
    rev: int = 1
    stages: tuple[Stage, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    wanted: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    missing: int = 0
    known: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    misses: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    started_at: int | None = None
    paused_at: int | None = None
    pause_reason: str | None = None
    paused_ms: int = 0
    ended_at: int | None = None
    deleted_at: int | None = None
    active_at: int = 0
    adapted_at: int | None = None
    adaptation_count: int = 0
    adaptations: tuple[Adaptation, ...] = ()

    @property
    def steps(self) -> Iterator[Step]:
        """All steps in order."""
        return (step for stage in self.stages for step in stage.steps)

    @property
    def feasible(self) -> bool:
        """Whether the whole goal fitted when the path was made."""
        return not self.missing

    @property
    def last_day(self) -> int:
        """The day by which the path should be done: moved by pauses, never past the deadline."""
        last = self.first_day + self.duration - 1 + self.paused_ms // DAY_MS
        return last if self.deadline is None else min(last, self.deadline)

    @property
    def is_active(self) -> bool:
        """Whether it counts as one of the active paths."""
        return self.status == ACTIVE and self.deleted_at is None

    def status_at(self, now: int) -> str:
        """The status at a moment: what is completed is archived after 30 days, whoever looks."""
        if self.status == COMPLETED and self.ended_at is not None and now - self.ended_at >= ARCHIVED_AFTER_MS:
            return ARCHIVED
        return self.status

    def is_there(self, skill: str) -> bool:
        """Whether a skill has come as far as the path asks of it; a skill without a milestone has not."""
        found = next((milestone for milestone in self.milestones if milestone.skill == skill), None)
        if found is None:
            return False
        return found.is_reached or (found.need.rating is None and skill in self.known)

    def is_behind(self, step: Step) -> bool:
        """Whether a step need not be done any more: finished, or all that it is for is there."""
        if step.is_done:
            return True
        if step.piece in self.wanted and step.kind != ASSESS:
            return False
        return all(self.is_there(skill) for skill in step.covers or (step.skill,))

    @property
    def open_steps(self) -> tuple[Step, ...]:
        """The steps still to be done, in order."""
        there = {milestone.skill for milestone in self.milestones if self.is_there(milestone.skill)}
        return tuple(step for step in self.steps if not self._is_behind(step, there))

    @property
    def current(self) -> int:
        """The place of the stage that is being worked on: those after it are locked; past the end if all are done."""
        left = {step.id for step in self.open_steps}
        for place, stage in enumerate(self.stages):
            if any(step.id in left for step in stage.steps):
                return place
        return len(self.stages)

    def _is_behind(self, step: Step, there: set[str]) -> bool:
        if step.is_done or (step.piece in self.wanted and step.kind != ASSESS):
            return step.is_done
        return all(skill in there for skill in step.covers or (step.skill,))

    def to_json(self) -> dict[str, Any]:
        """A compact plain object that `from_json` reads; equal paths give equal bytes."""
        own = numbered(self.steps)
        plain: dict[str, Any] = {
            "goal": self.goal.to_json(),
            "stages": [stage.to_json() for stage in self.stages],
            "milestones": [milestone.to_json() for milestone in self.milestones],
            "misses": {name: self.misses[name] for name in sorted(self.misses)},
            # Most follow from the steps.
            "numbers": {
                name: self.numbers[name] for name in sorted(self.numbers) if self.numbers[name] != own.get(name)
            },
            "adaptations": [
                [entry.at, [list(cause) for cause in entry.because], entry.added, entry.removed, entry.moved]
                for entry in self.adaptations
            ],
        }
        plain.update({name: sorted(getattr(self, name)) for name in _SETS})
        plain.update({name: getattr(self, name) for name in _PLAIN})
        return {name: value for name, value in plain.items() if value not in (None, [], {}, "")}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Path":
        """What `to_json` wrote."""
        stages = tuple(Stage.from_json(row) for row in plain.get("stages", ()))
        own = numbered(step for stage in stages for step in stage.steps)
        return cls(
            **{name: plain[name] for name in _PLAIN if name in plain},
            wanted=frozenset(plain.get("wanted", ())),
            left_out=frozenset(plain.get("left_out", ())),
            known=frozenset(plain.get("known", ())),
            touched=frozenset(plain.get("touched", ())),
            goal=Goal.from_json(plain.get("goal", {})),
            stages=stages,
            milestones=tuple(Milestone.from_json(row) for row in plain.get("milestones", ())),
            misses=dict(plain.get("misses", {})),
            numbers={**own, **plain.get("numbers", {})},
            adaptations=tuple(
                Adaptation(at, tuple((code, skill) for code, skill in because), added, removed, moved)
                for at, because, added, removed, moved in plain.get("adaptations", ())
            ),
        )


Paths = Mapping[str, Path]
"""By id."""
_SETS: Final = ("wanted", "left_out", "known", "touched")
_PLAIN: Final = (
    "minutes_per_day",
    "duration",
    "first_day",
    "created_at",
    "deadline",
    "title",
    "description",
    "adaptivity",
    "status",
    "rev",
    "missing",
    "started_at",
    "paused_at",
    "pause_reason",
    "paused_ms",
    "ended_at",
    "deleted_at",
    "active_at",
    "adapted_at",
    "adaptation_count",
)


def numbered(steps: Iterable[Step]) -> dict[str, int]:
    """The highest number of a step by skill."""
    found: dict[str, int] = {}
    for step in steps:
        found[step.skill] = max(found.get(step.skill, 0), int(step.id.rpartition("-")[2]))
    return found
