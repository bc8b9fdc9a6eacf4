"""The one place where the time is read; tests put a clock of their own in its place."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Source(Protocol):
    """Anything that tells the time and waits."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Clock:
    """The clock in use: the machine's, unless a test sets another."""

    def __init__(self) -> None:
        self.source: Source = SystemClock()

    def now(self) -> datetime:
        return self.source.now()

    def sleep(self, seconds: float) -> None:
        self.source.sleep(seconds)


clock = Clock()
