"""Outcomes of a learner in an experiment: each event once, and what the values of the metrics come to.

An event is one that the site reports, a change that the stream tells, or a text that a night finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from attune.domain.experiments.tally import Tally, Values, changed
from attune.domain.learner import LearnerSettings
from attune.domain.principal import Principal
from attune.store import arms, keys, learner_settings, retention, table, tallies, users
from attune.store.items import OutcomeItem, OutcomesItem, SettingsItem


@dataclass(frozen=True, slots=True)
class State:
    """What a learner's next outcome starts from."""

    settings: LearnerSettings
    values: dict[str, int]
    written: str | None
    seen: frozenset[str]
    """The events that were counted already."""


def read(principal: Principal, course: str, experiment: str, events: Sequence[str], now: datetime) -> State:
    """The learner's arms and values, and which of these events were counted."""
    learner = principal.learner
    own = keys.settings(learner, course), keys.outcomes(learner, course, experiment)
    marks = {event: keys.outcome(learner, course, experiment, event) for event in events}
    found = table.get_many((*own, *marks.values()), now, consistent=True)
    settings, values = (found.get(key) for key in own)
    if settings is None:
        users.refuse_gone(principal, now)
    row = values if isinstance(values, OutcomesItem) else None
    return State(
        learner_settings.of(settings if isinstance(settings, SettingsItem) else None),
        dict(row.values) if row else {},
        row.write_id if row else None,
        frozenset(event for event, key in marks.items() if key in found),
    )


def count(
    principal: Principal,
    course: str,
    experiment: str,
    was: State,
    values: Values,
    events: Sequence[str],
    now: datetime,
    ends: int | None = None,
) -> None:
    """Make these the values of somebody who is in an arm, by events that count once, until `ends` (epoch seconds).

    Raises `ConditionFailed` if anything of it has changed.
    """
    learner, assignment = principal.learner, was.settings.arms[experiment]
    write_id = table.new_write_id()
    row = OutcomesItem(*keys.outcomes(learner, course, experiment), values=dict(values), write_id=write_id)
    unchanged = OutcomesItem.pk.does_not_exist() if was.written is None else OutcomesItem.write_id == was.written
    ends = ends or retention.ends(OutcomeItem, now)
    notes = [OutcomeItem(*keys.outcome(learner, course, experiment, event), expires_at=ends) for event in events]
    more = changed(was.values, values, assignment)

    def fill(transaction: TransactWrite) -> None:
        arms.check(transaction, principal, course, was.settings)
        transaction.save(row, condition=table.unless_newer(unchanged))
        for note in notes:
            transaction.save(note, condition=_new(note, now))
        if more:
            tallies.add(transaction, course, experiment, assignment, Tally(metrics=more))

    try:
        table.transact(fill)
    except table.ConditionFailed:
        if table.settle(OutcomesItem, keys.Key(row.pk, row.sk), write_id, now) is None:
            raise


def _new(note: OutcomeItem, now: datetime) -> Condition:
    """That an event was not counted; a note that has expired is as good as none."""
    absent: Condition = OutcomeItem.pk.does_not_exist() | (OutcomeItem.expires_at <= int(now.timestamp()))
    return absent
