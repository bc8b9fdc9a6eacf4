"""The event source mapping on this machine: takes messages from a queue and invokes the function by Lambda's rules.

The queue itself counts the receives, hides what was received and moves what failed too often to the dead-letter queue.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_sqs import SQSClient
from mypy_boto3_sqs.type_defs import MessageTypeDef

from tools.template import Mapped

log = logging.getLogger("tools.queues")

Invoke = Callable[[str, dict[str, Any]], Any]
# SQS starts with five batches at once; more pollers would only be needed for a backlog that no laptop has.
POLLERS = 5
# One request carries ten messages at most, however large the batch.
_MOST = 10
# Seconds of a long poll, and so how long `stop` may take.
_WAIT = 1


class _Count:
    """How many threads are inside."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.count += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.count -= 1


class Poller:
    """Polls one queue from several threads from `start` until `stop`."""

    def __init__(self, sqs: SQSClient, url: str, mapped: Mapped, invoke: Invoke) -> None:
        self._sqs, self._url, self._mapped, self._invoke = sqs, url, mapped, invoke
        self._arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self._stopping = threading.Event()
        self._resting = threading.Event()
        self._busy = _Count()
        count = min(POLLERS, mapped.concurrency or POLLERS)
        self._threads = [
            threading.Thread(target=self._run, name=f"{mapped.queue}-{n}", daemon=True) for n in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 15) -> None:
        """Takes no more messages and waits for the batches in progress."""
        self._stopping.set()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def idle(self) -> bool:
        """Whether no thread is polling or handling."""
        return self._busy.count == 0

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Within it no poll begins; those under way may still bring messages until it is `idle`."""
        self._resting.set()
        try:
            yield
        finally:
            self._resting.clear()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._resting.is_set():
                self._stopping.wait(0.05)
                continue
            try:
                with self._busy:
                    if messages := self._receive():
                        self.handle(messages)
            except (BotoCoreError, ClientError):
                if not self._stopping.wait(_WAIT):
                    log.exception("%s cannot be polled", self._mapped.queue)

    def _receive(self) -> list[MessageTypeDef]:
        """A batch: the first messages there are, and within the batching window those that follow."""
        messages = self._take(self._mapped.batch_size)
        closes = time.monotonic() + self._mapped.window
        while messages and len(messages) < self._mapped.batch_size and time.monotonic() < closes:
            messages += self._take(self._mapped.batch_size - len(messages))
        return messages

    def _take(self, most: int) -> list[MessageTypeDef]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(_MOST, most),
            WaitTimeSeconds=_WAIT,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages", [])

    def handle(self, messages: list[MessageTypeDef]) -> None:
        """Invokes the function with a batch and deletes all that it did not report as failed; the rest comes back."""
        try:
            result = self._invoke(self._mapped.function.id, {"Records": [self._record(each) for each in messages]})
            failed = _failures(result, messages) if self._mapped.partial else set()
        except Exception:
            log.exception("%s failed with the whole batch", self._mapped.function.name)
            return
        done = [each for each in messages if each["MessageId"] not in failed]
        for start in range(0, len(done), _MOST):
            entries = [
                {"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]}
                for number, each in enumerate(done[start : start + _MOST])
            ]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)  # type: ignore[arg-type]

    def _record(self, message: MessageTypeDef) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {f"{key[0].lower()}{key[1:]}": value for key, value in attribute.items()}
                for name, attribute in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": self._arn.split(":")[3],
        }


def _failures(result: Any, messages: list[MessageTypeDef]) -> set[str]:
    """The ids reported as failed: none in an empty answer. Anything malformed raises, which fails the batch."""
    reported = (result or {}).get("batchItemFailures") or []
    failed = {each["itemIdentifier"] for each in reported}
    if unknown := failed - {each["MessageId"] for each in messages}:
        raise ValueError(f"failures were reported of messages that were not in the batch: {unknown}")
    return failed
