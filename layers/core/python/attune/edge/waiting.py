"""Requests that wait for a lesson hold an execution environment: only so many may, the others answer at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_waiting = 0


@contextmanager
def patience(wanted: float, most: int) -> Iterator[float]:
    """The seconds that this request may wait: what it wants, or none if `most` are waiting already."""
    global _waiting
    with _lock:
        granted = wanted if wanted and _waiting < most else 0.0
        _waiting += bool(granted)
    try:
        yield granted
    finally:
        with _lock:
            _waiting -= bool(granted)
