"""What all workers know of the models, and how an operator says that all is well again.

Only after `deployment.use`: it reads the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from attune.domain.breaker import Breaker, mended
from attune.domain.errors import Unavailable
from attune.domain.instants import instant
from attune.edge.clock import clock
from attune.store import breakers
from tools.errors import OperatorError

_PLACES = ("first", "second")


@dataclass(frozen=True, slots=True)
class Supplier:
    """A model that has failed before, by the place in which it is asked."""

    model: str
    state: str
    failures: int
    reason: str | None
    until: str | None


def look() -> Sequence[Supplier]:
    """Every model of which there is anything to tell."""
    now = clock.now()
    return [
        Supplier(
            model=_PLACES[known.place],
            state=_state(known.state, now.timestamp()),
            failures=known.state.failures,
            reason=known.state.reason,
            until=_until(known.state, now.timestamp()),
        )
        for known in _known()
    ]


def reset() -> int:
    """Have every model asked again, and give every section its calls back; how many models that were.

    Workers that died use calls up too: where no model has failed, the first one's row is made for it.
    """
    known = _known() or [breakers.of(0, "", None)]
    return sum(breakers.change(each, mended, clock.now())[1] for each in known)


def _known() -> Sequence[breakers.Known]:
    try:
        return breakers.all_known(clock.now())
    except Unavailable as error:
        raise OperatorError(
            "The table cannot be used: look at its name, your AWS credentials and the region."
        ) from error


def _state(state: Breaker, now: float) -> str:
    if state.closed():
        return "asked"
    return "to be probed" if state.half_open(now) else "not asked"


def _until(state: Breaker, now: float) -> str | None:
    if state.closed() or state.half_open(now):
        return None
    return instant(datetime.fromtimestamp(state.free_at(), UTC))
