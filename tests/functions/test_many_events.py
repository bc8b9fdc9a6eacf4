"""A hundred thousand events in a quarter of a year: each report is made of their sums, in less than a second."""

import time
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from attune.domain.reports import cell, presence
from attune.domain.reports import event as names
from attune.domain.reports.analytics import REPORTS
from attune.domain.reports.cell import Cell
from attune.domain.reports.counting import counted
from attune.domain.reports.event import Event, number_of
from attune.domain.reports.presence import Presence
from attune.store import keys
from attune.store.items import MetricItem
from attune.store.packed import pack
from tests.builders import an_admin
from tests.functions.conftest import World

MANY = 100_000
DAYS = 92
LAST = date(2031, 5, 5)
FIRST = LAST - timedelta(days=DAYS - 1)
ITEMS = [f"item-{place}" for place in range(60)]
SECONDS = 1.0


@pytest.fixture
def told(world: World) -> list[Event]:
    """Answers, recommendations and lessons of two thousand learners, counted and stored as the fold does."""
    chance = Random(7)
    began = number_of(FIRST.isoformat()) * 86_400_000
    made = [_event(chance, began, world.course.id) for _ in range(MANY)]
    sums: dict[tuple[str, str, int], list[Mapping[str, Cell]]] = {}
    for shard in range(keys.METRIC_SHARDS):
        for (report, day), cells in counted(made[shard :: keys.METRIC_SHARDS]).items():
            sums.setdefault((report, day, shard), []).append(cells)
    for learner, days in presence.days_of(made).items():
        for (report, day), cells in presence.change(learner, Presence(), days)[1].items():
            sums.setdefault((report, day, int(learner, 16) % keys.METRIC_SHARDS), []).append(cells)
    with MetricItem.batch_write() as batch:
        for (report, day, shard), several in sums.items():
            data = pack(cell.to_json(cell.added(several)))
            batch.save(MetricItem(*keys.metric(world.course.id, report, day, shard), data=data))
    return made


def _event(chance: Random, began: int, course: str) -> Event:
    at = began + chance.randrange(DAYS * 86_400_000 - 86_400_000) + 43_200_000
    learner, item = f"{chance.randrange(2000):016x}", chance.choice(ITEMS)
    name = chance.choice([names.ANSWERED, names.ANSWERED, names.SHOWN, names.ACCEPTED, names.LESSON_STARTED])
    said: dict[str, Any] = {"kind": "practise", "item": item, "lesson": item}
    if name == names.ANSWERED:
        more = {"skills": [item[-1]], "score": 1.0, "success": True, "seconds": 30, "p": 0.7, "gain": {item[-1]: 1.5}}
        said = {"item": item, "mistake": chance.choice(ITEMS), **more}
    return Event(name, at, course, learner, said)


@pytest.mark.soak
def test_each_report_on_a_hundred_thousand_events_takes_less_than_a_second(world: World, told: list[Event]) -> None:
    world.call("get_analytics", an_admin(), path="/api/admin/analytics/paths")
    slowest = 0.0
    for report, ways in REPORTS.items():
        for by in ways:
            query = {"from": FIRST.isoformat(), "to": LAST.isoformat(), "by": by}
            began = time.process_time()
            reply = world.call("get_analytics", an_admin(), path=f"/api/admin/analytics/{report}", query=query)
            slowest = max(slowest, time.process_time() - began)
            assert reply.status == 200
            assert reply.json["rows"] or report == "paths"
    answered = sum(event.name == names.ANSWERED for event in told)
    query = {"from": FIRST.isoformat(), "to": LAST.isoformat(), "by": "skill"}
    reply = world.call("get_analytics", an_admin(), path="/api/admin/analytics/skills", query=query)
    assert reply.json["total"]["answers"] == answered
    print(f"{MANY} events, {DAYS} days: the slowest report took {slowest:.2f} s")
    assert slowest <= SECONDS
