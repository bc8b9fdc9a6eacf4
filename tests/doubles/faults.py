"""Faults of the store and the queue, on demand, below the real store code; and a recorder of what it costs.

faults = Faults()
faults.plan("lost_after", "UpdateItem")                  # the first one commits and its answer is lost
faults.plan("throttle", "*", times=2, nth=3)             # the third and the fourth call
faults.plan("conflict", "TransactWriteItems", probability=0.2)
with faults.on(Item, queue_client), Recorder().on(Item) as recorded:
    ...
"""

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError

from tests.doubles.tap import Send, Tap

READS = frozenset({"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"})
_ERRORS = {
    "throttle": (400, "ProvisionedThroughputExceededException"),
    "throttle_sqs": (400, "RequestThrottled"),
    "server_error": (500, "InternalServerError"),
    "denied": (400, "AccessDeniedException"),
    "missing": (400, "ResourceNotFoundException"),
}
KINDS = frozenset(
    {"lost_before", "lost_after", "error_after", "hang", "reset", "conflict", "garbled", "unprocessed", *_ERRORS}
)


@dataclass(slots=True)
class _Plan:
    kind: str
    operation: str
    nth: int
    times: float
    probability: float | None
    when: Callable[[dict[str, Any]], bool]
    attempts: Collection[int]
    seen: int = 0
    done: int = 0


