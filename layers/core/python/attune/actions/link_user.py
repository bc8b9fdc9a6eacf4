"""Join a guest to an account: from the request on the guest is nobody else's, and a job carries over what they have."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from attune.domain.errors import Conflict, Forbidden, NotFound, Unavailable
from attune.domain.jobs import Job, LinkUser
from attune.domain.link import LINKED, Link
from attune.domain.principal import Kind, Principal
from attune.store import links, table, users

TRIES: Final = 6
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
