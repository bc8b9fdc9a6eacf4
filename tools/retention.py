"""What is kept too long, in a table as a whole: seen, or made to go.

A guest whose last token has run out is nobody's any more: no token opens their rows, and none can be had. They are
erased as if they had asked for it. Of a guest whom an earlier release let in nobody knows when that was: a token may
have been had on the day of the first sweep, which notes itself in its place.

Rows whose time has passed are nowhere to be seen already, and deleted here before the table gets to it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import groupby
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from attune.actions import erase_user
from attune.domain.errors import Unavailable, Unidentified
from attune.domain.instants import instant, parse_instant
from attune.domain.principal import Principal
from attune.edge import queue
from attune.edge.clock import clock
from attune.settings import settings
from attune.store import retention
from tools.errors import OperatorError

_GUEST = "USER#g."
Row = Mapping[str, Any]
_READ = ("pk", "sk", "kind", "expires_at", "token_at")


@dataclass(slots=True)
class Swept:
    """Rows by kind: all there are, those past their time, and those of guests whom nobody can be any more.

    `undated_guests` are those of whom no row says when they were last given a token.
    """

    rows: Counter[str] = field(default_factory=Counter)
    expired: Counter[str] = field(default_factory=Counter)
    of_gone_guests: Counter[str] = field(default_factory=Counter)
    guests: int = 0
    gone_guests: int = 0
    undated_guests: int = 0
    total: int = 0

    def told(self) -> dict[str, Any]:
        """All of it, as it is answered to a machine."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in found.items()}


def sweep(*, dry_run: bool = False) -> Swept:
    """Look at every row of the table that the environment names. Ended anywhere, it may be begun again."""
    now, found = clock.now(), Swept()
    try:
        table = boto3.resource("dynamodb").Table(settings.table)
        # A scan gives the rows of a partition one after the other.
        for pk, rows in groupby(_rows(table), key=lambda row: str(row["pk"])):
            partition = list(rows)
            looked = _look(partition, found, now)
            if dry_run:
                continue
            if looked.gone:
                _erase(pk.removeprefix("USER#"))
            else:
                _delete(table, looked.past)
                _date(table, looked.undated, now)
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(f"The table {settings.table} cannot be used: {error}") from error
    except Unavailable as error:
        raise OperatorError(f"Not everything could be reached ({error.code}). Begin again.") from error
    return found


@dataclass(frozen=True, slots=True)
class _Looked:
    """Whether a partition is of a guest who is gone, its rows that are past their time, and those without a date."""

    gone: bool
    past: Sequence[Row]
    undated: Sequence[Row]


def _look(rows: Sequence[Row], found: Swept, now: datetime) -> _Looked:
    """What there is in a partition; it is counted as well."""
    found.rows.update(str(row["kind"]) for row in rows)
    guests = [row for row in rows if row["kind"] == "user" and row["pk"].startswith(_GUEST)]
    undated = [row for row in guests if "token_at" not in row]
    gone = any(retention.guest_is_gone(parse_instant(row["token_at"]), now) for row in guests if "token_at" in row)
    past = [row for row in rows if "expires_at" in row and int(row["expires_at"]) <= now.timestamp()]
    found.expired.update(str(row["kind"]) for row in past)
    found.guests += len(guests)
    found.gone_guests += gone
    found.undated_guests += len(undated)
    if gone:
        found.of_gone_guests.update(str(row["kind"]) for row in rows)
    found.total += len(rows if gone else past)
    return _Looked(gone, past, undated)


def _date(table: Any, rows: Sequence[Row], now: datetime) -> None:
    """Note in a guest's row the last moment at which a token of unknown age can have been given."""
    for row in rows:
        with suppress(table.meta.client.exceptions.ConditionalCheckFailedException):
            table.update_item(
                Key={"pk": row["pk"], "sk": row["sk"]},
                UpdateExpression="SET token_at = :now",
                ConditionExpression="kind = :user AND attribute_not_exists(token_at)",
                ExpressionAttributeValues={":now": instant(now), ":user": "user"},
            )


def _erase(learner: str) -> None:
    """Begin an erasure, as if the learner had asked; the jobs of the deployment do the rest."""
    send = queue.sender(lambda: settings.job_queue, lambda: "retention")
    with suppress(Unidentified):
        # Unless they were erased or joined to an account since they were seen.
        erase_user.begin(Principal.of(learner), "me", clock.now(), send)


def _delete(table: Any, rows: Sequence[Row]) -> None:
    """Delete rows that are still past their time: one that was written anew since has another."""
    for row in rows:
        with suppress(table.meta.client.exceptions.ConditionalCheckFailedException):
            table.delete_item(
                Key={"pk": row["pk"], "sk": row["sk"]},
                ConditionExpression="expires_at = :seen",
                ExpressionAttributeValues={":seen": row["expires_at"]},
            )


def _rows(table: Any) -> Iterator[dict[str, Any]]:
    """What has to be known of every row."""
    start: dict[str, Any] = {}
    names = {f"#{place}": name for place, name in enumerate(_READ)}
    while True:
        page = table.scan(ProjectionExpression=", ".join(names), ExpressionAttributeNames=names, **start)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
