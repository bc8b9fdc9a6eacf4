"""Whom a worker may ask just now: the suppliers in their order, with what all workers know of their failures."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from attune.domain import breaker
from attune.domain.breaker import Breaker
from attune.domain.errors import Unavailable
from attune.domain.section import WriterFault
from attune.domain.supplier import Supplier
from attune.store import breakers

PROBE: Final = 75.0
"""Seconds after which a probe that says nothing is followed by another; longer than a worker may take."""
Opened = Callable[[str], None]
"""Is told the reason for which a supplier is not asked any more."""


@dataclass(frozen=True, slots=True)
class Permit:
    """That a supplier may be asked; `turn` is the one in which the answer counts. A probe is one call."""

    place: int
    turn: int
    probe: bool


class Asking:
    """One delivery's view of the suppliers; `known` belongs to those that have a name, in their order.

    A supplier that answers costs nothing here; only failures, probes and what ends them are written down.
    """

    def __init__(self, suppliers: Sequence[Supplier], known: Sequence[breakers.Known], opened: Opened) -> None:
        self.suppliers = suppliers
        self._known = dict(zip((n for n, each in enumerate(suppliers) if each.name is not None), known, strict=True))
        self._opened = opened

    @property
    def generation(self) -> int:
        """How often an operator, or a changed supplier, gave all sections their calls back."""
        return max((known.state.generation for known in self._known.values()), default=0)

    def permit(self, place: int, now: datetime) -> Permit | None:
        """Whether the supplier in this place may be asked; whoever is given the one probe is told so."""
        known = self._known.get(place)
        if known is None:
            return Permit(place, 0, probe=False)
        if known.state.closed():
            return Permit(place, known.state.turn, probe=False)
        mine = False
        if known.state.half_open(now.timestamp()):
            mine = self._change(place, lambda state: breaker.probed(state, PROBE, now.timestamp()), now)
        return Permit(place, self._known[place].state.turn, probe=True) if mine else None

    def failed(self, permit: Permit, fault: WriterFault, now: datetime) -> None:
        """Note how asking ended, for all workers."""

        def rule(state: Breaker) -> Breaker:
            return breaker.failed(state, permit.turn, fault.reason, fault.retry_after, now.timestamp())

        if self._change(permit.place, rule, now) and not self._known[permit.place].state.closed():
            self._opened(fault.reason)

    def answered(self, permit: Permit, now: datetime) -> None:
        """Note that the supplier answers."""
        self._change(permit.place, lambda state: breaker.answered(state, permit.turn), now)

    def free_at(self) -> float:
        """The moment from which on one of them may be asked, in epoch seconds; 0 if one may now."""
        return min(
            (self._known[n].state.free_at() if n in self._known else 0.0 for n in range(len(self.suppliers))),
            default=0.0,
        )

    def _change(self, place: int, rule: Callable[[Breaker], Breaker], now: datetime) -> bool:
        changed = False
        if place in self._known:
            # The count is advice; a table that cannot take it must not cost the section what was written for it.
            with suppress(Unavailable):
                self._known[place], changed = breakers.change(self._known[place], rule, now)
        return changed
