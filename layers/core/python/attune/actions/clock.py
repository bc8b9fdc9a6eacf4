"""Time as actions get it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The moment, and waiting for the next one."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
