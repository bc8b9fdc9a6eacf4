"""The table's stream on this machine: reads its records in order and invokes the function by Lambda's rules.

What the filter does not let through is skipped. A record that goes on failing is told to the failure queue and passed
over, so that it does not hold up those behind it.
"""

import base64
import json
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.template import Streamed

log = logging.getLogger("tools.streams")

Invoke = Callable[[str, dict[str, Any]], Any]
# Seconds between two looks at a stream that tells nothing new.
_WAIT = 0.5


class Reader:
    """Reads one table's stream: by itself from `start` until `stop`, or to its present end with `drain`."""

    def __init__(
        self, streams: Any, arn: str, streamed: Streamed, invoke: Invoke, fail: Callable[[str], None] | None = None
    ) -> None:
        self._streams, self._arn, self._streamed, self._invoke = streams, arn, streamed, invoke
        self._fail = fail
        self._iterator: str | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{streamed.function.id}-stream", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 15) -> None:
        """Reads no more and waits for the batch in progress."""
        self._stopping.set()
        self._thread.join(timeout)

    def drain(self) -> int:
        """Hands over all that the stream has to tell by now; how many records that were."""
        told = 0
        with self._lock:
            while records := self._next():
                told += len(records)
                passed = [event_of(record, self._arn) for record in records if self._streamed.passes(record)]
                for start in range(0, len(passed), self._streamed.batch_size):
                    self.handle(passed[start : start + self._streamed.batch_size])
        return told

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.drain()
            except (BotoCoreError, ClientError):
                if not self._stopping.is_set():
                    log.exception("%s cannot be read", self._arn)
            self._stopping.wait(_WAIT)

    def _next(self) -> list[dict[str, Any]]:
        if self._iterator is None:
            (shard,) = self._streams.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
            self._iterator = self._streams.get_shard_iterator(
                StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        try:
            page = self._streams.get_records(ShardIterator=self._iterator)
        except ClientError:
            # It is too old, or of a stream that is gone: from the beginning again, since each record counts once.
            self._iterator = None
            raise
        self._iterator = page["NextShardIterator"]
        found: list[dict[str, Any]] = page["Records"]
        return found

    def handle(self, records: list[dict[str, Any]]) -> None:
        """Invokes the function with a batch until all of it is done, or its first record has failed too often."""
        tries = 0
        while records:
            left = self._left(records)
            tries = tries + 1 if len(left) == len(records) else int(bool(left))
            if left and tries > self._streamed.retries:
                log.error("%s gave up a record of the stream", self._streamed.function.name)
                if self._fail:
                    self._fail(json.dumps({"DDBStreamBatchInfo": _batch(self._arn, left[0])}))
                left, tries = left[1:], 0
            records = left

    def _left(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What comes again: everything from the first record that was reported as failed."""
        try:
            result = self._invoke(self._streamed.function.id, {"Records": records})
        except Exception:
            log.exception("%s failed with the whole batch", self._streamed.function.name)
            return records
        failed = {each["itemIdentifier"] for each in (result or {}).get("batchItemFailures") or []}
        places = [record["dynamodb"]["SequenceNumber"] for record in records]
        return records[min(map(places.index, failed)) :] if failed else []


def event_of(record: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """A record as Lambda hands it over: its bytes and times as JSON has them."""
    plain: dict[str, Any] = _plain(record)
    return {**plain, "eventSourceARN": arn}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    return int(value.timestamp()) if isinstance(value, datetime) else value


def _batch(arn: str, record: Mapping[str, Any]) -> dict[str, Any]:
    place = record["dynamodb"]["SequenceNumber"]
    return {"streamArn": arn, "batchSize": 1, "startSequenceNumber": place, "endSequenceNumber": place}
