"""What becomes of recommendations and of learners, as metrics that are counted in the write in which it is known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from attune.domain.experiments.assignments import Assignment, Assignments
from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.metric import DROPOUT, WINDOW_MS, WRITTEN_WITH, Metric
from attune.domain.experiments.tally import Sums, Tally, change, value_after
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import ACCEPTED, COMPLETED, Offer

Outcome = Callable[[Metric, Assignment], float]


@dataclass(frozen=True, slots=True)
class Counted:
    """What is added to the tally of a learner's arm."""

    experiment: str
    assignment: Assignment
    adds: Tally


def count(
    ledger: Ledger, was: Offer, offer: Offer, experiments: Sequence[Experiment], arms: Assignments
) -> tuple[Ledger, tuple[Counted, ...]]:
    """What a change of a recommendation says of the experiments that a learner is in; the ledger remembers it.

    Only a recommendation that was made since the exposure says anything.
    """

    def outcome(metric: Metric, assignment: Assignment) -> float:
        return _outcome(metric, assignment, was, offer) if offer.made_at >= assignment.at else 0.0

    return _counted(ledger, experiments, arms, outcome)


def drop_out(
    ledger: Ledger, experiments: Sequence[Experiment], arms: Assignments
) -> tuple[Ledger, tuple[Counted, ...]]:
    """The same for a learner who stayed away for a fortnight: it counts once, and stays counted if they come back."""
    return _counted(ledger, experiments, arms, lambda metric, _: float(metric.name == DROPOUT))


def _counted(
    ledger: Ledger, experiments: Sequence[Experiment], arms: Assignments, outcome: Outcome
) -> tuple[Ledger, tuple[Counted, ...]]:
    found: list[Counted] = []
    measured = dict(ledger.measured)
    for one in experiments:
        assignment = arms.get(one.id)
        if assignment is None or not assignment.counts or not one.is_open:
            continue
        values = dict(measured.get(one.id, {}))
        sums = dict(_changed(one, assignment, values, outcome))
        if sums:
            measured[one.id] = values
            found.append(Counted(one.id, assignment, Tally(metrics=sums)))
    return (replace(ledger, measured=measured) if found else ledger), tuple(found)


def _changed(
    one: Experiment, assignment: Assignment, values: dict[str, int], outcome: Outcome
) -> Iterator[tuple[str, Sums]]:
    for metric in one.definition.metrics:
        if metric.name in WRITTEN_WITH:
            before = values.get(metric.name, 0)
            after = value_after(metric, before, outcome(metric, assignment))
            if after != before:
                values[metric.name] = after
                yield metric.name, change(before, after, assignment)


def _outcome(metric: Metric, assignment: Assignment, was: Offer, offer: Offer) -> float:
    if metric.name == DROPOUT:
        return 0.0
    if metric.name == "accepted":
        return float(offer.status in (ACCEPTED, COMPLETED))
    if metric.name == "completed_within_7d":
        return float(offer.status == COMPLETED and (offer.at or 0) - assignment.at <= WINDOW_MS)
    return _gain(offer) - _gain(was)


def _gain(offer: Offer) -> float:
    return (offer.effect.observed or 0.0) if offer.effect else 0.0
