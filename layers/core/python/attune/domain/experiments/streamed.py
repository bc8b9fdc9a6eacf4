"""What events say of experiments: the same whatever order they are told in, since values only add up or stay done."""

from collections.abc import Iterable
from typing import Final

from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.definition import Definition
from attune.domain.experiments.metric import (
    BINARY,
    GAIN_PER_MINUTE,
    HELPFUL,
    RETENTION,
    TOLD_BY_STREAM,
    WINDOW_MS,
    Metric,
)
from attune.domain.experiments.tally import NOTHING, Amount, Values, values_after
from attune.domain.reports import event as names
from attune.domain.reports.event import Event
from attune.domain.reports.presence import is_presence

_MINUTE: Final = 60


Amounts = tuple[tuple[Metric, Amount], ...]
"""What events are worth, by metric."""


def told(definition: Definition) -> tuple[Metric, ...]:
    """The metrics of an experiment that are counted from events."""
    return tuple(metric for metric in definition.metrics if metric.name in TOLD_BY_STREAM)


def amounts(metrics: Iterable[Metric], events: Iterable[Event], one: Assignment) -> Amounts:
    """What events say of a learner; what happened before the exposure says nothing."""
    every = list(events)
    found = ((metric, _amount(metric, event, event.at - one.at)) for metric in metrics for event in every)
    return tuple((metric, amount) for metric, amount in found if amount is not None and amount != NOTHING)


def adds_up(found: Amounts) -> bool:
    """Whether counting it again would be wrong: what is done stays done, however often it is told."""
    return any(metric.type != BINARY for metric, _ in found)


def after(was: Values, found: Amounts) -> dict[str, int]:
    """A learner's values with what events say."""
    values = dict(was)
    for metric, amount in found:
        values = values_after(metric, values, amount)
    return values


def _amount(metric: Metric, event: Event, since: int) -> Amount | None:
    """What an event counts for, so many ms after the exposure."""
    said = event.said
    if since < 0:
        return None
    if metric.name == RETENTION and is_presence(event) and WINDOW_MS <= since < 2 * WINDOW_MS:
        return Amount(1.0)
    if metric.name == HELPFUL and event.name == names.LESSON_RATED:
        # What is told is by how much a rating changed: of a text that is rated again the last word stands.
        return Amount(float(said.get("helpful", 0) - said["low"]))
    if metric.name == GAIN_PER_MINUTE and event.name == names.ANSWERED and (gain := said.get("gain")):
        return Amount(sum(gain.values()) / len(gain), said["seconds"] / _MINUTE)
    return None
