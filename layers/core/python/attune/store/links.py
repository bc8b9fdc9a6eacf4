"""Guests that were joined to accounts: who belongs to whom, and how far that is."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.instants import instant
from attune.domain.link import LINKED, LINKING, Link
from attune.domain.principal import Principal
from attune.store import keys, table, users
from attune.store.items import BEYOND, LinkedItem, LinkItem, UserItem
from attune.store.table import Row

Fill = Callable[[TransactWrite], None]
MOST_LEFT: Final = 100


def owner(guest: Principal) -> str | None:
    """The account that a guest belongs to; the guest itself while it is nobody's, None if it is not there."""
    row = next(table.stored(keys.user(guest.learner)), None)
    if row is None or row["kind"]["S"] == "erased":
        return None
    return str(row["to"]["S"]) if row["kind"]["S"] == "linked" else guest.learner


def get(account: Principal, guest: str, now: datetime) -> Link | None:
    """A link. Raises `Unidentified` if the account is being erased."""
    row = table.get(LinkItem, keys.link(account.learner, guest), now, consistent=True)
    if row is None:
        return None
    merged = {name: int(n) for name, n in row.merged.as_dict().items()}  # type: ignore[no-untyped-call]
    return Link(account.learner, guest, row.state, merged, frozenset(row.courses or ()), row.write_id)


def begin(account: Principal, guest: Principal, now: datetime) -> None:
    """Give a guest to an account: from here on nothing is begun in its name. Raises `ConditionFailed`."""
    listed, write_id = keys.joining(instant(now), guest.learner), table.new_write_id()
    link = LinkItem(
        *keys.link(account.learner, guest.learner),
        index_pk=listed.pk,
        index_sk=listed.sk,
        state=LINKING,
        updated_at=instant(now),
        write_id=write_id,
    )
    mark = LinkedItem(*keys.user(guest.learner), to=account.learner, schema_version=BEYOND)

    def fill(transaction: TransactWrite) -> None:
        transaction.save(link, condition=LinkItem.pk.does_not_exist())
        transaction.save(mark, condition=table.unless_newer(UserItem.pk.exists()))
        # Whoever erases the account just now has not read of this guest, and is told so by the row.
        users.begin(transaction, account, now, write_id)

    table.transact(fill)


def left_behind(before: datetime) -> list[tuple[str, str]]:
    """Accounts and guests whose joining was asked for before a moment and is not done, the oldest first."""
    found = table.indexed(keys.JOININGS, below=instant(before), limit=MOST_LEFT)
    return [(key.pk.partition("#")[2], key.sk.partition("#")[2]) for _, key in found]


def left(guest: str) -> Iterator[Row]:
    """The rows of a guest that have not come over yet."""
    own = table.stored(keys.Key(keys.user(guest).pk, ""))
    return (row for row in own if row["kind"]["S"] not in ("linked", "erased"))


def finish(link: Link, now: datetime) -> None:
    """Note that everything came over. Raises `ConditionFailed`."""
    item = LinkItem
    gone = [name.remove() for name in (item.courses, item.index_pk, item.index_sk)]
    change(link, [item.state.set(LINKED), *gone], table.new_write_id(), now, lambda _: None)


def change(link: Link, actions: Sequence[Action], write_id: str, now: datetime, beside: Fill) -> None:
    """Change a link, and what is to change beside it, while it is under way. Raises `ConditionFailed`."""
    item, key = LinkItem, keys.link(link.account, link.guest)

    def fill(transaction: TransactWrite) -> None:
        own: list[Action] = [*actions, item.updated_at.set(instant(now)), item.write_id.set(write_id)]
        same = table.unless_newer((item.write_id == link.write_id) & (item.state == LINKING))
        transaction.update(item(*key), actions=own, condition=same)
        beside(transaction)

    try:
        table.transact(fill)
    except table.ConditionFailed:
        if table.settle(item, key, write_id, now) is None:
            raise
