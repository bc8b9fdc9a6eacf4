"""EventBridge Scheduler on this machine: when each schedule of the template is due, and what it sends then."""

import json
import logging
import re
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from tools.errors import OperatorError
from tools.template import Schedule

log = logging.getLogger("tools.schedules")

Invoke = Callable[[str, dict[str, Any]], Any]
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")
_BOUNDS: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
"""Of minute, hour, day of the month, month, day of the week (1 is Sunday) and year."""
_FARTHEST: Final = 366 * 5
"""Days ahead that are looked at."""


def next_after(expression: str, moment: datetime) -> datetime:
    """When a schedule is due next, in UTC. Raises `OperatorError` for an expression that is not understood here."""
    if rate := _RATE.fullmatch(expression):
        return moment + int(rate[1]) * _UNITS[rate[2]]
    cron = _CRON.fullmatch(expression)
    if cron is None:
        raise OperatorError(f"The schedule {expression!r} is not understood here: write cron(...) or rate(...).")
    fields = zip(cron.groups(), _BOUNDS, strict=True)
    minutes, hours, days, months, weekdays, years = (_numbers(field, *bounds) for field, bounds in fields)
    start = moment.astimezone(UTC)
    for ahead in range(_FARTHEST):
        day = (start + timedelta(days=ahead)).date()
        if day.day not in days or day.month not in months or day.year not in years:
            continue
        if day.isoweekday() % 7 + 1 not in weekdays:
            continue
        for hour in hours:
            for minute in minutes:
                found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                if found > start:
                    return found
    raise OperatorError(f"The schedule {expression!r} is never due.")


def _numbers(field: str, lowest: int, highest: int) -> list[int]:
    """The numbers that a field of a cron expression stands for, in order."""
    found: set[int] = set()
    for part in ("*" if field == "?" else field).split(","):
        read = _PART.fullmatch(part)
        if read is None:
            raise OperatorError(f"{part!r} in a schedule is not understood here: write numbers, ranges and steps.")
        first, last, step = (None if each is None else int(each) for each in read.groups())
        begin = lowest if first is None else first
        end = last if last is not None else highest if first is None or step else begin
        found.update(range(begin, end + 1, step or 1))
    return sorted(found & set(range(lowest, highest + 1)))


def event(schedule: Schedule, due: datetime) -> dict[str, Any]:
    """What Scheduler hands the function: the input of the template, or its own event."""
    at = due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    arn = f"arn:aws:scheduler:us-east-1:000000000000:schedule/default/{schedule.name}"
    told = {"scheduled-time": at, "schedule-arn": arn, "execution-id": str(uuid4()), "attempt-number": "1"}
    if schedule.input is None:
        return {
            "version": "0",
            "id": told["execution-id"],
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": "000000000000",
            "time": at,
            "region": "us-east-1",
            "resources": [arn],
            "detail": "{}",
        }
    text = schedule.input
    for name, value in told.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    sent: dict[str, Any] = json.loads(text)
    return sent


class Timer:
    """Invokes what is due, by this machine's clock, from `start` until `stop`."""

    def __init__(
        self, schedules: Iterable[Schedule], invoke: Invoke, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._invoke, self._now = invoke, now
        self._due = [(schedule, next_after(schedule.expression, now())) for schedule in schedules]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedules", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 15) -> None:
        """Begins nothing more, and waits for what is under way."""
        self._stopping.set()
        self._thread.join(timeout)

    def tick(self) -> None:
        """Invoke what has become due; what was missed meanwhile is invoked once."""
        for place, (schedule, due) in enumerate(self._due):
            if due <= self._now():
                self._due[place] = schedule, next_after(schedule.expression, self._now())
                fire(schedule, due, self._invoke)

    def _run(self) -> None:
        while not self._stopping.wait(1):
            try:
                self.tick()
            except Exception:
                log.exception("a schedule failed")


def fire(schedule: Schedule, due: datetime, invoke: Invoke) -> None:
    """Invoke a function as its schedule does."""
    invoke(schedule.function.id, event(schedule, due))
