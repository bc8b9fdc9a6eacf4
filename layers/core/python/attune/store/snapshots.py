"""A learner's ratings on a day: one small row, which the first refresh of that day writes."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from attune.store import keys, retention, table
from attune.store.items import Item, SnapshotItem
from attune.store.packed import pack


def put(learner: str, course: str, day: str, snapshot: Mapping[str, Any], now: datetime) -> None:
    """Keep a snapshot of a day (ISO), unless the day has one."""
    ends = retention.ends(SnapshotItem, now)
    row = SnapshotItem(*keys.snapshot(learner, course, day), data=pack(snapshot), expires_at=ends)
    with suppress(table.ConditionFailed):
        table.put(row, SnapshotItem.pk.does_not_exist())


def drop(learner: str, course: str, day: str) -> None:
    """Delete the snapshot of a day, of a learner who is gone: it may have been written just after they went."""
    table.delete_all([Item(*keys.snapshot(learner, course, day))])
