"""Queues: messages go out in tens, records come in as a batch of which each stands or falls by itself."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from attune import start
from attune.domain.errors import Unavailable
from attune.edge import log, tombs
from attune.edge.aws import client

BATCH: Final = 10
ROUNDS: Final = 100
HIDDEN: Final = 30
"""Batches of a queue that are looked through, and seconds in which none comes twice."""
LISTENS: Final = 1
"""Seconds that are waited for a batch: who waits for none asks some servers of a queue, and may be told of nothing."""
tombs.use()
_pool = ThreadPoolExecutor(max_workers=BATCH, thread_name_prefix="record")
"""A thread a record: a batch takes as long as its slowest model call, not as all of them together."""


current: ContextVar[str] = ContextVar("correlation_id", default="background")
"""What the messages are known by that are sent while a record is handled: the record's own id."""


class Message(Protocol):
    """Anything that can travel."""

    def to_json(self) -> str: ...


class Later(Exception):
    """A record's handler raises this to have the message come back in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in {seconds} s")
        self.seconds = seconds


def sender(url: Callable[[], str], correlation_id: Callable[[], str]) -> Callable[[Sequence[Message]], None]:
    """A function that sends messages to a queue and raises `Unavailable` unless all were taken."""

    def send(messages: Sequence[Message]) -> None:
        attributes = {"correlation_id": {"DataType": "String", "StringValue": correlation_id()}}
        bodies = [message.to_json() for message in messages]
        for first in range(0, len(bodies), BATCH):
            entries = [
                {"Id": str(place), "MessageBody": body, "MessageAttributes": attributes}
                for place, body in enumerate(bodies[first : first + BATCH])
            ]
            _send(url(), entries)

    return send


def withdraw(url: Callable[[], str], picked: Callable[[str], bool]) -> int:
    """Delete the messages of a queue whose bodies are picked; how many. The others are there again soon after."""
    found = 0
    for _ in range(ROUNDS):
        try:
            taken = client("sqs").receive_message(
                QueueUrl=url(), MaxNumberOfMessages=BATCH, VisibilityTimeout=HIDDEN, WaitTimeSeconds=LISTENS
            )
            for message in taken.get("Messages", ()):
                if picked(message["Body"]):
                    client("sqs").delete_message(QueueUrl=url(), ReceiptHandle=message["ReceiptHandle"])
                    found += 1
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(code="queue_unavailable") from error
        if not taken.get("Messages"):
            return found
    return found


def _send(url: str, entries: list[dict[str, Any]]) -> None:
    for _ in range(2):
        try:
            answer = client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(code="queue_unavailable") from error
        refused = {failure["Id"] for failure in answer.get("Failed", ())}
        entries = [entry for entry in entries if entry["Id"] in refused]
        if not entries:
            return
    raise Unavailable(code="queue_unavailable")


def handler(
    name: str, handle: Callable[[str], str], url: Callable[[], str]
) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The Lambda handler of a queue: `handle` gets a record's body and says what it did.

    A record that raises fails alone and comes back after its visibility timeout; with `Later`, when it asks to.
    """

    def one(record: Mapping[str, Any]) -> bool:
        began = time.perf_counter()
        attributes = record.get("messageAttributes") or {}
        fields: dict[str, object] = {
            "message_id": record.get("messageId"),
            "request_id": (attributes.get("correlation_id") or {}).get("stringValue"),
            "receives": (record.get("attributes") or {}).get("ApproximateReceiveCount"),
        }
        current.set(str(fields["request_id"] or fields["message_id"]))
        try:
            done = handle(record["body"])
        except Later as later:
            _postpone(url(), record, later.seconds)
            log.done(name, {**fields, "done": "later", "seconds": later.seconds, "cause": log.cause(later)})
            return False
        except Exception as error:
            log.broken(name, error, fields)
            return False
        log.done(name, {**fields, "done": done, "ms": round((time.perf_counter() - began) * 1000, 1)})
        return True

    def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        records = event.get("Records") or []
        running: list[tuple[str, Future[bool]]] = [
            (record["messageId"], _pool.submit(one, record)) for record in records
        ]
        failed = [id_ for id_, future in running if not future.result()]
        return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in failed]}

    start.end()
    return lambda_handler


def _postpone(url: str, record: Mapping[str, Any], seconds: int) -> None:
    """Let the message come back sooner or later than the queue's timeout says; if that fails, the timeout stands."""
    try:
        client("sqs").change_message_visibility(
            QueueUrl=url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=min(seconds, 43_200)
        )
    except (BotoCoreError, ClientError, KeyError) as error:
        log.broken("postpone", error, {"message_id": record.get("messageId")})
