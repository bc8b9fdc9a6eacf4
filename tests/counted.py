"""Counts put behind the API: what so many learners would have left, without each of them."""

import importlib
from collections.abc import Mapping
from typing import Any

from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.tally import MICRO, Sums, Tally

PARTS = 3


def count(
    course: str, experiment: str, arm: str, n: int, conversions: Mapping[str, int] | None = None, excluded: int = 0
) -> None:
    """So many exposed learners of an arm, so many of whom did each of the metrics, spread over partitions."""
    for place in range(PARTS):
        shares = {name: _part(many, place) for name, many in (conversions or {}).items()}
        metrics = {name: Sums(share * MICRO, share * MICRO**2) for name, share in shares.items()}
        more = Tally(n=_part(n, place), excluded=_part(excluded, place), metrics=metrics)
        # The first part makes the row, as the first exposure does.
        _add(course, experiment, arm, place, Tally(n=more.n, excluded=more.excluded))
        _add(course, experiment, arm, place, Tally(metrics=metrics))


def _add(course: str, experiment: str, arm: str, place: int, more: Tally) -> None:
    # The store takes its table's name from the environment, which a story makes only when it begins.
    tallies, table = (importlib.import_module(f"attune.store.{name}") for name in ("tallies", "table"))

    def fill(transaction: Any) -> None:
        tallies.add(transaction, course, experiment, Assignment(arm, 0, row=f"{place:02d}"), more)

    table.transact(fill)


def _part(n: int, place: int) -> int:
    return n // PARTS + (place < n % PARTS)
