"""A learner's arms: a part of their settings with a revision of its own, changed with what is counted of them."""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from attune.domain.experiments import assignments
from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.tally import Tally
from attune.domain.instants import instant
from attune.domain.learner import LearnerSettings
from attune.domain.principal import Principal
from attune.store import keys, table, tallies, users
from attune.store.items import SettingsItem


@dataclass(frozen=True, slots=True)
class ArmChange:
    """An assignment as it now is, and what that adds to what is counted."""

    experiment: str
    assignment: Assignment
    adds: Tally


def add(
    transaction: TransactWrite,
    principal: Principal,
    course: str,
    was: LearnerSettings,
    change: ArmChange,
    now: datetime,
    *,
    exists: bool,
) -> None:
    """Make the change a part of a transaction, where the settings `was` read still hold the same arms.

    `exists`: whether there was a row of settings. Whoever makes the first row of a learner adds `users.begin`.
    """
    arms = assignments.to_json({**was.arms, change.experiment: change.assignment})
    key, item = keys.settings(principal.learner, course), SettingsItem
    if exists:
        transaction.update(
            SettingsItem(*key),
            # Whoever puts the row whole, as when a guest is joined, has to notice.
            actions=[
                item.arms.set(arms),
                item.arms_rev.set(was.arms_rev + 1),
                item.write_id.set(table.new_write_id()),
            ],
            condition=table.unless_newer(item.pk.exists() & _same(was)),
        )
    else:
        row = SettingsItem(
            *key,
            answers={},
            preferences={"extras": {}},
            updated_at=instant(now),
            arms=arms,
            arms_rev=was.arms_rev + 1,
        )
        transaction.save(row, condition=item.pk.does_not_exist())
    if change.assignment.arm is not None:
        tallies.add(transaction, course, change.experiment, change.assignment, change.adds)


def write(principal: Principal, course: str, was: LearnerSettings, change: ArmChange, now: datetime) -> None:
    """Make the change by itself. Raises `ConditionFailed`, and `NotFound` for a guest who does not exist."""
    exists = was.updated_at is not None

    def fill(transaction: TransactWrite) -> None:
        add(transaction, principal, course, was, change, now, exists=exists)
        if not exists:
            users.begin(transaction, principal, now)

    try:
        table.transact(fill)
    except table.ConditionFailed:
        users.refuse_gone(principal, now)
        raise


def check(transaction: TransactWrite, principal: Principal, course: str, was: LearnerSettings) -> None:
    """Demand in a transaction that a learner's arms are still as they were read."""
    key = keys.settings(principal.learner, course)
    transaction.condition_check(SettingsItem, key.pk, key.sk, condition=_same(was))


def _same(was: LearnerSettings) -> Condition:
    rev = SettingsItem.arms_rev
    same: Condition = rev == was.arms_rev if was.arms_rev else rev.does_not_exist()
    return same
