"""Batches of sections: which lessons wait for one, and how far the one of each course is.

Each change of a batch names the write before it, so that of two who work on it one goes on.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from attune.domain.batch import Batch, Counts
from attune.domain.budget import Price
from attune.store import keys, retention, table
from attune.store.items import BatchedItem, BatchItem
from attune.store.packed import pack, unpack


class Overtaken(Exception):
    """Somebody else works on the batch."""


def want(course: str, variant: str, now: datetime) -> None:
    """Have a lesson be part of the next batch of its course; once, however often it is said."""
    item = BatchedItem
    row = item(*keys.batched(course, variant), expires_at=retention.ends(item, now))
    with suppress(table.ConditionFailed):
        table.put(row, item.pk.does_not_exist() | (item.expires_at <= int(now.timestamp())))


def wanted(now: datetime) -> list[tuple[str, str]]:
    """The lessons that wait, as courses and variants."""
    rows = table.query(BatchedItem, keys.batched_prefix(), now, consistent=True)
    return [keys.batched_lesson(row.sk) for row in rows]


def drop(course: str, variants: Iterable[str]) -> None:
    """They wait no more."""
    if rows := [BatchedItem(*keys.batched(course, each)) for each in variants]:
        table.delete_all(rows)


def every(now: datetime) -> list[Batch]:
    """The batch of each course that had one of late."""
    return [_of(row) for row in table.query(BatchItem, keys.batch_prefix(), now, consistent=True)]


def take(batch: Batch, seconds: float, now: datetime) -> Batch | None:
    """The right to work on a batch for so long; None while somebody else has it."""
    if batch.busy_until > now.timestamp():
        return None
    try:
        return save(replace(batch, busy_until=now.timestamp() + seconds), now)
    except Overtaken:
        return None


def save(batch: Batch, now: datetime) -> Batch:
    """Store a batch as it now is. Raises `Overtaken` if it is no longer what was read."""
    key, write_id = keys.batch(batch.course), table.new_write_id()
    row = BatchItem(
        *key,
        state=batch.state,
        data=pack(_plain(batch)),
        write_id=write_id,
        expires_at=retention.ends(BatchItem, now),
    )
    item = BatchItem
    if batch.write_id is None:
        unchanged = item.pk.does_not_exist() | (item.expires_at <= int(now.timestamp()))
    else:
        unchanged = item.write_id == batch.write_id
    try:
        table.put(row, unchanged)
    except table.ConditionFailed:
        if table.settle(item, key, write_id, now) is None:
            raise Overtaken from None
    return replace(batch, write_id=write_id)


def _plain(batch: Batch) -> dict[str, Any]:
    return {name: value for name, value in asdict(batch).items() if name not in ("course", "state", "write_id")}


def _of(row: BatchItem) -> Batch:
    told = unpack(bytes(row.data))
    counts, price = Counts(**told.pop("counts")), Price(**told.pop("price"))
    course = row.sk.partition("#")[2]
    return Batch(course=course, state=row.state, write_id=row.write_id, counts=counts, price=price, **told)
