"""Runs inside what is measured, with nothing on its path but that: `probe.py <mode> [times ...] [file ...]`.

`base`: what the runtime imports itself. `start`: that, the function, and the client of its table, if it has one.
`modules`: how many modules those are.
`watch`: the calls of the file against the real store, one after the other; prints what the last one took, and keeps
every answer of the store. `again`: the same calls with the kept answers in the place of the network, then
the last of them so many times, and in a second process so many, for each file; `parsed` has the answers in the place
of the whole client.
"""

import contextlib
import io
import json
import os
import pickle
import sys
import time
from datetime import UTC, datetime
from typing import Any

import awslambdaric.bootstrap  # type: ignore[import-not-found]  # noqa: F401

BEFORE = len(sys.modules)


class Context:
    """What the runtime hands a handler beside the event."""

    function_name = "bench"
    function_version = "$LATEST"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:bench"
    aws_request_id = "11111111-2222-4333-8444-555555555555"
    log_group_name = log_stream_name = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Time enough."""
        return 10_000


def begin() -> Any:
    """The handler, with the client of its table ready."""
    import app  # type: ignore[import-not-found]

    if table := sys.modules.get("attune.store.table"):
        table._connection()  # type: ignore[attr-defined]
    return app.lambda_handler


class Still:
    """A clock that shows the moment of the first run: nothing in memory gets old while instructions are counted."""

    def __init__(self, moment: str) -> None:
        self.moment = datetime.fromisoformat(moment)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        return


def stop_the_clock(moment: str) -> None:
    """Set our clock, where there is one."""
    if found := sys.modules.get("attune.edge.clock"):
        found.clock.source = Still(moment)  # type: ignore[attr-defined]


def clients() -> list[Any]:
    """The classes of clients that calls are made by: botocore's, and ours around it."""
    from botocore.client import BaseClient

    ours = sys.modules.get("attune.store.wire")
    return [BaseClient, *([ours.Client] if ours else [])]


