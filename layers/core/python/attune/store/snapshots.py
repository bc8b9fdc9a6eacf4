"""A learner's ratings on a day: one small row, which the first refresh of that day writes."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from attune.store import keys, table
from attune.store.items import SnapshotItem
from attune.store.packed import pack

KEPT: Final = timedelta(days=400)
"""A year, and some days to look back from."""


def put(learner: str, course: str, day: str, snapshot: Mapping[str, Any], now: datetime) -> None:
    """Keep a snapshot of a day (ISO), unless the day has one."""
    expires = int((now + KEPT).timestamp())
    row = SnapshotItem(*keys.snapshot(learner, course, day), data=pack(snapshot), expires_at=expires)
    with suppress(table.ConditionFailed):
        table.put(row, SnapshotItem.pk.does_not_exist())
