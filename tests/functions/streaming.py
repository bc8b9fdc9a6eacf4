"""What the table's stream tells on moto, as Lambda hands it over, and all that was counted of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from attune.domain.reports.cell import Cell
from attune.domain.reports.counting import COUNTED
from attune.store import metrics
from tests.backends import TEMPLATE, Backend
from tests.doubles.clock import Clock
from tests.functions.conftest import invoke
from tools.streams import event_of

Record = dict[str, Any]
(STREAMED,) = TEMPLATE.streamed
FIRST, LAST = "2030-01-01", "2032-12-31"


def told(backend: Backend, since: int = 0) -> list[Record]:
    """The records that the filter lets through."""
    shard = backend._moto_table().stream_shard
    found = [event_of(one.to_json(), "arn:aws:dynamodb:stream") for one in shard.items[since:]]
    return [record for record in found if STREAMED.passes(record)]


def fold(records: Sequence[Record]) -> list[str]:
    """Hand a batch over; the places that were reported as failed."""
    answer = invoke("fold_metrics", {"Records": list(records)})
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def everything(course: str, clock: Clock) -> dict[tuple[str, str, str], tuple[Mapping[str, int], frozenset[str]]]:
    """By report, day and cell all that is counted in a course."""
    found = {}
    for report in COUNTED:
        for day, cells in metrics.between(course, report, FIRST, LAST, clock.now()).items():
            found.update({(report, day, name): plain(cell) for name, cell in cells.items()})
    return found


def plain(cell: Cell) -> tuple[Mapping[str, int], frozenset[str]]:
    return {name: n for name, n in cell.figures.items() if n}, cell.learners
