"""The table's stream: a batch of changes in their order, of which all before the first that fails are done."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attune import start
from attune.edge import log, tombs
from attune.store import changes
from attune.store.changes import Heard

tombs.use()
Told = Mapping[str, Heard]
"""What records say that happened, by their ids."""


def handler(name: str, handle: Callable[[Told], int]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The Lambda handler of a stream: `handle` gets what it tells and says how many events it counted.

    A change that cannot be read fails alone: those before it are handled, and it comes again with those behind it.
    What fails otherwise comes again whole, and what was counted of it counts once.
    """

    def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        began = time.perf_counter()
        records = event.get("Records") or []
        fields: dict[str, object] = {"request_id": context.aws_request_id, "records": len(records)}
        told: dict[str, Heard] = {}
        failed: list[str] = []
        for record in records:
            try:
                change = changes.of(record)
                if change is not None and (heard := changes.heard(change)).events:
                    told[change.id] = heard
            except Exception as error:
                failed = [_place(record)]
                log.broken(name, error, {**fields, "record": record.get("eventID")})
                break
        try:
            done = handle(told)
        except Exception as error:
            log.broken(name, error, fields)
            return _failures([_place(record) for record in records[:1]])
        if not failed:
            log.done(name, {**fields, "done": done, "ms": round((time.perf_counter() - began) * 1000, 1)})
        return _failures(failed)

    start.end()
    return lambda_handler


def _place(record: Mapping[str, Any]) -> str:
    """Where in the stream a record stands: the platform goes on from there."""
    return str(record["dynamodb"]["SequenceNumber"])


def _failures(places: Sequence[str]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": place} for place in places]}
