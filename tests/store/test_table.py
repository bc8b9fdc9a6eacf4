"""What every read and write has in common: expired rows are not there, newer ones are left alone, faults end soon."""

import io
import json
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from attune.domain.errors import Unavailable
from attune.domain.principal import Principal
from attune.store import courses, keys, learner_settings, pointers, sections, table, users, variants
from attune.store.items import PointerItem, SettingsItem, UserItem
from attune.store.table import NewerThanCode
from tests.backends import Backend
from tests.builders import NOW, a_course, a_guest, a_key, a_uuid, an_account, an_id, answers
from tests.doubles.faults import Faults
from tests.doubles.tap import Send, Tap
from tests.store.regeneration import regenerated
from tests.store.test_variants import DUE, LESSON, a_plan, queued
from tools.services import TABLE

COURSE = an_id()


def a_row(who: Principal, slug: str, expires: float | None) -> PointerItem:
    fields: dict[str, Any] = {"course_version": 1, "answers_rev": 1, "style": "s", "variant": a_key(), "cached": False}
    return PointerItem(*keys.pointer(who.learner, COURSE, slug), **fields, expires_at=expires)


def onboarded() -> Principal:
    who = an_account()
    learner_settings.submit_answers(who, COURSE, answers(), NOW)
    return who


# ---- Expiry


def test_rows_of_any_kind_are_those_that_are_known_and_there(backend: Backend) -> None:
    who, at = onboarded(), int(NOW.timestamp())
    table.put_all([a_row(who, "gone", at), a_row(who, "there", at + 1)])
    strange = keys.pointer(who.learner, COURSE, "strange")
    table.put_all([a_row(who, "strange", None)])
    backend.change(strange, "SET kind = :kind", kind={"S": "of another release"})
    found = {item.sk: type(item) for item in table.of_any_kind(keys.Key(f"USER#{who.learner}", ""), NOW)}
    assert found[keys.pointer(who.learner, COURSE, "there").sk] is PointerItem
    assert found[keys.settings(who.learner, COURSE).sk] is SettingsItem
    assert not {strange.sk, keys.pointer(who.learner, COURSE, "gone").sk} & found.keys()


def test_d14_an_expired_row_is_nowhere_to_be_seen() -> None:
    who, at = a_guest(), int(NOW.timestamp())
    rows = {"gone": a_row(who, "gone", at), "there": a_row(who, "there", at + 1), "ever": a_row(who, "ever", None)}
    table.put_all(list(rows.values()))
    names = {name: keys.pointer(who.learner, COURSE, name) for name in rows}
    assert [name for name, key in names.items() if table.get(PointerItem, key, NOW)] == ["there", "ever"]
    assert set(table.get_many(names.values(), NOW)) == {names["there"], names["ever"]}
    prefix = keys.pointer_prefix(who.learner, COURSE)
    for columns in (None, ("pk", "sk", "kind", "schema_version", "expires_at")):
        found = [item.sk for item in table.query(PointerItem, prefix, NOW, attributes=columns)]
        assert found == [names["ever"].sk, names["there"].sk]
    assert table.settle(PointerItem, names["gone"], "w", NOW) is None


def test_d15_moments_of_expiry_are_whole_seconds_of_the_epoch(backend: Backend) -> None:
    """The table's own expiry takes nothing else, and takes milliseconds for the year 50,000."""
    who, late = an_account(), NOW + timedelta(microseconds=123_456)
    pointers.put(who, COURSE, "x", pointers.Pointer(a_key(), 1, 1, "s", 0, False), late)
    key = a_key()
    sections.claim(key, 75.0, late)
    variant = a_key()
    variants.enqueue(variant, a_plan(), DUE, late)
    for pk in (keys.user(who.learner).pk, keys.section(key).pk, keys.variant(variant).pk):
        row = next(row for row in backend.rows(pk) if "expires_at" in row)
        assert row["expires_at"]["N"].isdecimal()
        assert (
            timedelta(days=1) < timedelta(seconds=int(row["expires_at"]["N"]) - NOW.timestamp()) < timedelta(days=400)
        )


