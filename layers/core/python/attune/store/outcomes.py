"""Outcomes that the site reports: each event once, and what a learner's value of a metric comes to."""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.transactions import TransactWrite

from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.metric import Metric
from attune.domain.experiments.tally import Tally, change, value_after
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
    seen: bool
    """Whether the event was counted already."""


def read(principal: Principal, course: str, experiment: str, event: str, now: datetime) -> State:
    """The learner's arms and values, and whether this event was counted."""
    learner = principal.learner
    wanted = (
        keys.settings(learner, course),
        keys.outcomes(learner, course, experiment),
        keys.outcome(learner, course, experiment, event),
    )
    found = table.get_many(wanted, now, consistent=True)
    settings, values, seen = (found.get(key) for key in wanted)
    if settings is None:
        users.refuse_gone(principal, now)
    row = values if isinstance(values, OutcomesItem) else None
    return State(
        learner_settings.of(settings if isinstance(settings, SettingsItem) else None),
        dict(row.values) if row else {},
        row.write_id if row else None,
        seen is not None,
    )


def count(
    principal: Principal,
    course: str,
    experiment: Experiment,
    was: State,
    metric: Metric,
    event: str,
    value: float,
    now: datetime,
) -> None:
    """Count an outcome of somebody who is in an arm. Raises `ConditionFailed` if anything of it has changed."""
    learner, assignment = principal.learner, was.settings.arms[experiment.id]
    before = was.values.get(metric.name, 0)
    after = value_after(metric, before, value)
    write_id = table.new_write_id()
    row = OutcomesItem(
        *keys.outcomes(learner, course, experiment.id), values={**was.values, metric.name: after}, write_id=write_id
    )
    unchanged = OutcomesItem.pk.does_not_exist() if was.written is None else OutcomesItem.write_id == was.written
    ends = retention.ends(OutcomeItem, now)
    note = OutcomeItem(*keys.outcome(learner, course, experiment.id, event), expires_at=ends)

    def fill(transaction: TransactWrite) -> None:
        arms.check(transaction, principal, course, was.settings)
        transaction.save(row, condition=table.unless_newer(unchanged))
        transaction.save(note, condition=OutcomeItem.pk.does_not_exist())
        if after != before:
            more = Tally(metrics={metric.name: change(before, after, assignment)})
            tallies.add(transaction, course, experiment.id, assignment, more)

    try:
        table.transact(fill)
    except table.ConditionFailed:
        if table.settle(OutcomesItem, keys.Key(row.pk, row.sk), write_id, now) is None:
            raise
