"""One row of a guest after the other comes over to an account, in a transaction each."""

from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.link import Link
from attune.store import links, table, tallies
from attune.store.items import Item, LinkItem
from attune.store.move import Move


def carry(link: Link, move: Move, write_id: str, now: datetime) -> None:
    """Write what comes over and delete what it comes from, all or none. Raises `ConditionFailed`."""
    counts = {name: link.merged.get(name, 0) + n for name, n in move.merged.items() if n}
    item = LinkItem
    actions: list[Action] = [item.merged.set({**link.merged, **counts})]
    if move.rebuild is not None:
        actions.append(item.courses.set(set(link.courses | {move.rebuild})))

    def beside(transaction: TransactWrite) -> None:
        for there, was in move.puts:
            there.came_over = there.write_id
            transaction.save(there, condition=table.unless_newer(_same(was)))
        for gone in move.deletes:
            transaction.delete(gone, condition=_same(gone))
        for key, row in move.stays.items():
            transaction.condition_check(Item, key.pk, key.sk, condition=_same(row))
        for course, counted in move.counts:
            tallies.add(transaction, course, counted.experiment, counted.assignment, counted.adds)

    links.change(link, actions, write_id, now, beside)


def _same(row: Item | None) -> Condition:
    """That a row is as it was read."""
    if row is None:
        absent: Condition = Item.pk.does_not_exist()
        return absent
    unnamed = Item.pk.exists() & Item.write_id.does_not_exist()
    same: Condition = Item.write_id == row.write_id if row.write_id else unnamed
    return same
