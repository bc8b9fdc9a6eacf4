"""What a night costs at the table, as the engine reports it: so much for each learner who is due, and for no other."""

import bisect
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from attune.domain.course import Course
from attune.domain.principal import Principal
from attune.store import attendance, courses, keys, learner_changes, learner_course, parameters, runs, snapshots, table
from attune.store.keys import Key
from attune.store.learner_course import Changes, Rows
from tests import backends
from tests.backends import Backend
from tests.builders import an_account
from tests.doubles.faults import Recorder
from tests.functions.conftest import World
from tests.functions.night import Night, at, books, look, practise, to
from tools.services import TABLE

REESTIMATION = 30
"""Queries for the parameter versions, and for what was gathered in each of the last 28 runs, and one read more."""

backend = backends.ministack_alone()


@pytest.fixture
def course(world: World, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setattr(keys, "SHARDS", 1)
    parameters.forget()
    return courses.load_current(world.course.id, world.clock.now())


def settled(course: Course, world: World) -> Principal:
    """A learner who practised on the fifth, and looked at what is recommended."""
    who = practise(course, world.clock)
    look(course, world.clock, who)
    return who


def multiplied(backend: Backend, who: Principal, course: Course, count: int, refreshed: str | None = None) -> None:
    """More learners with the same rows; all of them refreshed before, if a run is named."""
    taken = backend.rows(f"USER#{who.learner}")
    for start in range(0, count, 5):
        requests = []
        for _ in range(min(5, count - start)):
            other = an_account()
            for row in taken:
                made = {**row, "pk": {"S": f"USER#{other.learner}"}}
                if row["kind"]["S"] == "recommendations":
                    day = "2031-05-08" if refreshed else attendance.SINCE_EVER
                    index = keys.due(other.learner, course.id, day)
                    made |= {"gsi1pk": {"S": index.pk}, "gsi1sk": {"S": index.sk}}
                    made |= {"refreshed": {"S": refreshed}} if refreshed else {}
                requests.append({"PutRequest": {"Item": made}})
        for place in range(0, len(requests), 25):
            backend.raw.batch_write_item(RequestItems={TABLE: requests[place : place + 25]})


def cleared(backend: Backend) -> None:
    """No learner is due, and no run was begun."""
    for partition in (keys.due_shard(0),):
        while found := table.indexed(partition, limit=100):
            for _, key in found:
                backend.raw.delete_item(TableName=TABLE, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}})
    for row in [*backend.rows("REFRESH#2031-05-07"), *backend.rows("REFRESH")]:
        backend.raw.delete_item(TableName=TABLE, Key={"pk": row["pk"], "sk": row["sk"]})


def a_night(world: World, backend: Backend, course: Course) -> Recorder:
    """The night of the seventh, on the day before which nobody practised."""
    to(world.clock, at(7))
    courses.recent(course.id, world.clock.now())
    parameters.recent(course.id, world.clock.now())
    night = Night(world.clock)
    with backend.watched() as calls:
        night.whole()
    assert (night.reports, night.dead) == ([], [])
    return calls


def units(calls: Recorder, operation: str) -> tuple[int, float, float]:
    """Round trips, read units, write units."""
    found = [call for call in calls.calls if call.operation == operation]
    return len(found), sum(call.read for call in found), sum(call.write for call in found)


@pytest.mark.parametrize("count", [40, 4 * runs.PAGE, pytest.param(400, marks=pytest.mark.soak)])
def test_a_night_costs_so_much_for_each_learner_who_is_due(
    world: World, course: Course, backend: Backend, count: int
) -> None:
    cleared(backend)
    who = settled(course, world)
    multiplied(backend, who, course, count - 1)
    calls = a_night(world, backend, course)
    assert books(backend, at(7)) == {"learners": count, "done": count, "failed": 0}
    pages = count // runs.PAGE + 1
    # Each learner: settings, profile, recommendations, log and progress in one read; a snapshot and the ledger written.
    assert units(calls, "BatchGetItem") == (count, 5.0 * count, 0)
    assert units(calls, "PutItem") == (2 * count + 1, 0, 4.0 * count + 1)
    # Each page: its shard read, opened and closed (an empty one at once), and one query of the index.
    assert units(calls, "GetItem") == (pages + 1, pages + 1.0, 0)
    assert units(calls, "UpdateItem")[0] == 2 * pages - (count % runs.PAGE == 0)
    assert units(calls, "Query")[0] == pages + REESTIMATION
    assert set(calls.operations) == {"BatchGetItem", "PutItem", "GetItem", "UpdateItem", "Query"}


