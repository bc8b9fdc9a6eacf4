"""How long a call to AWS may take altogether, however often its client tries: a table that hangs is known to hang soon.

The client's own timeouts are each for one try, and what they add up to is longer than a function runs.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any, Final
from weakref import WeakSet

from botocore.exceptions import ReadTimeoutError

ONE_TRY: Final = 3.0
"""Seconds in which a try is answered, or has failed."""
LAST_TRY: Final = 2.0
"""Seconds after which a call that has failed is not tried again: two that were slow would be too many."""
_BEGAN: Final = "attune-began"
_kept: WeakSet[Any] = WeakSet()
_since: ContextVar[float | None] = ContextVar("since", default=None)


def keep(client: Any) -> None:
    """Have a botocore client give up in time; saying it again changes nothing."""
    if client not in _kept:
        client.meta.events.register_first("before-call", _begin)
        client.meta.events.register_first("needs-retry", _give_up)
        _kept.add(client)


def moment() -> float:
    """Now, for `since`."""
    return time.monotonic()


@contextmanager
def since(began: float) -> Iterator[None]:
    """The call that is made in here began earlier, with a try of which its client does not know."""
    token = _since.set(began)
    try:
        yield
    finally:
        _since.reset(token)


def _begin(context: dict[str, Any], **_: Any) -> None:
    began = _since.get()
    context[_BEGAN] = time.monotonic() if began is None else began


def _give_up(request_dict: Mapping[str, Any], caught_exception: Exception | None, response: Any, **_: Any) -> None:
    """Raise what the last try failed with, if it is too late for another one."""
    # A call that was under way when another thread had the client kept has no beginning here: it keeps its own limits.
    began = request_dict["context"].get(_BEGAN)
    if began is None or time.monotonic() - began < LAST_TRY:
        return
    if caught_exception is not None:
        raise caught_exception
    if response is not None and response[0].status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ReadTimeoutError(endpoint_url=request_dict["url"])
