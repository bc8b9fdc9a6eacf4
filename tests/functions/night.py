"""Nights of a small world: learners who practised, the schedule, a queue in memory, and crashes where wanted."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from attune.actions import judge_experiment, rebuild_profile, recommend, record_session, reestimate, refresh
from attune.actions.clock import Clock as AnyClock
from attune.actions.refresh_learner import Prepare
from attune.domain.course import Course
from attune.domain.experiments.experiment import Experiment
from attune.domain.jobs import CheckExperiment, Job, RebuildProfile, Reestimate, RefreshLearner, RefreshPage, job
from attune.domain.practice.intake import Sent
from attune.domain.practice.session import Session
from attune.domain.principal import Principal
from attune.domain.recommendations.asked import Asked
from attune.domain.recommendations.recommended import Recommended
from attune.store import courses, keys, parameters, runs
from attune.store.items import Item
from tests.backends import Backend
from tests.builders import an_account
from tests.doubles.clock import Clock
from tests.doubles.tap import Send, Tap
from tests.functions.conftest import World
from tools.services import TABLE

Row = dict[str, Any]
RECEIVES = 5
FEW = 3
"""Learners in a page, of `small` nights."""


class Died(BaseException):
    """The worker is gone from one moment to the next."""


READS = ("GetItem", "BatchGetItem", "Query")


@dataclass
class Death(Tap):
    """Dies at a call to the store: before it, or once it is done. `writes`: only those that change something count."""

    at: int
    after: bool
    writes: bool = False
    calls: int = 0

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        if self.writes and operation in READS:
            return go_on()
        self.calls += 1
        if self.calls != self.at:
            return go_on()
        if self.after:
            go_on()
        raise Died


@dataclass
class Night:
    """One night's worker. A message that fails comes back, behind all others, until it has failed too often."""

    clock: AnyClock
    waiting: list[tuple[str, int]] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)
    order: Callable[[int], int] = lambda count: 0
    """Which of the waiting messages is next."""
    prepare: Prepare | None = None
    alarms: list[str] = field(default_factory=list)
    sends: int = 0
    dies_at_send: int = 0

    def send(self, jobs: Sequence[Job]) -> None:
        self.sends += 1
        if self.sends == self.dies_at_send:
            raise Died
        self.waiting += [(one.to_json(), 0) for one in jobs]

    def told(self, what: str, experiment: Experiment) -> None:
        self.alarms.append(f"{what} {experiment.id}")

    def fire(self, due: datetime | None = None) -> None:
        """The schedule."""
        refresh.start(due or self.clock.now(), self.clock.now(), self.send)

    def handle(self, body: str) -> None:
        match job(body):
            case RefreshPage() as page:
                report = self.reports.append
                said = refresh.page(page, self.clock, self.send, lambda error: report(repr(error)), self.prepare)
            case RefreshLearner() as learner:
                said = refresh.learner(learner, self.clock, self.send, self.prepare)
            case RebuildProfile(who, course):
                rebuild_profile.run(Principal.of(who), course, self.clock.now())
                said = "rebuilt"
            case Reestimate(run, course):
                said = reestimate.run(course, run, self.clock.now())
            case CheckExperiment(course, experiment):
                said = judge_experiment.check(course, experiment, self.clock.now(), self.told)
            case other:
                raise AssertionError(other)
        self.said[said.split(" ")[0]] += 1

    def step(self) -> None:
        """Deliver one message."""
        body, receives = self.waiting.pop(self.order(len(self.waiting)))
        try:
            self.handle(body)
        except (Exception, Died):
            (self.waiting.append((body, receives + 1)) if receives + 1 < RECEIVES else self.dead.append(body))

    def work(self) -> None:
        """Deliver until nothing waits."""
        while self.waiting:
            self.step()

    def killed(self, at_write: int, after: bool) -> bool:
        """A night whose worker dies at one of its writes, before or after it is done; whether there were as many."""
        self.fire()
        death = Death(at_write, after, writes=True)
        with death.on(Item):
            self.work()
        self.work()
        return death.calls >= at_write

    def whole(self) -> None:
        """The schedule, and all that follows from it."""
        self.fire()
        self.work()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nights have two partitions and few learners in a page."""
    monkeypatch.setattr(keys, "SHARDS", 2)
    monkeypatch.setattr(runs, "PAGE", FEW)
    parameters.forget()


@pytest.fixture
def course(world: World) -> Course:
    return courses.load_current(world.course.id, world.clock.now())


@pytest.fixture
def night(world: World) -> Night:
    return Night(world.clock)


def at(day: int, hour: int = 2) -> datetime:
    """A moment of May 2031; nights are at two."""
    return datetime(2031, 5, 1, hour, tzinfo=UTC) + timedelta(days=day - 1)


def to(clock: Clock, moment: datetime) -> None:
    clock.advance(moment - clock.now())


def practise(
    course: Course, clock: Clock, who: Principal | None = None, count: int = 3, recommendation: str | None = None
) -> Principal:
    """A learner answers now, and looks at what is recommended."""
    who = who or an_account()
    now = clock.now()
    moment = int(now.timestamp() * 1000)
    name = f"s-{moment}"
    answers = [Sent(f"{name}-{place}", "q1", moment - 60_000 + place, correct=place % 3 > 0) for place in range(count)]
    session = Session(name, moment - 60_000, recommendation=recommendation)
    record_session.run(who, course, session, answers, now, lambda jobs: None)
    return who


def look(course: Course, clock: Clock, who: Principal) -> Recommended:
    """What is recommended to a learner."""
    return recommend.run(who, course, Asked(), clock.now())


def learners(course: Course, clock: Clock, count: int) -> list[Principal]:
    """Learners who practised and looked at what is recommended, on the fifth."""
    made = [practise(course, clock) for _ in range(count)]
    for who in made:
        look(course, clock, who)
    return made


def rows(backend: Backend) -> list[Row]:
    """The whole table, without the ids of writes."""
    pages = backend.raw.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    found = [
        {name: value for name, value in item.items() if name != "write_id"} for page in pages for item in page["Items"]
    ]
    return sorted(found, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))


def books(backend: Backend, run: datetime) -> dict[str, int]:
    """The counts of a run, over all its partitions."""
    found: Counter[str] = Counter()
    for row in backend.rows(f"REFRESH#{run.date().isoformat()}"):
        if row["sk"]["S"].startswith("SHARD#"):
            found.update({name: int(row[name]["N"]) for name in ("learners", "done", "failed")})
            assert "members" not in row
        elif row["sk"]["S"].startswith("FAILURE#"):
            found["failures"] += 1
    return dict(found)


def refreshed_once(night: Night, backend: Backend, count: int) -> None:
    """Every learner is refreshed, and counted, once, in the night of the sixth."""
    assert (night.dead, night.reports) == ([], [])
    assert books(backend, at(6)) == {"learners": count, "done": count, "failed": 0}


@contextmanager
def poisoned(backend: Backend, who: Principal, course: str) -> Iterator[None]:
    """Within it a row of a learner cannot be read."""
    key = {name: {"S": value} for name, value in keys.profile(who.learner, course)._asdict().items()}
    row = backend.raw.get_item(TableName=TABLE, Key=key)["Item"]
    backend.raw.put_item(TableName=TABLE, Item={**row, "data": {"B": b"no"}})
    try:
        yield
    finally:
        backend.raw.put_item(TableName=TABLE, Item=row)


def stored(backend: Backend, who: Principal, course: str) -> Row:
    """A learner's ledger row as it is stored."""
    wanted = keys.recommendations(who.learner, course).sk
    return next(row for row in backend.rows(f"USER#{who.learner}") if row["sk"]["S"] == wanted)


def plain(body: str) -> Any:
    return json.loads(body)
