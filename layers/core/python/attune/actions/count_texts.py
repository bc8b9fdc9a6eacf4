"""Count what the texts cost that a learner was given, for the experiments that ask: each text once, by the nights.

A text is often not written yet when somebody is pointed to it, so that its price is known only later.
"""

from datetime import datetime
from itertools import islice
from typing import Final

from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.metric import TEXT_COST
from attune.domain.experiments.tally import Amount, values_after
from attune.domain.instants import parse_instant
from attune.store import experiments, outcomes, pointers, variants
from attune.store.learner_course import Rows

AT_ONCE: Final = 50
"""Texts in a transaction, which has room for a hundred rows; the next night finds the others."""
CENT: Final = 10_000
"""Millionths of a dollar."""


def run(rows: Rows, now: datetime) -> None:
    """Raises `ConditionFailed` if anything has changed meanwhile: then it may be done again."""
    arms = rows.settings.arms
    if not arms or not rows.settings.personalization:
        return
    for one in experiments.recent(rows.course, now):
        if one.is_open and one.definition.metric(TEXT_COST) and one.id in arms and arms[one.id].counts:
            _count(rows, one, now)


def _count(rows: Rows, one: Experiment, now: datetime) -> None:
    metric, since = one.definition.metric(TEXT_COST), rows.settings.arms[one.id].at
    given = [(key, at) for key, at in pointers.given(rows.principal, rows.course, now) if _ms(at) >= since]
    names = {f"text {key}": key for key, _ in given}
    if metric is None or not names:
        return
    was = outcomes.read(rows.principal, rows.course, one.id, list(names), now)
    every = variants.costs([key for name, key in names.items() if name not in was.seen], now)
    found, values = dict(islice(every.items(), AT_ONCE)), was.values
    for cost in found.values():
        values = values_after(metric, values, Amount(cost / CENT))
    if found:
        told = [name for name, key in names.items() if key in found]
        outcomes.count(rows.principal, rows.course, one.id, was, values, told, now)


def _ms(at: str) -> int:
    return int(parse_instant(at).timestamp() * 1000)
