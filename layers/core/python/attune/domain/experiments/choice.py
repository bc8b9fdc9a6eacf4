"""How a layer serves a learner: as everybody is served, or as an arm of the experiment that they are in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attune.domain.experiments.assignments import Assignments
from attune.domain.experiments.definition import GROUP, Arm, is_held_out
from attune.domain.experiments.eligibility import Traits, asks_rating, eligible
from attune.domain.experiments.experiment import RUNNING, Experiment


@dataclass(frozen=True, slots=True)
class Unit:
    """Who is to be served. `rating` is asked for only where a rule decides by it."""

    learner: str
    kind: str
    course: str
    language: str
    group: str | None
    rating: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Choice:
    """`params` are what differs from the defaults; `key` names them, so that what was made from others is known.

    `experiment` and `arm` name the experiment that the learner is in; `is_new`: they were not exposed to it before.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    experiment: Experiment | None = None
    arm: str | None = None
    is_new: bool = False


def choose(
    layer: str, experiments: Sequence[Experiment], assigned: Assignments, unit: Unit, *, enrol: bool = True
) -> Choice:
    """The choice for a layer. What is stored stands before any hash; without `enrol` there is nothing but it."""
    of_layer = [one for one in experiments if one.definition.layer == layer]
    base = _everybodys(of_layer)
    running = [one for one in of_layer if one.status == RUNNING]
    known = [one for one in running if one.id in assigned and assigned[one.id].arm is not None]
    if known:
        first = min(known, key=lambda one: (assigned[one.id].at, one.id))
        mine = assigned[first.id]
        arm = first.definition.arm(mine.arm or "")
        if arm is None or mine.has_left:
            return base
        return _in(first, arm, base, is_new=False)
    if not enrol or any(one.is_open and one.id in assigned and assigned[one.id].arm is not None for one in of_layer):
        # Whoever is in one that pauses comes into no other: when it goes on they would be in two.
        return base
    for one in running:
        if one.id not in assigned and (arm := _falls_into(one, unit)) is not None:
            return _in(one, arm, base, is_new=True)
    return base


def unit_of(experiment: Experiment, unit: Unit) -> str | None:
    """The name that is put into an arm: the learner's, or their group's; None for who has none."""
    return unit.group if experiment.definition.unit == GROUP else unit.learner


def _falls_into(one: Experiment, unit: Unit) -> Arm | None:
    name, definition = unit_of(one, unit), one.definition
    if name is None or is_held_out(unit.learner, definition.holdout):
        return None
    arm, rule = definition.arm_of(name), definition.eligibility
    if arm is None:
        return None
    traits = Traits(unit.kind, unit.course, unit.language, unit.rating() if asks_rating(rule) else 0.0, unit.group)
    return arm if eligible(rule, traits) else None


def _everybodys(of_layer: Sequence[Experiment]) -> Choice:
    """What the winners of earlier experiments made the default; the later ones stand before the earlier."""
    won = sorted((one for one in of_layer if one.winner is not None), key=lambda one: (one.ended_at or "", one.id))
    params: dict[str, Any] = {}
    for one in won:
        arm = one.definition.arm(one.winner or "")
        params |= arm.params if arm else {}
    return Choice(params, "+".join(f"{one.id}:{one.winner}" for one in won) or None)


def _in(one: Experiment, arm: Arm, base: Choice, *, is_new: bool) -> Choice:
    key = f"{base.key}+{one.id}={arm.key}" if base.key else f"{one.id}={arm.key}"
    return Choice({**base.params, **arm.params}, key, one, arm.key, is_new)