# ---- Newer releases


def test_d13_a_row_of_a_newer_release_is_not_read(backend: Backend) -> None:
    who = onboarded()
    key = keys.settings(who.learner, COURSE)
    backend.change(key, "SET schema_version = :v", v={"N": "2"})
    reads: list[Callable[[], object]] = [
        lambda: table.get(SettingsItem, key, NOW),
        lambda: table.get_many([key], NOW),
        lambda: list(table.query(SettingsItem, keys.Key(key.pk, "COURSE#"), NOW)),
    ]
    for read in reads:
        with pytest.raises(Unavailable) as refused:
            read()
        assert refused.value.code == "newer_than_code"


NEWER: dict[str, Callable[[Backend], tuple[keys.Key, Callable[[], object]]]] = {
    "answers": lambda _: _settings(
        lambda who: learner_settings.submit_answers(who, COURSE, answers(hardware=True), NOW)
    ),
    "some answers": lambda _: _settings(
        lambda who: learner_settings.change_answers(who, COURSE, {"hardware": True}, None, NOW)
    ),
    "regeneration": lambda _: _settings(lambda who: regenerated(who, COURSE, "2000", NOW)),
    "a claim": lambda _: _section(),
    "a pointer": lambda _: _pointer(),
    "an assembly": lambda _: _variant(lambda key: variants.assemble(key, LESSON, None, NOW)),
    "sending again": lambda _: _variant(
        lambda key: variants.take_requeue(variants.Variant(key, a_plan(), None, DUE, None), DUE + 1, NOW)
    ),
}


def _settings(do: Callable[[Principal], object]) -> tuple[keys.Key, Callable[[], object]]:
    who = onboarded()
    return keys.settings(who.learner, COURSE), lambda: do(who)


def _section() -> tuple[keys.Key, Callable[[], object]]:
    key = a_key()
    sections.claim(key, 75.0, NOW)
    return keys.section(key), lambda: sections.claim(key, 75.0, NOW + timedelta(seconds=80))


def _pointer() -> tuple[keys.Key, Callable[[], object]]:
    who, pointer = an_account(), pointers.Pointer(a_key(), 1, 1, "s", 0, False)
    pointers.put(who, COURSE, "x", pointer, NOW)
    return keys.pointer(who.learner, COURSE, "x"), lambda: pointers.put(who, COURSE, "x", pointer, NOW)


def _variant(do: Callable[[str], object]) -> tuple[keys.Key, Callable[[], object]]:
    key = queued()
    return keys.variant(key), lambda: do(key)


@pytest.mark.parametrize("write", NEWER)
def test_d13_a_row_of_a_newer_release_is_not_changed(backend: Backend, write: str) -> None:
    key, do = NEWER[write](backend)
    backend.change(key, "SET schema_version = :v, later = :l", v={"N": "2"}, l={"S": "kept"})
    before = backend.rows(key.pk)
    with suppress(NewerThanCode):
        do()
    assert backend.rows(key.pk) == before


# ---- Faults of the engine


class Endless(BaseException):
    """The store goes on and on."""


def _put() -> Callable[[], object]:
    row = a_row(a_guest(), "x", None)
    return lambda: table.put(row)


def _put_all() -> Callable[[], object]:
    row = a_row(a_guest(), "x", None)
    return lambda: table.put_all([row])


def _update() -> Callable[[], object]:
    who = onboarded()
    return lambda: learner_settings.change_answers(who, COURSE, {"hardware": True}, None, NOW)


