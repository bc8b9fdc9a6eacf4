"""What is counted of an experiment's arms: sums over partitions, changed only in the write that has the effect."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.definition import GROUP
from attune.domain.experiments.experiment import Experiment
from attune.domain.experiments.tally import Sums, Tally
from attune.store import keys, table
from attune.store.items import Item, TallyItem

_PARTS = ("y", "yy", "yz")
_OF_RATIOS = ("d", "dd", "yd", "k")


def shard(learner: str) -> str:
    """The row that a learner is counted in."""
    return f"{keys.spread(learner):02d}"


def cluster(group: str) -> str:
    """The row that the learners of a group are counted in: it does not say which group that is."""
    return hashlib.sha256(group.encode()).hexdigest()[:16]


def add(transaction: TransactWrite, course: str, experiment: str, assignment: Assignment, more: Tally) -> None:
    """Count something of a learner's arm, as a part of the transaction that makes it so."""
    arm, row, item = assignment.arm or "", assignment.row, TallyItem
    if row.isdecimal() and len(row) == len(shard("")):
        key = keys.tally(course, experiment, arm, int(row))
    else:
        key = keys.group_tally(course, experiment, arm, row)
    actions: list[Action] = [
        item.kind.set(TallyItem),
        item.schema_version.set(item.schema_version | 1),
        *(
            path.set((path | 0) + amount)
            for path, amount in (
                (item.n, more.n),
                (item.exited, more.exited),
                (item.excluded, more.excluded),
                (item.z, more.z),
                (item.zz, more.zz),
            )
            if amount or more.n
        ),
    ]
    if more.n > 0:
        # The first exposure makes the row; every outcome and every correction comes after it.
        actions.append(item.sums.set(item.sums | {}))
    for metric, sums in more.metrics.items():
        for part in (*_PARTS, *(_OF_RATIOS if sums.is_ratio else ())):
            path = item.sums[f"{metric} {part}"]
            actions.append(path.set((path | 0) + getattr(sums, part)))
    transaction.update(TallyItem(*key), actions=actions, condition=table.unless_newer())


def read(course: str, experiment: Experiment, now: datetime) -> dict[str, list[Tally]]:
    """By arm: the tallies of its groups, or one for each partition of its learners."""
    arms = [arm.key for arm in experiment.definition.arms]
    rows: Iterable[Item]
    if experiment.definition.unit == GROUP:
        prefixes = [keys.tally_prefix(course, experiment.id, shard) for shard in range(keys.SHARDS)]
        rows = [row for prefix in prefixes for row in table.query(TallyItem, prefix, now, consistent=True)]
    else:
        wanted = [keys.tally(course, experiment.id, arm, shard) for arm in arms for shard in range(keys.SHARDS)]
        rows = table.get_many(wanted, now, consistent=True).values()
    found: dict[str, list[Tally]] = {arm: [] for arm in arms}
    for row in rows:
        if isinstance(row, TallyItem):
            found[row.sk.split("#")[1]].append(of(row))
    return found


def of(row: TallyItem) -> Tally:
    """The tally that a row holds."""
    sums: Mapping[str, int] = row.sums.as_dict()  # type: ignore[no-untyped-call]
    names = {name.partition(" ")[0] for name in sums}
    parts = (*_PARTS, *_OF_RATIOS)
    metrics = {name: Sums(*(int(sums.get(f"{name} {part}", 0)) for part in parts)) for name in sorted(names)}
    return Tally(int(row.n), int(row.exited), int(row.excluded), int(row.z), int(row.zz), metrics)
