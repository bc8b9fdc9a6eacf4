"""Two learners turn out to be one: the first arm wins, and what was counted twice is counted once, or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from attune.domain.experiments.assignments import EXCLUDED, EXITED, Assignment, Assignments
from attune.domain.experiments.built_in import Counted
from attune.domain.experiments.metric import BINARY, Metric
from attune.domain.experiments.tally import Tally, Values, exposure, sums_of


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: their arms, and the values that were counted of them, by experiment."""

    arms: Assignments
    values: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class United:
    """Both as one. `corrections` are to be added to the tallies, one for each tally that changes."""

    arms: Assignments
    values: Mapping[str, Values]
    corrections: tuple[Counted, ...]


def unite(one: Side, other: Side, metrics: Mapping[str, Mapping[str, Metric]]) -> United:
    """With the `metrics` of each experiment that both are in, by name."""
    arms = {**other.arms, **one.arms}
    values = {**other.values, **one.values}
    corrections: list[Counted] = []
    for id_ in sorted(one.arms.keys() & other.arms.keys()):
        sides = [(side.arms[id_], side.values.get(id_, {})) for side in (one, other)]
        (first, mine), (later, theirs) = sorted(sides, key=lambda side: (side[0].arm is None, side[0].at))
        whole = _values(mine, theirs, metrics.get(id_, {}))
        arms[id_], values[id_] = _assignment(first, later), whole
        corrections += (
            Counted(id_, assignment, adds)
            for assignment, adds in _corrected(arms[id_], first, later, mine, theirs, whole)
        )
    return United(arms, values, _by_tally(corrections))


def _by_tally(corrections: Sequence[Counted]) -> tuple[Counted, ...]:
    """What is added to one tally, at once: a transaction changes a row only once."""
    found: dict[tuple[str, str | None, str], Counted] = {}
    for one in corrections:
        place = one.experiment, one.assignment.arm, one.assignment.row
        if place in found:
            one = replace(one, adds=found[place].adds.plus(one.adds))
        found[place] = one
    return tuple(one for one in found.values() if one.adds.says_something)


def _assignment(first: Assignment, later: Assignment) -> Assignment:
    statuses = first.status, later.status
    moments = [one.left_at for one in (first, later) if one.left_at is not None]
    if EXCLUDED in statuses or (None not in (first.arm, later.arm) and first.arm != later.arm):
        return replace(first, status=EXCLUDED, left_at=min(moments, default=None))
    if EXITED in statuses:
        return replace(first, status=EXITED, left_at=min(moments, default=later.at))
    return first


def _corrected(
    now: Assignment, first: Assignment, later: Assignment, mine: Values, theirs: Values, whole: Values
) -> Iterator[tuple[Assignment, Tally]]:
    if first.arm is None:
        return
    if now.status == EXCLUDED:
        # Who was excluded before is out of all sums already.
        for one, values in ((first, mine), (later, theirs)):
            if one.arm is not None and one.status != EXCLUDED:
                yield one, _taken_back(one, values)
        if EXCLUDED not in (first.status, later.status):
            yield first, Tally(excluded=1)
        return
    if later.arm is not None:
        yield later, _taken_back(later, theirs)
        yield first, _minus(_sums(first, whole), _sums(first, mine))
    if now.status == EXITED and first.status != EXITED:
        yield first, Tally(exited=1)


def _values(mine: Values, theirs: Values, metrics: Mapping[str, Metric]) -> dict[str, int]:
    found = {}
    for name in sorted({*mine, *theirs}):
        a, b = mine.get(name, 0), theirs.get(name, 0)
        metric = metrics.get(name)
        found[name] = max(a, b) if metric is not None and metric.type == BINARY else a + b
    return found


def _sums(one: Assignment, values: Values) -> Tally:
    return Tally(metrics=dict(sums_of(values, one)))


def _taken_back(one: Assignment, values: Values) -> Tally:
    """All that a learner added to an arm, negative."""
    left = Tally(exited=int(one.status == EXITED))
    return _minus(Tally(), exposure(one).plus(left).plus(_sums(one, values)))


def _minus(whole: Tally, part: Tally) -> Tally:
    names = {*whole.metrics, *part.metrics}
    sums = {name: (whole.of(name), part.of(name)) for name in sorted(names)}
    return Tally(
        whole.n - part.n,
        whole.exited - part.exited,
        whole.excluded - part.excluded,
        whole.z - part.z,
        whole.zz - part.zz,
        {name: a.minus(b) for name, (a, b) in sums.items()},
    )
