"""Join a guest to an account: what the guest told, chose and practised becomes the account's.

A job carries one row after the other over, each in a transaction of its own that also counts it, so it may be ended
anywhere and begun again. At the end the profile is folded anew from the sessions of both.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from attune.domain.errors import Conflict, Forbidden, NotFound, Unavailable, Unidentified
from attune.domain.jobs import Job, LinkUser
from attune.domain.linking import LINKED, Link
from attune.domain.principal import Kind, Principal
from attune.store import joining, links, table, users

TRIES: Final = 6
MOST_ROWS: Final = 400
"""Rows in one delivery of the job: some 20 seconds of a minute."""
Send = Callable[[Sequence[Job]], None]


def begin(account: Principal, guest: Principal, now: datetime, send: Send) -> Link:
    """The link; while it is under way, asking again sends the job again. Raises `Conflict`, `Forbidden`, `NotFound`."""
    if account.kind is not Kind.ACCOUNT:
        raise Forbidden("accounts_only", "A guest is joined to an account: sign in first.")
    for turn in range(TRIES):
        owner = links.owner(guest)
        if owner is None:
            raise NotFound("unknown_guest", "There is no such guest any more.")
        if owner not in (guest.learner, account.learner):
            raise Conflict("linked_elsewhere", "This guest belongs to another account.")
        try:
            if owner == guest.learner:
                links.begin(account, guest, now)
        except table.ConditionFailed:
            users.refuse_gone(account, now)
            table.pause(turn)
            continue
        found = links.get(account, guest.learner, now)
        if found is None:
            users.refuse_gone(account, now)
            raise NotFound("unknown_guest", "There is no such guest any more.")
        if found.state != LINKED:
            send([LinkUser(account.learner, guest.learner)])
        return found
    raise Unavailable("store_busy")


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
        links.carry(link, move, write_id, now)
        gone |= {(item.pk, item.sk) for item in move.deletes}
        link = links.get(account, link.guest, now) or link
    if next(links.left(link.guest), None) is not None:
        send([LinkUser(link.account, link.guest)])
        return "goes on"
    for course in sorted(link.courses):
        # Here, since the function that only queues the job would import all of it at every cold start.
        from attune.actions import rebuild_profile

        rebuild_profile.run(account, course, now)
    links.finish(link, now)
    return "linked"