OPERATIONS: dict[str, Callable[[], Callable[[], object]]] = {
    "GetItem": lambda: lambda: users.get(a_guest(), NOW),
    "BatchGetItem": lambda: lambda: table.get_many([keys.user(a_uuid())], NOW),
    "Query": lambda: lambda: courses.staged(COURSE, NOW),
    "PutItem": _put,
    "UpdateItem": _update,
    "TransactWriteItems": lambda: lambda: users.create(a_guest(), NOW, None),
    "BatchWriteItem": _put_all,
}
"""A call of the store for each operation of the engine."""


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The store's own waits, noted instead of waited."""
    waits: list[float] = []
    monkeypatch.setattr(table, "time", SimpleNamespace(sleep=waits.append))
    return waits


@pytest.mark.parametrize("kind", ["throttle", "server_error", "reset", "hang", "lost_before", "error_after"])
def test_d1_d2_d3_a_fault_that_passes_is_not_noticed(backend: Backend, patient: list[float], kind: str) -> None:
    for operation, prepare in OPERATIONS.items():
        call = prepare()
        with backend.faulty(kind, operation) as faults:
            call()
        assert faults.met[kind] == 1, operation


@pytest.mark.parametrize("kind", ["throttle", "server_error", "reset", "hang", "denied", "missing"])
def test_d1_d4_d9_a_fault_that_stays_is_unavailable(backend: Backend, patient: list[float], kind: str) -> None:
    met: dict[str, str] = {}
    for operation, prepare in OPERATIONS.items():
        call = prepare()
        with backend.faulty(kind, operation, times=math.inf):
            try:
                met[operation] = f"answered {call()}"
            except Exception as error:
                met[operation] = type(error).__name__
    assert met == dict.fromkeys(OPERATIONS, "Unavailable")
    assert sum(patient) <= 3


@pytest.mark.parametrize(("kind", "most"), [("throttle", 3), ("server_error", 3), ("denied", 2), ("missing", 2)])
def test_d1_d9_a_fault_that_stays_is_not_tried_for_long(
    backend: Backend, patient: list[float], kind: str, most: int
) -> None:
    tries: dict[str, int] = {}
    for operation, prepare in OPERATIONS.items():
        call = prepare()
        with backend.faulty(kind, operation, times=math.inf) as faults, suppress(Unavailable):
            call()
        tries[operation] = faults.met[kind]
    assert max(tries.values()) <= most, tries


def test_d5_a_transaction_that_meets_another_is_tried_again(backend: Backend, patient: list[float]) -> None:
    who = a_guest()
    with backend.faulty("conflict", "TransactWriteItems", times=3), backend.watched() as calls:
        users.create(who, NOW, None)
    assert calls.operations == {"TransactWriteItems": 4}
    assert len(patient) == 3
    assert users.get(who, NOW) is not None


def test_d5_a_transaction_that_meets_others_for_ever_gives_up(backend: Backend, patient: list[float]) -> None:
    who = a_guest()
    with backend.faulty("conflict", "TransactWriteItems", times=math.inf) as faults, pytest.raises(Unavailable) as gave:
        users.create(who, NOW, None)
    assert (gave.value.code, faults.met["conflict"]) == ("store_busy", table.CONFLICT_TRIES)
    assert sum(patient) <= 3
    assert users.get(who, NOW) is None


def test_d5_a_write_that_meets_a_transaction_is_unavailable_or_done(backend: Backend, patient: list[float]) -> None:
    """A plain update can be refused because a transaction holds the row; it is not a failed condition."""
    who = onboarded()
    with backend.faulty("conflict", "UpdateItem", times=1):
        try:
            stored = learner_settings.change_answers(who, COURSE, {"hardware": True}, None, NOW)
        except Unavailable:
            stored = learner_settings.change_answers(who, COURSE, {"hardware": True}, None, NOW)
    assert (stored.answers["hardware"], stored.answers_rev) == (True, 2)


def test_d3_half_an_answer_is_not_taken_for_a_whole_one(backend: Backend) -> None:
    who = onboarded()
    calls: list[tuple[str, Callable[[], object]]] = [
        ("GetItem", lambda: users.get(who, NOW)),
        ("BatchGetItem", lambda: table.get_many([keys.user(who.learner)], NOW).keys()),
        ("UpdateItem", lambda: learner_settings.change_answers(who, COURSE, {"hardware": True}, None, NOW).answers),
    ]
    for operation, call in calls:
        with backend.faulty("garbled", operation):
            try:
                found = call()
            except Unavailable:
                continue
        assert found == call(), operation


