"""An erased learner is nowhere: not while it is done, not when it is done, and not by what comes too late."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from attune.actions import erase_user
from attune.actions.erase_user import NotYet
from attune.domain.erasure import DONE, SETTLES
from attune.domain.errors import Conflict, Unidentified
from attune.domain.jobs import EraseUser, Job
from attune.domain.practice.session import Session
from attune.domain.principal import Principal
from attune.domain.repetition import Repetition
from attune.store import (
    erasures,
    keys,
    learner_changes,
    learner_course,
    learner_settings,
    pointers,
    runs,
    sessions,
    table,
    users,
)
from attune.store.items import FailureItem, Item
from attune.store.learner_course import Changes
from tests.backends import Backend
from tests.builders import NOW, a_guest, a_key, a_uuid, an_account, answers
from tests.doubles.faults import Faults
from tests.functions.night import Death, Died
from tools.services import TABLE

COURSE = "course"
LATER = NOW + SETTLES


@dataclass
class Queue:
    """The jobs that were sent."""

    jobs: list[Job] = field(default_factory=list)

    def send(self, jobs: Sequence[Job]) -> None:
        self.jobs.extend(jobs)


def nothing(picked: Callable[[str], bool]) -> int:
    """No message has failed."""
    return 0


def a_pointer() -> pointers.Pointer:
    return pointers.Pointer(a_key(), 1, 1, "s", 0, False)


def held(who: Principal, lessons: int = 30) -> None:
    """Rows of every sort under a learner's key, and beside it."""
    if who.learner.startswith("g."):
        users.create(who, NOW, Repetition("create_user", a_key(), "h"))
    learner_settings.submit_answers(who, COURSE, answers(), NOW)
    session = sessions.item(who.learner, COURSE, Session(a_uuid(), 0), table.new_write_id())
    table.put_all([session, FailureItem(*keys.failure(NOW.date().isoformat(), runs.digest(who.learner, COURSE)))])
    rows = learner_course.read_all(who, COURSE, None, NOW)
    learner_changes.write(rows, Changes(ledger=rows.ledger), NOW, seen=True)
    for number in range(lessons):
        pointers.put(who, COURSE, f"lesson-{number}", a_pointer(), NOW)


def everything(backend: Backend) -> str:
    """The whole table as text."""
    pages = backend.raw.get_paginator("scan").paginate(TableName=TABLE)
    return json.dumps([row for page in pages for row in page["Items"]], default=str)


def work(receipt: str, now: datetime, most: int = 20) -> None:
    """Deliver the job until the sweep is over."""
    for _ in range(most):
        try:
            if erase_user.run(receipt, now, Queue().send, nothing) != "goes on":
                return
        except NotYet:
            return
    raise AssertionError("never over")


def erased(who: Principal) -> str:
    """Erase to the end; the receipt."""
    receipt = erase_user.begin(who, "me", NOW, Queue().send)
    work(receipt, NOW)
    work(receipt, LATER)
    return receipt


@pytest.fixture(params=["guest", "account"])
def who(request: pytest.FixtureRequest) -> Principal:
    return a_guest() if request.param == "guest" else an_account()


READS: dict[str, Callable[[Principal], object]] = {
    "settings": lambda who: learner_settings.get(who, COURSE, NOW),
    "the course": lambda who: learner_course.read(who, COURSE, NOW),
    "all rows": lambda who: learner_course.read_all(who, COURSE, None, NOW),
    "sessions": lambda who: sessions.page(who, COURSE, NOW, below=None, limit=5),
}
WRITES: dict[str, Callable[[Principal], object]] = {
    "answers": lambda who: learner_settings.submit_answers(who, COURSE, answers(), NOW),
    "another course": lambda who: learner_settings.submit_answers(who, "other", answers(), NOW),
    "preferences": lambda who: learner_settings.reset_preferences(who, COURSE, None, NOW),
    "the switch": lambda who: learner_settings.switch(who, COURSE, False, NOW),
    "a pointer": lambda who: pointers.put(who, COURSE, "x", a_pointer(), NOW),
    "clearing": lambda who: pointers.clear(who, COURSE, NOW),
}


def test_a55_from_the_first_moment_on_nothing_is_read_or_written(who: Principal, backend: Backend) -> None:
    held(who, 2)
    rows = learner_course.read_all(who, COURSE, None, NOW)
    queue = Queue()
    receipt = erase_user.begin(who, who.subject, NOW, queue.send)
    assert queue.jobs == [EraseUser(receipt)]
    for now in (None, NOW, LATER):
        if now is not None:
            work(receipt, now)
        before = everything(backend)
        for call in (*READS.values(), *WRITES.values()):
            with pytest.raises(Unidentified):
                call(who)
        # What was read before may not be written now.
        late = Changes(practice=rows.practice, session=Session(a_uuid(), 0), ledger=rows.ledger)
        with pytest.raises((Unidentified, table.ConditionFailed)):
            learner_changes.write(rows, late, NOW, seen=True)
        assert everything(backend) == before


