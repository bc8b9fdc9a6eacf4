"""How rows are read and written: expired rows are not there, a refused condition is one exception, a fault another."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar, cast

from pynamodb.exceptions import DoesNotExist, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune import deadline
from attune.domain.errors import Unavailable, Unidentified
from attune.store import wire
from attune.store.items import SCHEMA, ErasedItem, Index, Item, LinkedItem
from attune.store.keys import PK, SK, Key

T = TypeVar("T", bound=Item)
R = TypeVar("R")
Row = Mapping[str, Any]
"""A row as the table holds it, typed value by typed value."""
_CONDITION = "ConditionalCheckFailedException"
_CONFLICTS = ("TransactionConflict", "TransactionConflictException", "TransactionInProgressException")
_PAGE = 100
CONFLICT_TRIES = 5
"""A transaction that meets another is tried again this often: the SDK does not do it."""


class ConditionFailed(Exception):
    """What is stored does not allow this write; whether because of our own earlier try, reading tells.

    Unless others wrote since: when it was tried `again`, an earlier try may have been done unheard, and overwritten.
    """

    def __init__(self, again: bool = False) -> None:
        super().__init__()
        self.again = again


class NewerThanCode(Unavailable):
    detail = "This was written by a newer release and is left untouched."


def new_write_id() -> str:
    """A name for one write, by which it is recognised when its answer was lost and the SDK's retry was refused."""
    return secrets.token_hex(12)


@contextmanager
def answering() -> Iterator[None]:
    """Turn what the store can raise into `ConditionFailed` or `Unavailable`."""
    try:
        _connection()
        yield
    except PynamoDBException as error:
        if _code(error) == _CONDITION:
            raise ConditionFailed(_tried_again(error)) from error
        raise Unavailable(code="store_unavailable") from error


def _code(error: PynamoDBException) -> str | None:
    """What the table said, if it said anything (pynamodb's own way to ask fails for a lost connection)."""
    response = getattr(error.cause, "response", None) or {}
    code: str | None = response.get("Error", {}).get("Code")
    return code


def _tried_again(error: PynamoDBException) -> bool:
    """Whether the client tried more than once; pynamodb keeps what it says of that in the cause of its own cause."""
    response = getattr(getattr(error.cause, "__cause__", None), "response", None) or {}
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))


def get(kind: type[T], key: Key, now: datetime, *, consistent: bool = False) -> T | None:
    """One row, or None if it is missing or expired."""
    with answering():
        try:
            # Of any kind, since a marker may stand in the row's place.
            return _current(cast("T", Item.get(*key, consistent_read=consistent)), now)
        except DoesNotExist:
            return None


def get_many(keys: Iterable[Key], now: datetime, *, consistent: bool = False) -> dict[Key, Item]:
    """Rows of any kinds, in one round trip for every hundred; the missing and the expired are left out."""
    wanted = list(dict.fromkeys(keys))
    found: list[Item] = []
    for start in range(0, len(wanted), _PAGE):
        found.extend(_page(wanted[start : start + _PAGE], consistent))
    current = (item for item in found if _current(item, now) is not None)
    return {Key(item.pk, item.sk): item for item in current}


def _page(keys: Sequence[Key], consistent: bool) -> Iterator[Item]:
    """One page of a batch; what the table leaves out for now is asked for again, a few times and not for ever."""
    left: list[Any] = [{PK: key.pk, SK: key.sk} for key in keys]
    for attempt in range(CONFLICT_TRIES):
        with answering():
            # The public batch_get asks for ever for what is left out.
            rows, left = Item._batch_get_page(left, consistent, None)  # type: ignore[no-untyped-call]
        yield from (Item.from_raw_data(row) for row in rows or ())
        if not left:
            return
        left = [{name: value["S"] for name, value in key.items()} for key in left]
        pause(attempt)
    raise Unavailable(code="store_busy")


def pause(attempt: int) -> None:
    """Wait a moment before another try, by chance longer with each."""
    time.sleep(secrets.randbelow(20 << min(attempt, 4)) / 1000)


def query(
    kind: type[T], prefix: Key, now: datetime, attributes: Sequence[str] | None = None, *, consistent: bool = False
) -> Iterator[T]:
    """All rows of a kind whose sort key starts with the prefix, in order, page after page."""
    wanted = list(attributes) if attributes else None
    with answering():
        for item in kind.query(
            prefix.pk, kind.sk.startswith(prefix.sk), attributes_to_get=wanted, consistent_read=consistent
        ):
            if _current(item, now) is not None:
                yield item


