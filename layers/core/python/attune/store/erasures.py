"""Erasures: what is to go, page by page, with a receipt that counts it in the same transaction.

The tombstone comes first, and with it the learner's own row becomes a marker. Then every row that is read with each
request does: from there on one read tells that the learner is gone, and no write passes over it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.erasure import DONE, RUNNING, Erasure
from attune.domain.errors import Unidentified
from attune.domain.instants import instant, parse_instant
from attune.domain.principal import Kind, Principal
from attune.store import keys, retention, table, tombstones
from attune.store.holdings import course_of
from attune.store.items import BEYOND, ErasedItem, ErasureItem, Item, TombstoneItem, UserItem
from attune.store.table import Row

MOST_LEFT: Final = 100
PAGE: Final = 20
"""Rows that are deleted in one transaction, with the count in the receipt."""
ERASED: Final = "erased"
_NEVER_WRITTEN: Final[Condition] = UserItem.write_id.does_not_exist()


def get(receipt: str, now: datetime) -> Erasure | None:
    """An erasure by its receipt."""
    row = table.get(ErasureItem, keys.erasure(receipt), now, consistent=True)
    return None if row is None else _of(receipt, row)


def find(principal: Principal, now: datetime) -> Erasure | None:
    """The erasure of a learner that is under way. Raises `Unidentified` for one that is done."""
    tomb = tombstones.find(principal.learner, now)
    found = get(tomb.receipt, now) if tomb is not None and tomb.receipt is not None else None
    if tomb is not None and found is None:
        raise Unidentified("erased", "This learner was erased.")
    return found


def begin(principal: Principal, receipt: str, now: datetime) -> None:
    """Note that a learner is erased, and the guests joined to it. Raises `ConditionFailed`, `Unidentified`.

    The guests opened nothing before: their tombstones come with the job (`bury`), since there may be any number.
    """
    learner = principal.learner
    row = table.get(UserItem, keys.user(learner), now, consistent=True)
    if row is None and principal.kind is Kind.GUEST:
        raise Unidentified("unknown_user", "There is no such learner any more.")
    # A guest that is joined after this was read changes it.
    unjoined: Condition = UserItem.write_id == row.write_id if row and row.write_id else _NEVER_WRITTEN
    guests = [table.key_of(link).sk.partition("#")[2] for link in table.stored(keys.link_prefix(learner))]
    listed = keys.under_way(instant(now), receipt)
    erasure = ErasureItem(
        *keys.erasure(receipt),
        index_pk=listed.pk,
        index_sk=listed.sk,
        state=RUNNING,
        requested_at=instant(now),
        learners={learner, *guests},
        creations={row.creation} if row is not None and row.creation else None,
        write_id=table.new_write_id(),
    )

    def fill(transaction: TransactWrite) -> None:
        transaction.save(erasure, condition=ErasureItem.pk.does_not_exist())
        transaction.save(_tomb(learner, receipt), condition=TombstoneItem.pk.does_not_exist())
        transaction.save(_marker(keys.user(learner), "user"), condition=table.unless_newer(unjoined))

    table.transact(fill)


def bury(erasure: Erasure) -> None:
    """Leave a tombstone of each learner, before any row of theirs is deleted."""
    table.put_all([_tomb(learner, erasure.receipt) for learner in sorted(erasure.learners)])


def left_behind(before: datetime) -> list[str]:
    """Receipts of erasures that were asked for before a moment and are not done, the oldest first."""
    found = table.indexed(keys.UNDER_WAY, below=instant(before), limit=MOST_LEFT)
    return [key.pk.partition("#")[2] for _, key in found]


def mark(learner: str) -> None:
    """Put a marker in the place of each row that is read with every request."""
    prefixes = keys.hot_prefix(learner), keys.link_prefix(learner), keys.active_paths_prefix(learner)
    hot = (row for prefix in prefixes for row in table.stored(prefix))
    for some in _pages(row for row in hot if row["kind"]["S"] != ERASED):
        table.put_all([_marker(table.key_of(row), table.kind_of(row)) for row in some])


def page(learner: str, *, markers: bool) -> list[Row]:
    """The next rows of a learner that are to be deleted; markers stand until the second sweep."""
    own = table.stored(keys.Key(keys.user(learner).pk, ""))
    return next(_pages(row for row in own if markers or row["kind"]["S"] != ERASED), [])


def delete(erasure: Erasure, rows: Sequence[Row], now: datetime) -> None:
    """Delete rows and count them, all or none. Raises `ConditionFailed` if any is gone, or the receipt has moved on."""
    counts = Counter(table.kind_of(row) for row in rows)
    counts["evidence"] = sum(int(row["attempts"]["N"]) for row in rows if table.kind_of(row) == "session")
    deleted = {name: erasure.deleted.get(name, 0) + n for name, n in counts.items() if n}
    courses = erasure.courses | {course for row in rows if (course := course_of(table.key_of(row)))}
    item = ErasureItem
    actions: list[Action] = [item.deleted.set({**erasure.deleted, **deleted})]
    if courses:
        actions.append(item.courses.set(set(courses)))

    def beside(transaction: TransactWrite) -> None:
        for row in rows:
            transaction.delete(Item(*table.key_of(row)), condition=Item.pk.exists())

    _change(erasure, actions, now, beside)


def forget_creations(erasure: Erasure) -> None:
    """Delete the records that a repeated creation would be recognised by."""
    table.delete_all([Item(*keys.Key(pk, "IDEMPOTENCY")) for pk in sorted(erasure.creations)])


def swept(erasure: Erasure, now: datetime) -> None:
    """Note that everything was deleted once. Raises `ConditionFailed`."""
    _change(erasure, [ErasureItem.swept_at.set(instant(now))], now)


def finish(erasure: Erasure, now: datetime) -> None:
    """Note that it is done: of the learners nothing is left but the keyed hashes. Raises `ConditionFailed`."""
    item = ErasureItem
    named = (item.learners, item.creations, item.courses, item.swept_at, item.index_pk, item.index_sk)
    gone = [name.remove() for name in named]
    actions: list[Action] = [
        *gone,
        item.state.set(DONE),
        item.done_at.set(instant(now)),
        item.expires_at.set(retention.ends(item, now)),
    ]
    # An account comes before its guests, and is found by its receipt till it is done.
    own, *guests = sorted(erasure.learners)
    table.put_all([_tomb(guest, None) for guest in guests])
    _change(erasure, actions, now, lambda transaction: transaction.save(_tomb(own, None)))


def _tomb(learner: str, receipt: str | None) -> TombstoneItem:
    return TombstoneItem(*keys.tombstone(tombstones.name(learner)), receipt=receipt)


def _change(erasure: Erasure, actions: Sequence[Action], now: datetime, beside: Any = None) -> None:
    """Change the receipt, and what is to change with it, if it is still as it was read."""
    item, key, write_id = ErasureItem, keys.erasure(erasure.receipt), table.new_write_id()

    def fill(transaction: TransactWrite) -> None:
        same = table.unless_newer(item.write_id == erasure.write_id)
        transaction.update(item(*key), actions=[*actions, item.write_id.set(write_id)], condition=same)
        if beside is not None:
            beside(transaction)

    try:
        table.transact(fill)
    except table.ConditionFailed:
        if table.settle(item, key, write_id, now) is None:
            raise


def _marker(key: keys.Key, was: str) -> ErasedItem:
    return ErasedItem(*key, was=was, schema_version=BEYOND)


def _pages(rows: Iterable[Row]) -> Iterator[list[Row]]:
    found = iter(rows)
    while some := list(islice(found, PAGE)):
        yield some


def _names(found: Collection[str] | None) -> frozenset[str]:
    return frozenset(found or ())


def _of(receipt: str, row: ErasureItem) -> Erasure:
    return Erasure(
        receipt=receipt,
        state=row.state,
        requested_at=row.requested_at,
        done_at=row.done_at,
        deleted={name: int(n) for name, n in row.deleted.as_dict().items()},  # type: ignore[no-untyped-call]
        learners=_names(row.learners),
        creations=_names(row.creations),
        courses=_names(row.courses),
        swept_at=parse_instant(row.swept_at) if row.swept_at else None,
        write_id=row.write_id,
    )
