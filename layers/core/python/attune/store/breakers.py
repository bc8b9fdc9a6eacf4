"""What all workers know of the suppliers that fail: one row for each place in the order in which they are asked.

A supplier that answers is never written about. Reading comes with the variant (`reading.work`), in the same round trip.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from attune.domain.breaker import Breaker
from attune.store import keys, retention, table
from attune.store.items import BreakerItem

TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of the supplier in a place, and by which write."""

    place: int
    supplier: str
    state: Breaker
    write_id: str | None = None


def of(place: int, supplier: str, item: BreakerItem | None) -> Known:
    """The row as it concerns this supplier: of another in its place nothing counts, and its sections begin anew."""
    if item is None:
        return Known(place, supplier, Breaker())
    turn, generation = int(item.turn), int(item.generation)
    if item.supplier != supplier:
        return Known(place, supplier, Breaker(turn=turn + 1, generation=generation + 1), item.write_id)
    state = Breaker(
        failures=int(item.failures),
        openings=int(item.openings),
        open_until=float(item.open_until),
        probe_until=float(item.probe_until),
        reason=item.reason,
        turn=turn,
        generation=generation,
    )
    return Known(place, supplier, state, item.write_id)


def change(known: Known, rule: Callable[[Breaker], Breaker], now: datetime) -> tuple[Known, bool]:
    """Apply a rule to what is stored, whoever else does meanwhile; what is then known, and whether this changed it.

    Against many others it gives up: a failure that is not counted only lets the breaker open later.
    """
    for _ in range(TRIES):
        wanted = rule(known.state)
        if wanted == known.state:
            break
        row = BreakerItem(
            *keys.breaker(known.place),
            supplier=known.supplier,
            write_id=table.new_write_id(),
            expires_at=retention.ends(BreakerItem, now),
            **asdict(wanted),
        )
        unchanged = (
            BreakerItem.pk.does_not_exist() if known.write_id is None else BreakerItem.write_id == known.write_id
        )
        try:
            table.put(row, unchanged)
        except table.ConditionFailed:
            found = table.get(BreakerItem, keys.breaker(known.place), now, consistent=True)
            if found is None or found.write_id != row.write_id:
                known = of(known.place, known.supplier, found)
                continue
        return Known(known.place, known.supplier, wanted, row.write_id), True
    return known, False


def all_known(now: datetime) -> Sequence[Known]:
    """Every supplier that has ever failed, in the order in which they are asked."""
    rows = table.query(BreakerItem, keys.breaker_prefix(), now, consistent=True)
    return [of(keys.breaker_place(row.sk), row.supplier, row) for row in rows]