def test_e1_when_it_is_done_only_a_keyed_hash_is_left(who: Principal, backend: Backend) -> None:
    held(who)
    receipt = erased(who)
    assert who.subject not in everything(backend)
    found = erasures.get(receipt, NOW)
    assert found is not None
    assert (found.state, found.learners, found.creations) == (DONE, frozenset(), frozenset())
    assert found.deleted == {"user": 1, "settings": 1, "recommendations": 1, "session": 1, "pointer": 30}
    assert backend.rows(f"REFRESH#{NOW.date().isoformat()}") == []


def test_a55_a_guests_id_cannot_be_taken_again(backend: Backend) -> None:
    who = a_guest()
    held(who, 1)
    erased(who)
    with pytest.raises(Conflict, match="user_exists"):
        users.create(who, NOW, None)
    assert who.subject not in everything(backend)


def test_erasing_again_is_the_same_while_it_lasts_and_refused_after_it(who: Principal) -> None:
    held(who, 1)
    queue = Queue()
    receipts = {erase_user.begin(who, "me", NOW, queue.send) for _ in range(3)}
    assert len(receipts) == 1
    assert len(queue.jobs) == 3
    (receipt,) = receipts
    work(receipt, NOW)
    work(receipt, LATER)
    with pytest.raises(Unidentified):
        erase_user.begin(who, "me", NOW, queue.send)


def test_nobody_is_erased_who_is_not_there(backend: Backend) -> None:
    before = everything(backend)
    with pytest.raises(Unidentified, match="unknown_user"):
        erase_user.begin(a_guest(), "me", NOW, Queue().send)
    assert everything(backend) == before


def test_e2_what_a_latecomer_wrote_goes_with_the_second_sweep(who: Principal, backend: Backend) -> None:
    held(who, 1)
    receipt = erase_user.begin(who, "me", NOW, Queue().send)
    work(receipt, NOW)
    stray = sessions.item(who.learner, COURSE, Session(a_uuid(), 0), table.new_write_id())
    table.put_all([stray])
    with pytest.raises(NotYet):
        erase_user.run(receipt, LATER.replace(second=0) - SETTLES / 2, Queue().send, nothing)
    work(receipt, LATER)
    assert who.subject not in everything(backend)


def test_a56_killed_after_each_of_its_steps_it_ends_the_same(who: Principal, backend: Backend) -> None:
    """After each write: whoever dies between two of them leaves the same behind."""
    if backend.engine is None:
        pytest.skip("each time begins with an empty table, which only the one in this process can have")

    def outcome(at: int | None) -> tuple[object, bool]:
        backend.empty()
        one = type(who)(who.kind, a_uuid(), who.issuer)
        held(one, 3)
        death = Death(at or 0, after=True, writes=True)
        with death.on(Item):
            for _ in range(3):
                try:
                    receipt = erase_user.begin(one, "me", NOW, Queue().send)
                    work(receipt, NOW)
                    work(receipt, LATER)
                    break
                except Died:
                    continue
                except Unidentified:
                    break
        found = next(row for row in rows(backend, "erasure"))
        assert one.subject not in everything(backend)
        return (found["deleted"], found["state"]), death.calls < (at or 0)

    whole, _ = outcome(None)
    at, over = 1, False
    while not over:
        again, over = outcome(at)
        assert again == whole, at
        at += 1
    assert at > 6


def rows(backend: Backend, kind: str) -> list[dict[str, object]]:
    pages = backend.raw.get_paginator("scan").paginate(TableName=TABLE)
    return [row for page in pages for row in page["Items"] if row["kind"]["S"] == kind]


def many(who: Principal, count: int, backend: Backend) -> None:
    users.create(who, NOW, None)
    table.put_all([pointers.row_of(who, COURSE, f"lesson-{n}", a_pointer(), NOW) for n in range(count)])
    faults = Faults(page_size=1)
    faults.plan("throttle", "*", probability=0.02)
    with faults.on(Item):
        receipt = erase_user.begin(who, "me", NOW, Queue().send)
        for now in (NOW, LATER):
            work(receipt, now, 10_000)
    found = erasures.get(receipt, NOW)
    assert found is not None
    assert found.deleted == {"user": 1, "pointer": count}
    assert who.subject not in everything(backend)


def test_e1_pages_of_one_row_and_a_store_that_throttles(backend: Backend) -> None:
    many(a_guest(), 60, backend)


@pytest.mark.soak
def test_e1_ten_thousand_rows_in_pages_of_one(backend: Backend) -> None:
    many(a_guest(), 10_000, backend)
