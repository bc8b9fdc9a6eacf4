"""What the table's stream would tell of the rows in this process, as Lambda has it, and all that was counted of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attune.domain.reports.cell import Cell
from attune.domain.reports.counting import COUNTED
from attune.store import metrics
from attune.store.items import Item
from tests.backends import TEMPLATE, Backend
from tests.doubles.clock import Clock
from tests.functions.conftest import invoke
from tests.functions.night import Death, Died
from tools.services import TABLE

Record = dict[str, Any]
(STREAMED,) = TEMPLATE.streamed
FIRST, LAST = "2030-01-01", "2032-12-31"


def told(backend: Backend, since: int = 0) -> list[Record]:
    """The records that the filter lets through."""
    found = [_record(place, *change) for place, change in enumerate(changes(backend))]
    return [record for record in found[since:] if STREAMED.passes(record)]


def changes(backend: Backend) -> list[tuple[Any, Any]]:
    """The rows before and after each change since the table was emptied."""
    assert backend.engine is not None
    return list(backend.engine.tables[TABLE].changes)


def _record(place: int, old: Any, new: Any) -> Record:
    images = {"OldImage": old, "NewImage": new}
    row = new or old
    told = {
        "Keys": {"pk": row["pk"], "sk": row["sk"]},
        "SequenceNumber": str(1000 + place),
        **{name: image for name, image in images.items() if image is not None},
    }
    return {"eventID": f"change {place}", "eventSource": "aws:dynamodb", "dynamodb": json.loads(json.dumps(told))}


def fold(records: Sequence[Record]) -> list[str]:
    """Hand a batch over; the places that were reported as failed."""
    answer = invoke("fold_metrics", {"Records": list(records)})
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def killed_at_each_call(records: Sequence[Record], most: int, after: bool) -> Iterator[bool]:
    """Fold them with a worker that dies at one call to the table, a later one each time, and again; whether it died."""
    for at in range(1, most + 1):
        died = False
        with Death(at, after).on(Item):
            try:
                fold(records)
            except Died:
                died = True
        assert fold(records) == []
        yield died


def everything(course: str, clock: Clock) -> dict[tuple[str, str, str], tuple[Mapping[str, int], frozenset[str]]]:
    """By report, day and cell all that is counted in a course."""
    found = {}
    for report in COUNTED:
        for day, cells in metrics.between(course, report, FIRST, LAST, clock.now()).items():
            found.update({(report, day, name): plain(cell) for name, cell in cells.items()})
    return found


def plain(cell: Cell) -> tuple[Mapping[str, int], frozenset[str]]:
    return {name: n for name, n in cell.figures.items() if n}, cell.learners
