"""Work that is counted, since time differs from machine to machine and what is called does not."""

import sys
from collections.abc import Callable, Collection


def calls(work: Callable[[], object], events: Collection[str] = ("call",)) -> int:
    """How many Python functions some work calls, without itself; or what else of `sys.setprofile` happens in it."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in events

    was = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(was)
    return count - 1