@dataclass
class Faults(Tap):
    """Plans of faults, tried in the order they were made; a call meets at most one. `met` counts what happened."""

    rng: random.Random = field(default_factory=lambda: random.Random(0))
    sleep: Callable[[float], None] = time.sleep
    impatient: bool = True
    """Whether the client's own waits between attempts are skipped."""
    hang: float = 0.02
    """Seconds until a read timeout that is planned."""
    page_size: int | None = None
    met: Counter[str] = field(default_factory=Counter)
    _plans: list[_Plan] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(
        self,
        kind: str,
        operation: str = "*",
        *,
        nth: int = 1,
        times: float = 1,
        probability: float | None = None,
        when: Callable[[dict[str, Any]], bool] = lambda body: True,
        attempts: Collection[int] = (),
    ) -> None:
        """Fail matching calls: `times` of them from the `nth` on, or each with a probability.

        Every attempt counts as a call, the client's own retries too; `times` may be `math.inf`. With `attempts`, these
        of every call fail: 1 is the first.
        """
        if kind not in KINDS:
            raise KeyError(kind)
        with self._lock:
            self._plans.append(_Plan(kind, operation, nth, times, probability, when, attempts))

    def clear(self) -> None:
        """Let everything go well from here on."""
        with self._lock:
            self._plans.clear()

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        """Send the request, or have it fail as planned."""
        body = _body(request)
        kind = self._choose(operation, body, _attempt(request))
        if kind is None:
            return go_on()
        if kind in ("lost_after", "error_after", "garbled"):
            response = go_on()
            if kind == "garbled":
                half = response.content[: len(response.content) // 2]
                whole = {"x-amz-crc32": str(crc32(response.content))}
                return answering(request, response.status_code, half, whole)
            if kind == "error_after":
                return _error(request, 500, "InternalServerError")
        if kind in ("lost_before", "lost_after"):
            raise ConnectionClosedError(endpoint_url=request.url)
        if kind == "reset":
            raise HTTPClientError(error=ConnectionResetError())
        if kind == "hang":
            self.sleep(self.hang)
            raise ReadTimeoutError(endpoint_url=request.url)
        if kind == "conflict":
            return _conflict(request, operation, body)
        if kind == "unprocessed":
            name = "UnprocessedItems" if operation == "BatchWriteItem" else "UnprocessedKeys"
            return answering(request, 200, json.dumps({name: body["RequestItems"], "Responses": {}}).encode())
        return _error(request, *_ERRORS[kind])

    def parameters(self, operation: str, takes: Collection[str], given: dict[str, Any]) -> dict[str, Any]:
        """Cut queries and scans into pages of `page_size` items."""
        if self.page_size is None or operation not in ("Query", "Scan"):
            return given
        return {**given, "Limit": min(self.page_size, given.get("Limit", self.page_size))}

    def delay(self, seconds: float) -> float:
        """No time is spent between attempts unless it is wanted."""
        return 0 if self.impatient else seconds

    def _choose(self, operation: str, body: dict[str, Any], attempt: int) -> str | None:
        with self._lock:
            for plan in self._plans:
                if plan.operation not in ("*", operation) or not plan.when(body):
                    continue
                plan.seen += 1
                if plan.attempts:
                    hit = attempt in plan.attempts
                elif plan.probability is not None:
                    hit = self.rng.random() < plan.probability
                else:
                    hit = plan.seen >= plan.nth and plan.done < plan.times
                if hit:
                    plan.done += 1
                    self.met[plan.kind] += 1
                    return plan.kind
        return None


class Ended(BaseException):
    """The process is gone: nothing after this runs."""


@dataclass
class End(Tap):
    """Ends the process at the nth call, before it has its effect or after."""

    nth: int
    after: bool
    seen: int = 0

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        self.seen += 1
        if self.seen != self.nth:
            return go_on()
        if self.after:
            go_on()
        raise Ended


@dataclass(frozen=True, slots=True)
class Spent:
    """One attempt of an operation, and the capacity that the engine says it took (0 where it says nothing)."""

    operation: str
    read: float
    write: float


@dataclass
class Recorder(Tap):
    """Lists every attempt with its capacity; the sums are those of all that was recorded since `reset`."""

    calls: list[Spent] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def round_trips(self) -> int:
        return len(self.calls)

    @property
    def read_units(self) -> float:
        return sum(call.read for call in self.calls)

    @property
    def write_units(self) -> float:
        return sum(call.write for call in self.calls)

    @property
    def operations(self) -> Counter[str]:
        return Counter(call.operation for call in self.calls)

    def reset(self) -> None:
        """Forget what was recorded."""
        with self._lock:
            self.calls.clear()

    def parameters(self, operation: str, takes: Collection[str], given: dict[str, Any]) -> dict[str, Any]:
        """Ask the engine for the capacity that a call takes."""
        return {**given, "ReturnConsumedCapacity": "TOTAL"} if "ReturnConsumedCapacity" in takes else given

    def received(self, operation: str, parsed: dict[str, Any] | None) -> None:
        """Note an attempt."""
        consumed = (parsed or {}).get("ConsumedCapacity") or []
        units = sum(
            float(one.get("CapacityUnits", 0)) for one in (consumed if isinstance(consumed, list) else [consumed])
        )
        reads = operation in READS
        with self._lock:
            self.calls.append(Spent(operation, units if reads else 0.0, 0.0 if reads else units))


_HEADERS = HTTPHeaders.from_dict({"Content-Type": "application/x-amz-json-1.0"})


class _Raw:
    """What botocore wants of a response's body."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        content, self._content = self._content, b""
        yield content


def _attempt(request: AWSPreparedRequest) -> int:
    """Which of the client's tries this is, as the client says in each."""
    told = request.headers.get("amz-sdk-request", b"attempt=1")
    found = re.match(r"attempt=(\d+)", told if isinstance(told, str) else told.decode())
    return int(found[1]) if found else 1


def _body(request: AWSPreparedRequest) -> dict[str, Any]:
    if not isinstance(request.body, str | bytes):
        return {}
    body = json.loads(request.body or b"{}")
    return body if isinstance(body, dict) else {}


def answering(
    request: AWSPreparedRequest, status: int, content: bytes, headers: dict[str, str] | None = None
) -> AWSResponse:
    """An answer as if the table had given it."""
    told = HTTPHeaders.from_dict({**dict(_HEADERS), **(headers or {})})
    return AWSResponse(request.url, status, told, _Raw(content))


def _error(request: AWSPreparedRequest, status: int, code: str, **more: Any) -> AWSResponse:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more}
    return answering(request, status, json.dumps(body).encode())


def _conflict(request: AWSPreparedRequest, operation: str, body: dict[str, Any]) -> AWSResponse:
    if operation not in ("TransactWriteItems", "TransactGetItems"):
        return _error(request, 400, "TransactionConflictException")
    count = len(body.get("TransactItems", [])) or 1
    reasons = [{"Code": "TransactionConflict", "Message": "ongoing"}, *[{"Code": "None"}] * (count - 1)]
    return _error(request, 400, "TransactionCanceledException", CancellationReasons=reasons)
