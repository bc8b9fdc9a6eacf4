"""What is counted for reports, by day: added up in one transaction with the events that it is counted from.

That an event's row is there says that it was counted. So a change that is told again, whether in the same batch, in
another or at the same moment elsewhere, counts once, and whoever dies between two calls has counted all or nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from attune.domain.errors import Unavailable
from attune.domain.reports import cell as cells
from attune.domain.reports import presence as presences
from attune.domain.reports.cell import Cell, Cells
from attune.domain.reports.counting import counted
from attune.domain.reports.event import Event, number_of
from attune.domain.reports.presence import KEPT, Presence
from attune.store import keys, table
from attune.store.items import EventItem, Item, MetricItem, PresenceItem
from attune.store.keys import Key
from attune.store.packed import pack, unpack

AT_ONCE: Final = 25
"""Records in a transaction, which has room for a hundred rows: their events, who was there, and what is counted."""
TRIES: Final = 8
REMEMBERED: Final = timedelta(days=3)
"""For how long an event is remembered at least: the stream tells nothing that is older than a day."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What records of the stream say of one day in one course, by their ids."""

    course: str
    day: str
    records: Mapping[str, Sequence[Event]]


def parts(events: Mapping[str, Sequence[Event]], now: datetime) -> list[Happened]:
    """Events by record, taken apart by course and day; what is older than reports are kept is left out."""
    oldest = now.date() - timedelta(days=KEPT)
    found: dict[tuple[str, str], dict[str, list[Event]]] = {}
    for record, told in events.items():
        for event in told:
            if event.day > oldest.isoformat():
                found.setdefault((event.course, event.day), {}).setdefault(record, []).append(event)
    return [
        Happened(course, day, dict(list(records.items())[start : start + AT_ONCE]))
        for (course, day), records in found.items()
        for start in range(0, len(records), AT_ONCE)
    ]


def add(part: Happened, now: datetime) -> int:
    """Count what was not counted yet; how many events that were. Raises `Unavailable`."""
    for turn in range(TRIES):
        left, known = _left(part, now)
        if not left:
            return 0
        try:
            _write(part, left, known, now)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return sum(len(events) for events in left.values())
    raise Unavailable("store_busy")


def _left(part: Happened, now: datetime) -> tuple[dict[str, Sequence[Event]], dict[Key, Item]]:
    """The records that were not counted yet, and what is known of the learners in them."""
    learners = {event.learner for events in part.records.values() for event in events if presences.is_presence(event)}
    wanted = [keys.event(part.course, part.day, record) for record in part.records]
    wanted += [keys.presence(part.course, learner) for learner in sorted(learners)]
    known = table.get_many(wanted, now, consistent=True)
    left = {
        record: events
        for record, events in part.records.items()
        if keys.event(part.course, part.day, record) not in known
    }
    return left, known


def _write(part: Happened, left: Mapping[str, Sequence[Event]], known: Mapping[Key, Item], now: datetime) -> None:
    course, write_id = part.course, table.new_write_id()
    told = [event for events in left.values() for event in events]
    rows: list[tuple[Item, Item | None]] = [
        (_event(part, record, events, now), None) for record, events in left.items()
    ]
    several, apart = [counted(told)], presences.held_out(told)
    for learner, days in presences.days_of(told).items():
        row = known.get(keys.presence(course, learner))
        was = _presence(row if isinstance(row, PresenceItem) else None)
        if not days <= was.days:
            presence, more = presences.change(learner, was, days, held_out=learner in apart)
            rows.append((_presence_item(course, learner, presence, write_id), row))
            several.append(more)
    rows += _metrics(course, next(iter(left)), several, write_id, now)

    def fill(transaction: TransactWrite) -> None:
        for item, was in rows:
            transaction.save(item, condition=table.unless_newer(_as_read(was, now)))

    table.transact(fill)


def _metrics(
    course: str, record: str, several: Sequence[Mapping[tuple[str, str], Cells]], write_id: str, now: datetime
) -> Iterator[tuple[Item, Item | None]]:
    """The rows of the counts with what is added to them, each with the one that it takes the place of."""
    shard = hashlib.sha256(record.encode()).digest()[0] % keys.METRIC_SHARDS
    more: dict[Key, list[Cells]] = {}
    for one in several:
        for (report, day), found in one.items():
            more.setdefault(keys.metric(course, report, day, shard), []).append(found)
    stored = table.get_many(more, now, consistent=True)
    for key, added in more.items():
        was = stored.get(key)
        before: Cells = _cells(was) if isinstance(was, MetricItem) else {}
        data = pack(cells.to_json(cells.added([before, *added])))
        ends = _end(keys.metric_day(key.sk), now)
        yield MetricItem(*key, data=data, write_id=write_id, expires_at=ends), was


def _as_read(was: Item | None, now: datetime) -> Condition:
    """That a row is as it was read; one that has expired is as good as none."""
    if was is not None:
        same: Condition = Item.write_id == was.write_id
        return same
    absent: Condition = Item.pk.does_not_exist() | (Item.expires_at <= int(now.timestamp()))
    return absent


def between(course: str, report: str, first: str, last: str, now: datetime) -> dict[str, dict[str, Cell]]:
    """By day, from the first to the last, the cells of a report: one query."""
    low, high = keys.metric(course, report, first, 0), keys.metric(course, report, last, keys.METRIC_SHARDS)
    found: dict[str, list[Cells]] = {}
    for row in table.between(MetricItem, low.pk, low.sk, high.sk, now):
        found.setdefault(keys.metric_day(row.sk), []).append(_cells(row))
    return {day: cells.added(several) for day, several in found.items()}


def _cells(row: MetricItem) -> dict[str, Cell]:
    return cells.from_json(unpack(row.data))


def _event(part: Happened, record: str, events: Sequence[Event], now: datetime) -> EventItem:
    data = pack([event.to_json() for event in events])
    return EventItem(*keys.event(part.course, part.day, record), data=data, expires_at=_end(part.day, now))


def _presence(row: PresenceItem | None) -> Presence:
    return Presence() if row is None else Presence(frozenset(row.days), int(row.first))


def _presence_item(course: str, learner: str, presence: Presence, write_id: str) -> PresenceItem:
    last = max(presence.days)
    return PresenceItem(
        *keys.presence(course, learner),
        days=sorted(presence.days),
        first=presence.first,
        write_id=write_id,
        expires_at=(last + KEPT) * 86_400,
    )


def _end(day: str, now: datetime) -> int:
    """Until when (epoch seconds) what is known of a day is kept."""
    return max((number_of(day) + KEPT) * 86_400, int((now + REMEMBERED).timestamp()))
