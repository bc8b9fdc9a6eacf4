"""Whether a supplier that fails is asked any more: closed, then open for a while, then one probe decides.

closed --failures in a row, or one that only its owner can mend--> open --its time is over, one probe--> closed or open

All of it is arithmetic on one small state; `now` and every moment are epoch seconds.
"""

from dataclasses import dataclass, replace
from typing import Final

FAILURES: Final = 5
"""So many deliveries in a row without an answer open it."""
PATIENCE: Final = 30.0
"""A provider that asks for a longer rest than this is down for everybody."""
FIRST_REST: Final = 60.0
OWNERS_REST: Final = 300.0
"""The first rest after a fault that does not pass by itself."""
LONGEST_REST: Final = 900.0
LONGEST_ASKED: Final = 3_600.0
OWNERS: Final = frozenset({"unauthorized", "quota_exhausted", "unknown_model", "redirected", "wrong_model"})
"""Faults of the settings or the account: each further call would end the same."""
DOWN: Final = frozenset(
    {"unreachable", "timeout", "provider_error", "overloaded", "provider_protocol_error", "bad_request", "broken"}
)
"""Faults that say something of the supplier; after every other one it has answered, if only uselessly."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """What all workers know of one supplier.

    `failures` in a row since the last answer, and `openings`; nobody asks before `open_until`, and while a probe is
    out, until `probe_until`, nobody else. `turn` rises with every change of hands, so that a call from before it counts
    for nothing. `generation` rises when an operator gives all sections their calls back.
    """

    failures: int = 0
    openings: int = 0
    open_until: float = 0.0
    probe_until: float = 0.0
    reason: str | None = None
    turn: int = 0
    generation: int = 0

    def closed(self) -> bool:
        """Whether everybody may ask."""
        return self.openings == 0

    def free_at(self) -> float:
        """The moment from which on somebody may ask."""
        return max(self.open_until, self.probe_until) if self.openings else 0.0

    def half_open(self, now: float) -> bool:
        """Whether one may ask, for all."""
        return self.openings > 0 and now >= self.free_at()


def probed(known: Breaker, lease: float, now: float) -> Breaker:
    """Give out the one probe for `lease` seconds, if there is one to give."""
    return replace(known, probe_until=now + lease, turn=known.turn + 1) if known.half_open(now) else known


def failed(known: Breaker, turn: int, reason: str, retry_after: float | None, now: float) -> Breaker:
    """A call of this turn ended with a fault."""
    if reason not in OWNERS | DOWN:
        return answered(known, turn)
    if turn != known.turn:
        return known
    asked, failures = min(retry_after or 0.0, LONGEST_ASKED), known.failures + 1
    if known.closed() and failures < FAILURES and asked <= PATIENCE and reason not in OWNERS:
        return replace(known, failures=failures, reason=reason)
    first = OWNERS_REST if reason in OWNERS else FIRST_REST
    rest = min(LONGEST_REST, first * 2.0 ** min(known.openings, 10))
    return replace(
        known,
        failures=failures,
        openings=known.openings + 1,
        open_until=now + max(rest, asked),
        probe_until=0.0,
        reason=reason,
        turn=known.turn + 1,
    )


def answered(known: Breaker, turn: int) -> Breaker:
    """A call of this turn was answered: the supplier is there."""
    if turn != known.turn or (known.closed() and not known.failures):
        return known
    changed = known.turn if known.closed() else known.turn + 1
    return Breaker(turn=changed, generation=known.generation)


def mended(known: Breaker) -> Breaker:
    """An operator says that all is well: closed, and every section may be asked for anew."""
    return Breaker(turn=known.turn + 1, generation=known.generation + 1)
