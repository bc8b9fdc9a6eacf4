"""A clock that moves only when it is told to."""

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """`now`, `monotonic` and `sleep` of one imaginary time; sleeping moves it and takes none. Threads may share it."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)) -> None:
        self._start = self._now = start
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The time, in UTC."""
        with self._lock:
            return self._now

    def timestamp(self) -> float:
        """The time as `time.time` gives it."""
        return self.now().timestamp()

    def monotonic(self) -> float:
        """Seconds since the clock was made; setting it back makes this go back too, unlike a real one."""
        return (self.now() - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Let time pass, and note how much."""
        if seconds < 0:
            raise ValueError("nobody sleeps backwards")
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, by: float | timedelta) -> datetime:
        """Move the clock by seconds or a span, backwards too, and say what time it is now."""
        with self._lock:
            self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
            return self._now
