"""Batches that several workers count at the same moment, on an engine that is atomic: each event counts once."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from attune.domain.reports import event as names
from attune.domain.reports.counting import COUNTED
from attune.domain.reports.event import Event
from attune.store import events, metrics
from tests import backends
from tests.builders import NOW, an_id
from tests.store.test_concurrency import at_once

WORKERS, RECORDS = 6, 24
DAY_MS = 86_400_000
AT = int(NOW.timestamp() * 1000)

backend = backends.ministack_alone(autouse=True)


def records(course: str) -> Mapping[str, Sequence[Event]]:
    """What some changes tell: five learners on two days of two weeks."""
    return {
        f"record {place}": [
            Event(names.LESSON_TIME, AT - place % 2 * DAY_MS, course, f"{place % 5}", {"lesson": "one", "seconds": 7}),
            Event(names.ONBOARDED, AT, course, f"{place % 5}"),
        ]
        for place in range(RECORDS)
    }


def count(told: Mapping[str, Sequence[Event]]) -> int:
    return sum(metrics.add(part, NOW) for part in metrics.parts(told, NOW))


def counts(course: str) -> dict[tuple[str, str, str], Any]:
    return {
        (report, day, name): (dict(cell.figures), cell.learners)
        for report in COUNTED
        for day, cells in metrics.between(course, report, "2031-01-01", "2031-12-31", NOW).items()
        for name, cell in cells.items()
    }


def test_b46_many_workers_with_the_same_records_count_each_once() -> None:
    alone, together = an_id(), an_id()
    assert count(records(alone)) == 2 * RECORDS
    told = records(together)

    def work(worker: int) -> int:
        line = list(told.items())
        Random(worker).shuffle(line)
        return sum(count(dict(line[start : start + 5])) for start in range(0, RECORDS, 5))

    counted = [found for found in at_once(WORKERS, work) if isinstance(found, int)]
    # A worker that had to give up gets its batch again.
    assert sum(counted) + count(told) == 2 * RECORDS or len(counted) < WORKERS
    assert counts(together) == counts(alone)
    assert counts(together)["engagement", "2031-05-05", "total"][0] == {
        "onboarded": RECORDS,
        "reading": 84,
        "active": 5,
    }
    assert sum(
        len(events.page(together, day, NOW, after=None, limit=100)[0]) for day in ("2031-05-05", "2031-05-04")
    ) == (2 * RECORDS)