def test_j4_learners_who_are_not_due_cost_nothing(world: World, course: Course, backend: Backend) -> None:
    cleared(backend)
    who = settled(course, world)
    multiplied(backend, who, course, 9)
    multiplied(backend, who, course, 60, refreshed="2031-05-07")
    calls = a_night(world, backend, course)
    assert books(backend, at(7)) == {"learners": 10, "done": 10, "failed": 0}
    assert calls.operations == {
        "BatchGetItem": 10,
        "PutItem": 21,
        "GetItem": 2,
        "UpdateItem": 2,
        "Query": 1 + REESTIMATION,
    }


def test_a_page_with_answers_of_the_day_before_also_adds_them_up(
    world: World, course: Course, backend: Backend
) -> None:
    cleared(backend)
    to(world.clock, at(6, hour=12))
    who = settled(course, world)
    multiplied(backend, who, course, 9)
    calls = a_night(world, backend, course)
    # Beside what it costs anyway: the sums so far and the candidate in one read; the page is opened together with them.
    assert units(calls, "BatchGetItem") == (10 + 1, 5.0 * 10 + 2.0, 0)
    assert units(calls, "TransactWriteItems")[0] == 1
    assert calls.operations["UpdateItem"] == 1


# ---- 200,000 learners


class Village:
    """So many learners in memory, each like the first: their rows and the index, and what is done to them counted."""

    def __init__(self, first: Rows, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.first = first
        self.refreshed: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.index: dict[str, list[str]] = {keys.due_shard(shard): [] for shard in range(keys.SHARDS)}
        for _ in range(count):
            key = keys.due(an_account().learner, first.course, attendance.SINCE_EVER)
            self.index[key.pk].append(key.sk)
        for found in self.index.values():
            found.sort()
        monkeypatch.setattr(table, "indexed", self.indexed)
        monkeypatch.setattr(learner_course, "read_all", self.read_all)
        monkeypatch.setattr(learner_changes, "write", self.write)
        monkeypatch.setattr(snapshots, "put", self.snapshot)

    def indexed(self, index_pk: str, *, below: str, after: str | None, limit: int) -> list[tuple[str, Key]]:
        self.calls["index"] += 1
        rows = self.index[index_pk]
        start = bisect.bisect_right(rows, after) if after else 0
        return [(row, Key("", "")) for row in rows[start : start + limit] if row < below]

    def read_all(self, who: Principal, course: str, session: None, now: datetime, *, progress: bool) -> Rows:
        self.calls["read"] += 1
        return replace(self.first, principal=who)

    def write(self, rows: Rows, changes: Changes, now: datetime, *, seen: bool) -> None:
        self.calls["write"] += 1
        self.refreshed[rows.principal.learner] += 1

    def snapshot(self, *_: object) -> None:
        self.calls["snapshot"] += 1


@pytest.mark.soak
@pytest.mark.parametrize("count", [20_000, 200_000])
def test_j4_a_great_many_learners(
    world: World, course: Course, backend: Backend, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "SHARDS", 16)
    cleared(backend)
    who = settled(course, world)
    rows = learner_course.read_all(who, course.id, None, world.clock.now())
    to(world.clock, at(7))
    village = Village(rows, count, monkeypatch)
    pages = sum(len(found) // runs.PAGE + 1 for found in village.index.values())
    empty = sum(len(found) % runs.PAGE == 0 for found in village.index.values())
    parameters.recent(course.id, world.clock.now())
    night = Night(world.clock)
    with backend.watched() as calls:
        night.whole()
    assert (night.reports, night.dead) == ([], [])
    assert books(backend, at(7)) == {"learners": count, "done": count, "failed": 0}
    assert village.calls == {"read": count, "write": count, "snapshot": count, "index": pages}
    assert set(village.refreshed.values()) == {1}
    assert len(village.refreshed) == count
    # The books: each page's shard read, opened and closed. At the end of each shard one look at all of them.
    assert calls.operations["UpdateItem"] == 2 * pages - empty
    assert calls.operations["Query"] == 16 + REESTIMATION - 1
    assert pages <= count / runs.PAGE + 16
