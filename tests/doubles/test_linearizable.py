"""The search finds an order where there is one, and none where there is none."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles.linearizable import Operation, is_linearizable
from tests.doubles.turns import Turns


def write(began: int, ended: int | None, value: int, extra: bool = False) -> Operation[int]:
    return Operation(f"write {value}", began, ended, lambda _: [value], extra)


def read(began: int, ended: int, value: int) -> Operation[int]:
    return Operation(f"read {value}", began, ended, lambda state: [state] if state == value else [])


def test_what_is_read_was_written_before() -> None:
    assert is_linearizable([write(0, 1, 7), read(2, 3, 7)], 0)
    assert not is_linearizable([write(0, 1, 7), read(2, 3, 0)], 0)
    assert not is_linearizable([read(0, 1, 7), write(2, 3, 7)], 0)


def test_what_overlaps_may_come_in_either_order() -> None:
    assert is_linearizable([write(0, 3, 7), read(1, 2, 0)], 0)
    assert is_linearizable([write(0, 3, 7), read(1, 2, 7)], 0)
    assert not is_linearizable([write(0, 9, 7), read(1, 2, 7), read(3, 4, 0)], 0)


def test_what_nobody_heard_of_may_have_happened_late_or_never() -> None:
    for seen in (0, 7):
        assert is_linearizable([write(0, None, 7), read(5, 6, seen)], 0)
    assert not is_linearizable([write(5, None, 7), read(0, 1, 7)], 0)
    assert not is_linearizable([write(0, None, 7), read(1, 2, 7), read(3, 4, 0)], 0)


def test_what_is_extra_happens_in_its_time_or_not_at_all() -> None:
    assert is_linearizable([write(0, 3, 7, extra=True), read(1, 2, 7)], 0)
    assert is_linearizable([write(0, 3, 7, extra=True), read(1, 2, 0), read(4, 5, 0)], 0)
    assert not is_linearizable([write(0, 3, 7, extra=True), read(4, 5, 0), read(6, 7, 7)], 0)


@settings(derandomize=True, database=None, deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=8), st.randoms(use_true_random=False))
def test_whatever_happened_one_after_the_other_is_found(done: list[tuple[bool, int]], rng: random.Random) -> None:
    """Operations that truly happened at one moment each, seen with begin and end around it."""
    state, history = 0, []
    for moment, (writes, value) in enumerate(done):
        began, ended = 10 * moment - rng.randrange(30), 10 * moment + rng.randrange(30)
        state = value if writes else state
        history.append(write(began, ended, value) if writes else read(began, ended, state))
    rng.shuffle(history)
    assert is_linearizable(history, 0)


def test_turns_run_every_script_to_its_end() -> None:
    seen: list[int] = []
    Turns(random.Random(0)).run([lambda number=number: seen.append(number) for number in range(5)])  # type: ignore[misc]
    assert sorted(seen) == [0, 1, 2, 3, 4]