class Stingy(Tap):
    """Answers with one row less than asked for, so often; the others are left for the next call."""

    def __init__(self, times: float) -> None:
        self.times = times
        self.met = 0

    def send(self, client: Any, operation: str, request: Any, go_on: Send) -> Any:
        if operation != "BatchGetItem" or self.met >= self.times:
            return go_on()
        self.met += 1
        if self.met > 30:
            raise Endless
        asked = json.loads(request.body)["RequestItems"][TABLE]
        left = {**asked, "Keys": asked["Keys"][-1:]}
        response = go_on()
        answer = json.loads(response.content)
        (kept,) = left["Keys"]
        answer["Responses"][TABLE] = [
            row for row in answer["Responses"][TABLE] if (row["pk"], row["sk"]) != (kept["pk"], kept["sk"])
        ]
        answer["UnprocessedKeys"] = {TABLE: left}
        body = urllib3.HTTPResponse(io.BytesIO(json.dumps(answer).encode()), preload_content=False)
        return AWSResponse(request.url, 200, HTTPHeaders.from_dict({}), body)


def test_d6_rows_that_an_answer_left_out_are_asked_for_again(backend: Backend) -> None:
    names = [a_key() for _ in range(3)]
    for name in names:
        sections.claim(name, 75.0, NOW)
    stingy = Stingy(times=2)
    with stingy.on(UserItem):
        assert set(sections.get_many(names, NOW)) == set(names)
    assert stingy.met == 2


def test_d6_rows_that_were_not_taken_are_sent_again(backend: Backend) -> None:
    who = an_account()
    rows = [a_row(who, f"lesson-{n}", None) for n in range(30)]
    with backend.faulty("unprocessed", "BatchWriteItem", times=1):
        table.put_all(rows)
    assert len(backend.rows(keys.user(who.learner).pk)) == 30
    with backend.faulty("unprocessed", "BatchWriteItem", times=1):
        assert pointers.clear(who, COURSE, NOW) == 30
    assert backend.rows(keys.user(who.learner).pk) == []


def test_d6_rows_that_are_never_read_are_unavailable_soon(backend: Backend, patient: list[float]) -> None:
    stingy = Stingy(times=math.inf)
    with stingy.on(UserItem), pytest.raises(Unavailable):
        table.get_many([keys.user(a_uuid())], NOW)
    assert stingy.met <= 10


def test_d6_rows_that_are_never_taken_are_unavailable_soon(backend: Backend, patient: list[float]) -> None:
    with backend.faulty("unprocessed", "BatchWriteItem", times=30) as faults, pytest.raises(Unavailable):
        table.put_all([a_row(a_guest(), "x", None)])
    assert faults.met["unprocessed"] <= 10


def test_d7_pages_of_one_row_are_put_together(backend: Backend) -> None:
    who, course = an_account(), a_course(lessons=4)
    for slug, text in course.texts.items():
        courses.stage(course.id, slug, text, "h", NOW)
    for slug in course.slugs:
        pointers.put(who, course.id, slug, pointers.Pointer(a_key(), 1, 1, "s", 0, False), NOW)
    for number in range(3):
        was = courses.current(course.id, NOW) if number else None
        courses.publish(course.id, course.stored(title=f"Title {number}"), was, NOW)
    faults = Faults(page_size=1)
    with faults.on(UserItem):
        assert set(courses.staged(course.id, NOW)) == set(course.slugs)
        assert courses.newest(course.id, NOW) == 3
        assert pointers.clear(who, course.id, NOW) == 4
    assert [row["sk"]["S"] for row in backend.rows(keys.user(who.learner).pk)] == ["USER"]
