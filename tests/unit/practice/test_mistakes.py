"""A mistake is a weakness from the third on; it fades, is mended by successes, and can come back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.practice.mistakes import GONE, MistakeMemory, after
from tests.unit.practice.attempts import DAY, HOUR, NOON, an_attempt


def told(*made: str, start: int = NOON, every: int = HOUR) -> MistakeMemory:
    """The memory of `slip` after mistakes (x), successes (o) and failures of another kind (-)."""
    memory = MistakeMemory()
    for place, letter in enumerate("".join(made)):
        memory = step(memory, letter, start + place * every)
    return memory


def step(memory: MistakeMemory, letter: str, at: int) -> MistakeMemory:
    mistake = "slip" if letter == "x" else None
    return after(memory, "slip", an_attempt(at, float(letter == "o"), categories=("slip",), mistake=mistake))


@pytest.mark.parametrize(
    ("made", "weak"),
    [("", False), ("x", False), ("xx", False), ("xxx", True), ("xx-", False), ("xxo", False), ("xoxox", True)],
)
def test_two_are_never_a_weakness_and_the_third_is(made: str, weak: bool) -> None:
    assert told(made).is_weakness(NOON + 9 * HOUR) is weak


def test_the_numbers_of_three_mistakes_among_four_opportunities_on_one_moment() -> None:
    memory = told("x-xx", every=0)
    assert (memory.count, memory.mistakes, memory.opportunities) == (3, 3.0, 4.0)
    assert memory.frequency == 0.75
    # Each goes .35 of the way from where severity is to the whole cost: 1 - .65^3.
    assert memory.severity == pytest.approx(1 - 0.65**3)
    assert memory.severity_at(NOON + 30 * DAY) == pytest.approx((1 - 0.65**3) / 2)


def test_a_weakness_fades_with_time_alone() -> None:
    memory = told("xxx", every=0)
    days = next(days for days in range(200) if not memory.is_weakness(NOON + days * DAY))
    assert days == 86
    assert memory.severity_at(NOON - DAY) == memory.severity


def test_successes_mend_it_and_then_the_count_begins_anew() -> None:
    memory = told("xxx", every=0)
    needed = 0
    while memory.is_weakness(NOON):
        memory, needed = step(memory, "o", NOON), needed + 1
    assert needed == 7
    assert (memory.count, memory.phases, memory.cited) == (0, {}, ())
    assert memory.severity < GONE
    for letter, weak in (("x", False), ("x", False), ("x", True)):
        memory = step(memory, letter, NOON)
        assert memory.is_weakness(NOON) is weak
    assert memory.frequency == 6 / 13


def test_failures_of_another_kind_do_not_mend() -> None:
    assert told("xxx-----", every=0).severity == told("xxx", every=0).severity


def test_a_mistake_costs_what_the_score_or_the_site_says() -> None:
    for score, loss, cost in ((0.0, None, 1.0), (0.6, None, 0.4), (0.9, 0.5, 0.5), (1.0, 7.0, 1.0), (1.0, None, 0.0)):
        memory = after(MistakeMemory(), "slip", an_attempt(score=score, mistake="slip", loss=loss))
        assert memory.severity == pytest.approx(0.35 * cost)


def test_the_phase_is_where_it_happens_most_and_the_newest_five_are_cited() -> None:
    memory = MistakeMemory()
    for place, phase in enumerate(["late", "early", None, "late", "early", "middle", "middle"]):
        memory = after(memory, "slip", an_attempt(NOON + place, 0.0, mistake="slip", phase=phase))
    assert memory.phase == "early"
    assert memory.cited == tuple(str(NOON + place) for place in range(2, 7))
    assert MistakeMemory().phase is None


@given(made=st.text("xo-", max_size=60), every=st.integers(0, 40 * DAY))
def test_whatever_happens_shares_stay_shares_and_json_holds_all(made: str, every: int) -> None:
    memory = told(made, every=every)
    assert 0.0 <= memory.severity <= 1.0
    assert 0.0 <= memory.frequency <= 1.0
    assert len(memory.cited) <= min(5, memory.count)
    assert MistakeMemory.from_json(json.loads(json.dumps(memory.to_json()))) == memory
