"""What all workers know of a supplier: counted whoever else counts, and one probe at a time."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from attune.domain import breaker
from attune.domain.breaker import FAILURES, FIRST_REST, Breaker
from attune.store import breakers, keys, reading
from attune.store.breakers import Known
from tests.backends import Backend
from tests.builders import NOW, a_key, an_id
from tests.store.test_concurrency import at_once
from tests.store.test_variants import queued

AT = NOW.timestamp()
OVER = NOW + timedelta(seconds=FIRST_REST)


@pytest.fixture
def supplier(backend: Backend) -> str:
    """One that nobody has asked before, alone in its place."""
    backend.raw.delete_item(
        TableName="attune", Key={name: {"S": part} for name, part in zip(("pk", "sk"), keys.breaker(0), strict=True)}
    )
    return an_id()


def known(supplier: str) -> Known:
    (found,) = reading.work(a_key(), [supplier], NOW)[1]
    return found


def fail(supplier: str, times: int = 1) -> Known:
    for _ in range(times):
        seen = known(supplier)
        breakers.change(seen, lambda state: breaker.failed(state, state.turn, "timeout", None, AT), NOW)
    return known(supplier)


def test_nothing_is_known_of_who_never_failed(supplier: str) -> None:
    assert known(supplier) == Known(0, supplier, Breaker())
    assert breakers.change(known(supplier), lambda state: breaker.answered(state, 0), NOW) == (known(supplier), False)
    assert breakers.all_known(NOW) == []


def test_failures_are_kept_until_an_answer(supplier: str) -> None:
    assert asdict(fail(supplier, 2).state) == {**asdict(Breaker()), "failures": 2, "reason": "timeout"}
    found, changed = breakers.change(known(supplier), lambda state: breaker.answered(state, 0), NOW)
    assert (changed, found.state, found) == (True, Breaker(), known(supplier))
    assert breakers.all_known(NOW) == [found]


def test_what_was_seen_too_early_is_counted_all_the_same(supplier: str) -> None:
    early = known(supplier)
    fail(supplier, 2)
    found, changed = breakers.change(early, lambda state: breaker.failed(state, 0, "timeout", None, AT), NOW)
    assert (changed, found.state.failures) == (True, 3)


def test_another_supplier_in_its_place_begins_anew_and_gives_sections_their_calls_back(supplier: str) -> None:
    opened = fail(supplier, FAILURES).state
    other = known(an_id()).state
    assert (other.closed(), other.failures, other.generation) == (True, 0, opened.generation + 1)
    assert not known(supplier).state.closed()


def test_a_lost_answer_is_one_change(supplier: str, backend: Backend) -> None:
    seen = known(supplier)
    with backend.faulty("lost_after", "PutItem") as faults:
        found, changed = breakers.change(seen, lambda state: breaker.failed(state, 0, "timeout", None, AT), NOW)
    assert faults.met["lost_after"] == 1
    assert (changed, found.state.failures) == (True, 1)
    assert known(supplier) == found


def test_a_variant_and_its_suppliers_are_one_round_trip(supplier: str, backend: Backend) -> None:
    variant = queued()
    with backend.watched() as calls:
        found, seen = reading.work(variant, [supplier, an_id()], NOW)
    assert found is not None
    assert [each.place for each in seen] == [0, 1]
    assert calls.operations == {"BatchGetItem": 1}


def test_many_at_once_are_all_counted_and_one_gets_the_probe(supplier: str, backend: Backend) -> None:
    seen = known(supplier)
    at_once(4, lambda _: breakers.change(seen, lambda state: breaker.failed(state, 0, "timeout", None, AT), NOW))
    assert known(supplier).state.failures == 4
    opened = fail(supplier)
    assert not opened.state.closed()
    then = OVER.timestamp()
    got = at_once(20, lambda _: breakers.change(opened, lambda state: breaker.probed(state, 75.0, then), OVER)[1])
    assert got.count(True) == 1
