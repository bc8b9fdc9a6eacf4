"""What happened, by course and day: written once by `attune.store.metrics`, and read by whoever exports it."""

from datetime import datetime

from attune.domain.reports.event import Event
from attune.store import keys, table
from attune.store.items import EventItem
from attune.store.packed import unpack


def page(course: str, day: str, now: datetime, *, after: str | None, limit: int) -> tuple[list[Event], str | None]:
    """What some records say of a day, in the order of their ids after one, and the id to go on from, if any."""
    prefix = keys.event_prefix(course, day)
    rows = table.first(EventItem, prefix, now, after=None if after is None else prefix.sk + after, limit=limit)
    events = [Event.from_json(course, plain) for row in rows for plain in unpack(row.data)]
    return events, rows[-1].sk.removeprefix(prefix.sk) if len(rows) == limit else None