class Kept:
    """The answers of the store to a sequence of calls: taken down once, then given again."""

    def __init__(self) -> None:
        self.sent: list[list[Any]] = []
        self.parsed: list[list[Any]] = []
        self.turn: list[Any] = []
        self.trips = 0
        self.read = self.written = 0.0
        self.under_way = False

    def watch(self) -> None:
        """Take down what comes over the network and what the client makes of it."""
        from botocore.httpsession import URLLib3Session

        send = URLLib3Session.send

        def sending(session: Any, request: Any) -> Any:
            answer = send(session, request)
            self.trips += 1
            self.sent[-1].append((answer.status_code, dict(answer.headers), answer.content))
            return answer

        URLLib3Session.send = sending
        for owner in clients():
            owner._make_api_call = self._watched(owner._make_api_call)

    def _watched(self, call: Any) -> Any:
        def calling(client: Any, operation: str, parameters: Any) -> Any:
            if self.under_way:
                # Ours has botocore's make the call.
                return call(client, operation, parameters)
            table = client.meta.service_model.service_name == "dynamodb"
            if table:
                parameters = {**parameters, "ReturnConsumedCapacity": "TOTAL"}
            self.under_way = True
            try:
                answer = call(client, operation, parameters)
            finally:
                self.under_way = False
            if table:
                self._count(operation, parameters, answer)
            self.parsed[-1].append(answer)
            return answer

        return calling

    def _count(self, operation: str, parameters: Any, answer: Any) -> None:
        """Units by DynamoDB's rules, from the rows themselves where the engine says too little."""
        strong = parameters.get("ConsistentRead", False)
        if operation in ("GetItem", "Query"):
            rows = answer.get("Items", [answer["Item"]] if "Item" in answer else [])
            self.read += max(1, -(-sum(map(size, rows)) // 4096)) * (1 if strong else 0.5)
        elif operation == "BatchGetItem":
            for name, asked in parameters["RequestItems"].items():
                rows = answer["Responses"].get(name, [])
                blocks = len(asked["Keys"]) - len(rows) + sum(max(1, -(-size(row) // 4096)) for row in rows)
                self.read += blocks * (1 if asked.get("ConsistentRead") else 0.5)
        else:
            told = answer.get("ConsumedCapacity") or []
            self.written += sum(one["CapacityUnits"] for one in (told if isinstance(told, list) else [told]))

    def begin(self) -> None:
        """Another call of the handler begins."""
        self.sent.append([])
        self.parsed.append([])
        self.trips, self.read, self.written = 0, 0.0, 0.0

    def replay(self, parsed: bool) -> None:
        """Give what was taken down: in the place of the network, or of the whole client."""
        from botocore.awsrequest import AWSResponse
        from botocore.httpsession import URLLib3Session

        def sending(session: Any, request: Any) -> Any:
            status, headers, content = self.turn.pop(0)
            answer = AWSResponse(request.url, status, headers, None)
            answer._content = content
            return answer

        def calling(client: Any, operation: str, parameters: Any) -> Any:
            return self.turn.pop(0)

        if not parsed:
            URLLib3Session.send = sending
            return
        for owner in clients():
            owner._make_api_call = calling

    def take(self, place: int, parsed: bool) -> None:
        """The answers of one call of the handler, to be given next."""
        kept = (self.parsed if parsed else self.sent)[min(place, len(self.sent) - 1)]
        self.turn = list(kept)


def size(row: Any) -> int:
    """Bytes of a row, typed value by typed value or as plain values."""
    return sum(len(name.encode()) + _value(value) for name, value in row.items())


def _value(value: Any) -> int:
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _TYPES:
        ((kind, held),) = value.items()
        if kind == "M":
            return 3 + sum(len(name.encode()) + 1 + _value(one) for name, one in held.items())
        if kind in ("L", "SS", "NS", "BS"):
            return 3 + sum(1 + (_value(one) if kind == "L" else len(one)) for one in held)
        return len(str(held)) // 2 + 1 if kind == "N" else _plain(held)
    return _plain(value)


_TYPES = frozenset({"S", "N", "B", "M", "L", "SS", "NS", "BS", "BOOL", "NULL"})


def _plain(value: Any) -> int:
    if isinstance(value, dict):
        return 3 + sum(len(name.encode()) + 1 + _plain(one) for name, one in value.items())
    if isinstance(value, list):
        return 3 + sum(1 + _plain(one) for one in value)
    if isinstance(value, bool) or value is None:
        return 1
    return len(value.encode()) if isinstance(value, str) else len(value) if isinstance(value, bytes) else _digits(value)


def _digits(value: Any) -> int:
    return len(str(value)) // 2 + 1


def watch(file: str) -> None:
    """The calls against the real store; what the last one took."""
    with open(file, encoding="utf-8") as held:
        events = json.load(held)
    moment = datetime.now(UTC).isoformat()
    kept, handler = Kept(), begin()
    imported = len(sys.modules) - BEFORE
    stop_the_clock(moment)
    kept.watch()
    seconds: list[float] = []
    for event in events:
        kept.begin()
        said = io.StringIO()
        before = time.process_time()
        # Powertools writes to what standard output was when its logger was made.
        with _heard(said):
            answer = handler(event, Context())
        seconds.append(time.process_time() - before)
    with open(file + ".kept", "wb") as kept_file:
        pickle.dump((moment, kept.sent, kept.parsed), kept_file)
    check(answer)
    body = answer.get("body") or ""
    print(
        json.dumps(
            {
                "status": answer.get("statusCode", 200),
                "body": body,
                "bytes": len(body.encode()),
                "trips": kept.trips,
                "read": kept.read,
                "written": kept.written,
                "log": len(said.getvalue().encode()),
                "lines": said.getvalue().count("\n"),
                "modules": imported,
                # Of a processor. The first call imports what is asked for late.
                "seconds": min(seconds[1:], default=None),
            }
        )
    )


@contextlib.contextmanager
def _heard(said: io.StringIO) -> Any:
    """What is written to standard output, also by loggers that hold on to it."""
    import logging

    streams = [
        handler
        for logger in list(logging.root.manager.loggerDict.values())
        if isinstance(logger, logging.Logger)
        for handler in logger.handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout
    ]
    for stream in streams:
        stream.stream = said
    with contextlib.redirect_stdout(said):
        yield
    for stream in streams:
        stream.stream = sys.stdout


def check(answer: Any) -> None:
    """Refuse an answer that is none: a request's of 400 or more, a batch's with records that failed."""
    if answer.get("statusCode", 200) >= 400 or answer.get("batchItemFailures"):
        raise SystemExit(str(answer))


def again(files: list[str], numbers: list[int], parsed: bool = False) -> None:
    """For each file, in a process of its own: its calls with the kept answers, then the last one so many times, each
    number in another process."""
    handler = begin()
    for file in files:
        apart(lambda file=file: _counted(handler, file, numbers, parsed))


def _counted(handler: Any, file: str, numbers: list[int], parsed: bool) -> None:
    call, place, event = begun(handler, file, parsed)
    for times in numbers:
        apart(lambda times=times: [call(place, event) for _ in range(times)])


def begun(handler: Any, file: str, parsed: bool) -> tuple[Any, int, Any]:
    """What calls the handler, after each call of a file was made; and the place of the next, and its event."""
    with open(file, encoding="utf-8") as held:
        events = json.load(held)
    with open(file + ".kept", "rb") as kept_file:
        # Written by `watch` a moment ago.
        moment, sent, answers = pickle.load(kept_file)  # noqa: S301  # nosec B301
    kept = Kept()
    kept.sent, kept.parsed = sent, answers
    stop_the_clock(moment)
    kept.replay(parsed)

    def call(place: int, event: Any) -> None:
        kept.take(place, parsed)
        check(handler(event, Context()))

    for place, event in enumerate(events):
        call(place, event)
    return call, len(events), events[-1]


def apart(work: Any) -> None:
    """Do it in a process of its own, where it must go well."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        done = 1
        try:
            work()
            done = 0
        finally:
            os._exit(done)
    if os.waitpid(child, 0)[1]:
        raise SystemExit("a call failed")


if __name__ == "__main__":
    mode = sys.argv[1]
    if mode == "start":
        begin()
    elif mode == "modules":
        begin()
        print(len(sys.modules) - BEFORE)
    elif mode == "watch":
        watch(sys.argv[2])
    elif mode in ("again", "parsed"):
        again(sys.argv[4:], [int(each) for each in sys.argv[2:4]], mode == "parsed")
