"""What becomes of a recommendation, as the metrics that are measured here: in the write in which it happens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from attune.domain.experiments.assignments import Assignment, Assignments
from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.metric import BUILT_IN, WINDOW_MS, Metric
from attune.domain.experiments.tally import Sums, Tally, change, value_after
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import ACCEPTED, COMPLETED, Offer


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
    found: list[Counted] = []
    measured = dict(ledger.measured)
    for one in experiments:
        assignment = arms.get(one.id)
        if assignment is None or not assignment.counts or not one.is_open or offer.made_at < assignment.at:
            continue
        values = dict(measured.get(one.id, {}))
        sums = dict(_changed(one, assignment, values, was, offer))
        if sums:
            measured[one.id] = values
            found.append(Counted(one.id, assignment, Tally(metrics=sums)))
    return (replace(ledger, measured=measured) if found else ledger), tuple(found)


def _changed(
    one: Experiment, assignment: Assignment, values: dict[str, int], was: Offer, offer: Offer
) -> Iterator[tuple[str, Sums]]:
    for metric in one.definition.metrics:
        if metric.name in BUILT_IN:
            before = values.get(metric.name, 0)
            after = value_after(metric, before, _outcome(metric, assignment, was, offer))
            if after != before:
                values[metric.name] = after
                yield metric.name, change(before, after, assignment)


def _outcome(metric: Metric, assignment: Assignment, was: Offer, offer: Offer) -> float:
    if metric.name == "accepted":
        return float(offer.status in (ACCEPTED, COMPLETED))
    if metric.name == "completed_within_7d":
        return float(offer.status == COMPLETED and (offer.at or 0) - assignment.at <= WINDOW_MS)
    return _gain(offer) - _gain(was)


def _gain(offer: Offer) -> float:
    return (offer.effect.observed or 0.0) if offer.effect else 0.0
