"""A supplier that fails is left alone for a while, then asked once; whoever asked before the turn is not heard."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain import breaker
from attune.domain.breaker import (
    DOWN,
    FAILURES,
    FIRST_REST,
    LONGEST_ASKED,
    LONGEST_REST,
    OWNERS,
    OWNERS_REST,
    PATIENCE,
    Breaker,
)

pytestmark = pytest.mark.disable_socket

LEASE = 75.0
NOW = 1_000.0


def failing(known: Breaker, times: int, now: float = NOW, reason: str = "unreachable") -> Breaker:
    for _ in range(times):
        known = breaker.failed(known, known.turn, reason, None, now)
    return known


def test_it_opens_with_the_fifth_failure_in_a_row() -> None:
    assert failing(Breaker(), FAILURES - 1).closed()
    opened = failing(Breaker(), FAILURES)
    assert not opened.closed()
    assert (opened.open_until, opened.reason, opened.turn) == (NOW + FIRST_REST, "unreachable", 1)


def test_an_answer_between_begins_the_count_anew() -> None:
    known = breaker.answered(failing(Breaker(), FAILURES - 1), 0)
    assert known == Breaker()
    assert failing(known, FAILURES - 1).closed()


@pytest.mark.parametrize("reason", sorted(OWNERS))
def test_what_its_owner_must_mend_opens_it_at_once(reason: str) -> None:
    assert failing(Breaker(), 1, reason=reason).open_until == NOW + OWNERS_REST


@pytest.mark.parametrize("reason", ["refused", "filtered", "truncated", "context_length", "empty", "gate_failed"])
def test_a_useless_answer_is_an_answer(reason: str) -> None:
    assert failing(Breaker(), 100, reason=reason) == Breaker()
    assert failing(failing(Breaker(), FAILURES - 1), 1, reason=reason) == Breaker()


@pytest.mark.parametrize(("asked", "rest"), [(PATIENCE, None), (31.0, 60.0), (600.0, 600.0), (1e9, LONGEST_ASKED)])
def test_who_asks_for_a_long_rest_gets_it(asked: float, rest: float | None) -> None:
    known = breaker.failed(Breaker(), 0, "overloaded", asked, NOW)
    assert (known.open_until - NOW if not known.closed() else None) == rest


def test_a_probe_is_given_once_and_decides() -> None:
    opened = failing(Breaker(), FAILURES)
    assert breaker.probed(opened, LEASE, opened.open_until - 1) == opened
    then = opened.open_until
    out = breaker.probed(opened, LEASE, then)
    assert (out.probe_until, out.half_open(then)) == (then + LEASE, False)
    assert breaker.probed(out, LEASE, then + LEASE - 1) == out
    assert breaker.answered(out, out.turn).closed()
    again = breaker.failed(out, out.turn, "timeout", None, then + 10)
    assert (again.open_until, again.half_open(then + 10)) == (then + 10 + 2 * FIRST_REST, False)


def test_a_probe_that_never_came_back_is_followed_by_another_and_not_heard_any_more() -> None:
    first = breaker.probed(failing(Breaker(), FAILURES), LEASE, NOW + FIRST_REST)
    second = breaker.probed(first, LEASE, first.probe_until)
    assert second.turn == first.turn + 1
    assert breaker.failed(second, first.turn, "timeout", None, first.probe_until) == second
    assert breaker.answered(second, first.turn) == second
    assert breaker.answered(second, second.turn).closed()


def test_calls_from_before_it_opened_change_nothing() -> None:
    opened = failing(Breaker(), FAILURES)
    assert breaker.failed(opened, 0, "unreachable", 3_600, NOW) == opened
    assert breaker.answered(opened, 0) == opened


def test_an_operator_closes_it_and_begins_a_generation() -> None:
    opened = failing(Breaker(), FAILURES)
    known = breaker.mended(opened)
    assert (known.closed(), known.generation, known.turn) == (True, 1, opened.turn + 1)
    assert breaker.answered(failing(known, FAILURES), 99).generation == 1


@dataclass
class Line:
    """Workers who ask one supplier over some time, and what came of it."""

    state: Breaker = field(default_factory=Breaker)
    now: float = NOW
    out: list[tuple[int, bool]] = field(default_factory=list)
    asked: int = 0

    def ask(self) -> None:
        """A worker asks if it may."""
        if self.state.closed():
            self.out.append((self.state.turn, False))
        elif self.state.half_open(self.now):
            self.state = breaker.probed(self.state, LEASE, self.now)
            self.out.append((self.state.turn, True))


STEPS = st.lists(
    st.one_of(
        st.just(("ask",)),
        st.tuples(st.just("fail"), st.sampled_from(sorted(DOWN | OWNERS)), st.sampled_from([None, 1.0, 40.0, 1e6])),
        st.just(("answer",)),
        st.tuples(st.just("wait"), st.sampled_from([1.0, 30.0, 80.0, 1_000.0])),
    ),
    max_size=80,
)


@given(STEPS)
def test_whatever_happens_it_rests_a_bounded_time_and_one_probe_is_out(steps: list[tuple[object, ...]]) -> None:
    line = Line()
    for step in steps:
        before = line.state
        match step:
            case ("ask",):
                line.ask()
            case ("wait", float(seconds)):
                line.now += seconds
            case ("fail", str(reason), retry_after) if line.out:
                turn, _ = line.out.pop(0)
                asked = retry_after if isinstance(retry_after, float) else None
                line.state = breaker.failed(line.state, turn, reason, asked, line.now)
            case ("answer",) if line.out:
                turn, _ = line.out.pop(0)
                line.state = breaker.answered(line.state, turn)
            case _:
                pass
        after = line.state
        assert after.turn >= before.turn
        assert after.open_until <= line.now + max(LONGEST_REST, LONGEST_ASKED)
        assert after.closed() or after.reason in DOWN | OWNERS
        live = [turn for turn, probe in line.out if probe and turn == after.turn]
        assert len(live) <= 1
        if not before.closed() and after.closed():
            assert step == ("answer",)
        if before.closed() and not after.closed():
            assert step[0] == "fail"


@given(st.integers(min_value=1, max_value=200))
def test_without_an_answer_the_rests_grow_to_the_longest_and_probes_are_few(hours: int) -> None:
    state, now, probes = failing(Breaker(), FAILURES, 0.0), 0.0, 0
    while now < hours * 3_600:
        now = state.free_at()
        state = breaker.probed(state, LEASE, now)
        state = breaker.failed(state, state.turn, "timeout", None, now)
        probes += 1
    assert probes <= 5 + hours * 3_600 / LONGEST_REST