def between(kind: type[T], pk: str, first: str, last: str, now: datetime) -> Iterator[T]:
    """The rows of a partition whose sort keys lie between two, both included, in order, page after page."""
    with answering():
        for item in kind.query(pk, kind.sk.between(first, last)):
            if _current(item, now) is not None:
                yield item


def first(kind: type[T], prefix: Key, now: datetime, *, after: str | None, limit: int) -> list[T]:
    """One page of the rows of a kind whose sort key starts with the prefix, the smallest first, after one.

    Fewer than `limit` are the last.
    """
    start = None if after is None else {PK: {"S": prefix.pk}, SK: {"S": after}}
    with answering():
        found = kind.query(prefix.pk, kind.sk.startswith(prefix.sk), limit=limit, last_evaluated_key=start)
        return [item for item in found if _current(item, now) is not None]


def newest(kind: type[T], prefix: Key, now: datetime, *, below: str | None, limit: int) -> tuple[list[T], str | None]:
    """One page of the rows of a kind whose sort key starts with the prefix, the largest first.

    `below` is the sort key that the page before ended with. What this one ended with comes along, None if it is the
    last: rows that have run out take places of a page, and are not in it.
    """
    start = None if below is None else {PK: {"S": prefix.pk}, SK: {"S": below}}
    with answering():
        found = kind.query(
            prefix.pk,
            kind.sk.startswith(prefix.sk),
            scan_index_forward=False,
            limit=limit,
            last_evaluated_key=start,
        )
        rows = list(found)
        on = str(rows[-1].sk) if len(rows) == limit else None
        return [item for item in rows if _current(item, now) is not None], on


def indexed(
    index_pk: str, *, below: str | None = None, after: str | None = None, limit: int, newest: bool = False
) -> list[tuple[str, Key]]:
    """One page of a partition of the index: sort keys in order (`newest`: the largest first) with their rows' keys.

    In one round trip, unless the table cuts it short; fewer than `limit` are the last. `after` is the sort key that the
    page before ended with, no row comes with a sort key of `below` or more. The index lags behind the table: a row may
    be gone, or have moved on.
    """
    highest = min((bound for bound in (below, after if newest else None) if bound is not None), default=None)
    lowest = None if newest or after is None else after + "\0"
    condition: Condition | None = None
    if lowest is not None and highest is not None:
        if lowest >= highest:
            return []
        condition = Index.sk.between(lowest, highest)
    elif lowest is not None:
        condition = Index.sk >= lowest
    elif highest is not None:
        condition = Index.sk < highest
    rows: list[Any] = []
    start: Any = None
    while True:
        with answering():
            page = Item._get_connection().query(
                index_pk,
                condition,
                index_name=Index.Meta.index_name,
                limit=limit - len(rows),
                exclusive_start_key=start,
                scan_index_forward=not newest,
            )
        rows += page["Items"]
        start = page.get("LastEvaluatedKey")
        if start is None or len(rows) >= limit:
            break
    found = [(row["gsi1sk"]["S"], Key(row[PK]["S"], row[SK]["S"])) for row in rows]
    return [row for row in found if highest is None or row[0] < highest]


def of_any_kind(prefix: Key, now: datetime) -> Iterator[Item]:
    """All rows whose sort key starts with the prefix, of every kind that this release knows, page after page.

    Asked for by kind, the names of all kinds would go with each request: a quarter of what a warm read costs.
    """
    for row in stored(prefix, consistent=False):
        if _is_known(row):
            with answering():
                item = Item.from_raw_data(cast("Any", row))
            if _current(item, now) is not None:
                yield item


def _is_known(row: Row) -> bool:
    try:
        Item.kind.deserialize(row["kind"]["S"])  # type: ignore[no-untyped-call]
    except ValueError:
        return False
    return True


