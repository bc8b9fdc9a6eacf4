"""Carry over what a guest told, chose and practised to the account that they were joined to.

One row after the other, each in a transaction of its own that also counts it, so the job may be ended anywhere and
begun again. At the end the profile is folded anew from the sessions of both.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from attune.actions import rebuild_profile
from attune.domain.errors import Unavailable, Unidentified
from attune.domain.jobs import Job, LinkUser
from attune.domain.link import LINKED, Link
from attune.domain.principal import Principal
from attune.store import carrying, joining, links, table

TRIES: Final = 6
LONG: Final = timedelta(hours=1)
MOST_ROWS: Final = 400
"""Rows in one delivery of the job: some 20 seconds of a minute."""
Send = Callable[[Sequence[Job]], None]


def wake(now: datetime, send: Send) -> None:
    """Send the jobs again of joinings that have long been under way: whoever asked may have ended before the job was
    sent, and its message may be where failed ones lie."""
    send([LinkUser(account, guest) for account, guest in links.left_behind(now - LONG)])


def run(account: Principal, guest: str, now: datetime, send: Send) -> str:
    """Carry over what is left of a guest; says what was done."""
    try:
        for turn in range(TRIES):
            link = links.get(account, guest, now)
            if link is None or link.state == LINKED:
                return "done before"
            try:
                return _carry(account, link, now, send)
            except table.ConditionFailed:
                # Another delivery of the same job is at work, or somebody writes to the account meanwhile.
                table.pause(turn)
    except Unidentified:
        return "the account is gone"
    raise Unavailable("store_busy")


def _carry(account: Principal, link: Link, now: datetime, send: Send) -> str:
    gone: set[tuple[str, str]] = set()
    for row in islice(links.left(link.guest), MOST_ROWS):
        if table.key_of(row) in gone:
            # It came over together with another.
            continue
        write_id = table.new_write_id()
        move = joining.move(account, row, write_id, now)
        carrying.carry(link, move, write_id, now)
        gone |= {(item.pk, item.sk) for item in move.deletes}
        link = links.get(account, link.guest, now) or link
    if next(links.left(link.guest), None) is not None:
        send([LinkUser(link.account, link.guest)])
        return "goes on"
    for course in sorted(link.courses):
        rebuild_profile.run(account, course, now)
    links.finish(link, now)
    return "linked"
