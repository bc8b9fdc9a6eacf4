"""Count what the site says of a learner in an experiment: each event once, and only of who was exposed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from attune.domain.errors import Conflict, Flaw, Invalid, Unavailable
from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.metric import BINARY, BUILT_IN, Metric
from attune.domain.experiments.tally import Amount, values_after
from attune.domain.jobs import CheckExperiment, Job
from attune.domain.principal import Principal
from attune.store import experiments, outcomes, table

TRIES: Final = 8
COUNTED: Final = "counted"
DUPLICATE: Final = "duplicate"
NOT_ENROLLED: Final = "not_enrolled"
LEFT: Final = "left"
Send = Callable[[Sequence[Job]], None]


def run(
    principal: Principal, course: str, id_: str, event: str, name: str, value: float, now: datetime, send: Send
) -> str:
    """Whether the outcome was counted, and if not, why. Raises `NotFound`, `Conflict`, `Invalid`."""
    found = experiments.known(course, id_, now)
    if not found.is_open:
        raise Conflict("experiment_closed", "The experiment counts nothing now.", current=found.status)
    metric = _metric(found, name, value)
    result = _counted(principal, course, found, metric, event, value, now)
    if result in (COUNTED, DUPLICATE) and any(one.metric == metric for one in found.definition.guardrails):
        # Also for a duplicate: whoever counted it may have ended before the job was sent.
        send([CheckExperiment(course, id_)])
    return result


def _metric(found: Experiment, name: str, value: float) -> Metric:
    metric = found.definition.metric(name)
    if metric is None or name in BUILT_IN:
        raise Invalid(Flaw("/metric", "One of the experiment's metrics that the site itself records."))
    if metric.type == BINARY and value not in (0, 1):
        raise Invalid(Flaw("/value", "0 or 1: this metric is binary."))
    return metric


def _counted(
    principal: Principal, course: str, found: Experiment, metric: Metric, event: str, value: float, now: datetime
) -> str:
    for turn in range(TRIES):
        was = outcomes.read(principal, course, found.id, [event], now)
        assignment = was.settings.arms.get(found.id)
        if assignment is None or assignment.arm is None:
            return NOT_ENROLLED
        if event in was.seen:
            return DUPLICATE
        if not assignment.counts or not was.settings.personalization:
            return LEFT
        try:
            values = values_after(metric, was.values, Amount(value))
            outcomes.count(principal, course, found.id, was, values, [event], now)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return COUNTED
    raise Unavailable("store_busy")
