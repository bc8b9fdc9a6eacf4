"""Schedules: what EventBridge Scheduler sends is a job that says when it was due."""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from attune import start
from attune.domain.jobs import StartRefresh, StartReports, job
from attune.edge import log, queue


def regular(name: str, handle: Callable[[], str]) -> Callable[[dict[str, Any], Any], None]:
    """The Lambda handler of a schedule that comes round so often that no single time matters."""
    return _handler(name, lambda event: handle())


def handler(name: str, handle: Callable[[datetime], str]) -> Callable[[dict[str, Any], Any], None]:
    """The Lambda handler of a schedule: `handle` gets the moment for which it was invoked and says what it did.

    What raises is invoked again by Lambda, with the same moment.
    """
    return _handler(name, lambda event: handle(due(event)))


def _handler(name: str, handle: Callable[[dict[str, Any]], str]) -> Callable[[dict[str, Any], Any], None]:

    def lambda_handler(event: dict[str, Any], context: Any) -> None:
        began = time.perf_counter()
        fields: dict[str, object] = {"request_id": context.aws_request_id}
        queue.current.set(context.aws_request_id)
        try:
            done = handle(event)
        except Exception as error:
            log.broken(name, error, fields)
            raise
        log.done(name, {**fields, "done": done, "ms": round((time.perf_counter() - began) * 1000, 1)})

    start.end()
    return lambda_handler


def due(event: dict[str, Any]) -> datetime:
    """The moment for which a schedule invokes. Raises `ValueError` for what no schedule sent."""
    sent = job(json.dumps(event))
    if not isinstance(sent, StartRefresh | StartReports):
        raise ValueError("not a schedule's event")
    return moment(sent.time)


def moment(text: str) -> datetime:
    """A moment in RFC 3339, which must say its time zone. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return found