def stored(prefix: Key, *, after: str | None = None, consistent: bool = True) -> Iterator[Row]:
    """Every row whose sort key starts with the prefix, in order, as it is stored: expired ones and markers too.

    `after` is the sort key to go on after.
    """
    condition = Item.sk.startswith(prefix.sk) if prefix.sk else None
    start: Any = None if after is None else {PK: {"S": prefix.pk}, SK: {"S": after}}
    while True:
        with answering():
            page = Item._get_connection().query(
                prefix.pk, condition, consistent_read=consistent, exclusive_start_key=start, limit=_PAGE
            )
        yield from page["Items"]
        if (start := page.get("LastEvaluatedKey")) is None:
            return


def kind_of(row: Row) -> str:
    """The kind of a row as it is stored; of a marker, that of the row that stood there."""
    return str((row.get("was") or row["kind"])["S"])


def key_of(row: Row) -> Key:
    """The key of a row as it is stored."""
    return Key(row[PK]["S"], row[SK]["S"])


def put(item: Item, condition: Condition | None = None) -> None:
    """Write a row whole, unless a newer release wrote the one that is there. Raises `ConditionFailed`."""
    _write(lambda: item.save(condition=unless_newer(condition)))


def update(kind: type[T], key: Key, actions: Sequence[Action], condition: Condition) -> T:
    """Change a row in one write and return it as it then is. Raises `ConditionFailed`."""
    item = kind(*key)
    _write(lambda: item.update(actions=list(actions), condition=unless_newer(condition)))
    return item


def _write(write: Callable[[], object]) -> None:
    """Write one row; meeting a transaction, wait shortly and try again."""
    for attempt in range(CONFLICT_TRIES):
        try:
            with answering():
                write()
            return
        except Unavailable as error:
            if not (isinstance(error.__cause__, PynamoDBException) and _code(error.__cause__) in _CONFLICTS):
                raise
        pause(attempt)
    raise Unavailable(code="store_busy")


def unless_newer(condition: Condition | None = None) -> Condition:
    """The condition, and that the row, if there is one, was not written by a newer release."""
    known: Condition = Item.schema_version.does_not_exist() | (Item.schema_version <= SCHEMA)
    return known if condition is None else condition & known


def transact(fill: Callable[[TransactWrite], None]) -> None:
    """Do several writes or none; meeting another transaction, wait shortly and try again. Raises `ConditionFailed`."""
    token = new_write_id()
    for attempt in range(CONFLICT_TRIES):
        try:
            with TransactWrite(connection=_connection(), client_request_token=token) as transaction:
                fill(transaction)
            return
        except TransactWriteError as error:
            codes = [reason.code for reason in error.cancellation_reasons if reason is not None]
            if _CONDITION.removesuffix("Exception") in codes:
                raise ConditionFailed(attempt > 0 or _tried_again(error)) from error
            if not any(code in _CONFLICTS for code in [*codes, _code(error)]):
                raise Unavailable(code="store_unavailable") from error
            pause(attempt)
    raise Unavailable(code="store_busy")


def delete_all(items: Sequence[Item]) -> None:
    """Delete rows, 25 in a round trip; what the table does not take at once is sent again."""
    with answering(), Item.batch_write() as batch:
        for item in items:
            batch.delete(item)


def put_all(items: Sequence[Item]) -> None:
    """Write rows without conditions, 25 in a round trip; only for rows that nobody changes once they are written."""
    with answering(), Item.batch_write() as batch:
        for item in items:
            batch.save(item)


def settle(kind: type[T], key: Key, write_id: str, now: datetime) -> T | None:
    """The row after a refused condition, if our own write is what made it so; else None."""
    item = get(kind, key, now, consistent=True)
    return item if item is not None and item.write_id == write_id else None


def _current(item: T, now: datetime) -> T | None:
    if isinstance(item, ErasedItem):
        raise Unidentified("erased", "This learner was erased.")
    if isinstance(item, LinkedItem):
        raise Unidentified("linked", "This guest is part of an account now.")
    if item.schema_version > SCHEMA:
        raise NewerThanCode(code="newer_than_code")
    expires = cast("float | None", item.expires_at)
    if expires is not None and expires <= now.timestamp():
        return None
    return item


def close() -> None:
    """Close the connections, if there are any; the next use opens others."""
    client = Item._get_connection().connection._client
    if client is not None:
        client.close()


def _connection() -> Any:
    """The one connection, whose client gives up in time: pynamodb makes it with the first call."""
    connection = Item._get_connection().connection
    deadline.keep(wire.quick(connection))
    return connection
