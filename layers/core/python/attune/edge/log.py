"""One line of JSON a request or record: what was asked, how it ended, how long it took. No bodies, no learners.

A request's line can be a metric at the same time (`attune.edge.route_metrics`): no second line, and no call.
"""

import json
import logging
import os
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

if TYPE_CHECKING:
    from attune.domain.experiments.experiment import Experiment

logger = Logger(location=None, use_rfc3339=True)
_MAX_FRAMES = 6
# Below a warning these write requests and answers as they are, and Lambda's level of DEBUG is for all loggers.
for _library in (
    "aws_lambda_powertools",
    "botocore",
    "pynamodb",
    "urllib3",
    "httpx",
    "httpcore",
    "openai",
    "markdown_it",
):
    logging.getLogger(_library).setLevel(logging.WARNING)


def done(message: str, fields: Mapping[str, object], *, warn: bool = False) -> None:
    """Log how something ended; `warn` where somebody may want to know of it.

    The line is the one that Powertools would write. It is written here since every request has one, and Powertools
    looks first for who calls, for an exception, and for what else a line may hold: four times the work.
    """
    level = logging.WARNING if warn else logging.INFO
    if level < logger.log_level:
        return
    line = {
        "level": logging.getLevelName(level),
        "message": message,
        "timestamp": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        "service": logger.service,
        **{name: value for name, value in fields.items() if value is not None},
    }
    if trace := os.environ.get("_X_AMZN_TRACE_ID"):
        line["xray_trace_id"] = trace.split(";")[0].removeprefix("Root=")
    text = json.dumps(line, default=str, separators=(",", ":"), ensure_ascii=False)
    handler: Any = logger.registered_handler
    with handler.lock or nullcontext():
        handler.stream.write(f"{text}\n")
        handler.stream.flush()


def cause(error: BaseException) -> str:
    """What an error goes back to, in one word of few: the code that AWS gave, or the class."""
    # pynamodb keeps its cause in an attribute of that name.
    while isinstance(before := error.__cause__ or getattr(error, "cause", None), BaseException):
        error = before
    answered = getattr(error, "response", None)
    code = answered.get("Error", {}).get("Code") if isinstance(answered, Mapping) else None
    return str(code or type(error).__name__)


def experiment(message: str, found: "Experiment") -> None:
    """Log, as an error so that an alarm can be set on it, what the owner of an experiment has to look at."""
    logger.error(message, extra={"experiment": found.id, "status": found.status})


def batch(message: str, name: str) -> None:
    """Log what the owner should know of a batch, by the name that its provider has in the metadata."""
    logger.warning(message, extra={"batch": name})


def nearly_spent(limit: str) -> None:
    """Log that most of a limit of the budget is spent, so that an alarm can be set on it."""
    logger.warning("budget_nearly_spent", extra={"limit": limit})


def broken(message: str, error: BaseException, fields: Mapping[str, object] | None = None) -> None:
    """Log a fault of ours: its class and where it was raised, but not its text, which may quote what was sent."""
    frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    known = {"error": type(error).__name__, "cause": cause(error), "where": where}
    logger.error(message, extra={**(fields or {}), **known})
