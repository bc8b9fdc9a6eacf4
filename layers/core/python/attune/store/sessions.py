"""Sessions of practice: one row each, found by their id, and listed by their start through the index."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from attune.domain.instants import instant, parse_instant
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.session import Session
from attune.domain.principal import Principal
from attune.domain.reports.measured import Measured, from_json, to_json
from attune.store import keys, table, users
from attune.store.items import SessionItem
from attune.store.packed import pack, unpack

MOST_LISTED: Final = 5000
"""How many attempts a page of sessions holds: a function answers at most 6 MB, and an attempt takes some 300 bytes."""


def item(
    learner: str, course: str, session: Session, write_id: str, measured: Mapping[str, Measured] | None = None
) -> SessionItem:
    """The row of a session, with what was measured of the attempts that are new in it."""
    started = _instant(session.started_at)
    row = SessionItem(
        *keys.session(learner, course, session.id),
        data=pack([attempt.to_json()[1:] for attempt in session.attempts.values()]),
        started_at=started,
        ended_at=_instant(session.ended_at) if session.ended_at is not None else None,
        subject=session.subject,
        recommendation=session.recommendation,
        attempts=len(session.attempts),
        measured=pack(to_json(measured)) if measured else None,
        write_id=write_id,
    )
    row.index_pk, row.index_sk = keys.session_index(learner, course, started, session.id)
    return row


def of(row: SessionItem) -> Session:
    """The session that a row holds."""
    id_ = row.sk.rpartition("#")[2]
    attempts = [Attempt.from_json([id_, *entry]) for entry in unpack(row.data)]
    return Session(
        id_,
        _milliseconds(row.started_at),
        _milliseconds(row.ended_at) if row.ended_at else None,
        row.subject,
        row.recommendation,
        {attempt.id: attempt for attempt in attempts},
    )


def measured(row: SessionItem) -> dict[str, Measured]:
    """What was measured of the attempts that came with the last write of a row, by their ids."""
    return from_json(unpack(row.measured)) if row.measured else {}


def get(principal: Principal, course: str, session_id: str, now: datetime) -> Session | None:
    """One session, or None."""
    row = table.get(SessionItem, keys.session(principal.learner, course, session_id), now)
    return None if row is None else of(row)


def page(
    principal: Principal, course: str, now: datetime, *, below: str | None, limit: int
) -> tuple[list[Session], str | None]:
    """The sessions that started last, before the index key `below`, and the key to go on from, if any.

    Fewer than `limit` where they hold very many attempts.
    """
    found = table.indexed(keys.session_index_pk(principal.learner, course), after=below, limit=limit, newest=True)
    if not found:
        users.refuse_gone(principal, now)
        return [], None
    # The learner's own row comes along for the marker that may stand there.
    rows = table.get_many([*(key for _, key in found), keys.user(principal.learner)], now)
    sessions: list[Session] = []
    attempts = 0
    for place, (_, key) in enumerate(found):
        if not isinstance(row := rows.get(key), SessionItem):
            continue
        attempts += int(row.attempts)
        if sessions and attempts > MOST_LISTED:
            return sessions, found[place - 1][0]
        sessions.append(of(row))
    return sessions, found[-1][0] if len(found) == limit else None


def every(principal: Principal, course: str, now: datetime) -> Iterator[Session]:
    """All sessions of a learner in a course, in no order of time."""
    prefix = keys.session_prefix(principal.learner, course)
    return (of(row) for row in table.query(SessionItem, prefix, now, consistent=True))


def _instant(milliseconds: int) -> str:
    return instant(datetime.fromtimestamp(milliseconds / 1000, UTC))


def _milliseconds(text: str) -> int:
    return int(parse_instant(text).timestamp() * 1000)
