"""An owner's weekly reports, as they were written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attune.store import keys, retention, table
from attune.store.items import ReportItem
from attune.store.packed import pack, unpack


def put(course: str, week: str, report: Mapping[str, Any], ends: datetime) -> None:
    """Keep the report of a week that `ends` then; one that was written before gives way."""
    expires = retention.ends(ReportItem, ends)
    table.put(ReportItem(*keys.report(course, week), data=pack(report), expires_at=expires))


def get(course: str, week: str, now: datetime) -> dict[str, Any] | None:
    """The report of a week, or None."""
    row = table.get(ReportItem, keys.report(course, week), now)
    return None if row is None else dict(unpack(row.data))
