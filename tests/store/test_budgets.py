"""Money for model calls: set aside before, settled after, never more than the limit, given back by the dead."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from attune.domain.budget import Figures, Limits, Price, Usage
from attune.store import budgets, keys
from attune.store.budgets import Spent
from tests.backends import Backend
from tools.services import TABLE

MONTHS = count()
LIMITS = Limits(day=10_000, month=15_000, course_day=8_000)
SECTION = Usage(700, 480)


@pytest.fixture
def now(backend: Backend) -> datetime:
    """A moment in a month that no other test spends in."""
    budgets.forget()
    month = next(MONTHS)
    return datetime(2027 + month // 12, month % 12 + 1, 21, 10, tzinfo=UTC)


def test_a_section_costs_what_the_price_list_says() -> None:
    assert Price(0.15, 0.60).of(SECTION) == 393
    assert Price(0.15, 0.60).of(Usage(1, 0)) == 1


def test_what_is_set_aside_counts_until_it_is_settled(now: datetime) -> None:
    held = budgets.hold("poker", 6_000, LIMITS, 60, now)
    with pytest.raises(Spent):
        budgets.hold("poker", 6_000, LIMITS, 60, now)
    budgets.settle(held, 393, SECTION, now)
    budgets.settle(held, 393, SECTION, now)
    found = budgets.spending(now)
    assert (found.spent, found.committed, found.calls) == (393, 393, 1)
    assert (found.input_tokens, found.output_tokens) == (700, 480)
    assert found.days == {f"{now:%Y-%m-%d}": 393}
    budgets.hold("poker", 6_000, LIMITS, 60, now)


def test_l7_the_call_that_brings_a_limit_to_four_fifths_is_told_of_it(now: datetime) -> None:
    limits = Limits(day=10_000, month=9_000, course_day=12_000)
    assert budgets.hold("poker", 7_000, limits, 60, now).nearly == ()
    held = budgets.hold("poker", 500, limits, 60, now)
    assert held.nearly == ("month",)
    assert budgets.hold("poker", 600, limits, 60, now).nearly == ("day",)
    assert budgets.hold("poker", 100, limits, 60, now).nearly == ()
    assert budgets.hold("poker", 100, Limits(day=None, month=None), 60, now).nearly == ()


def test_l7_who_did_not_hear_that_money_was_set_aside_is_told_too(now: datetime, backend: Backend) -> None:
    budgets.hold("poker", 1, LIMITS, 60, now)
    with backend.faulty("lost_after", "UpdateItem"):
        assert budgets.hold("poker", 8_000, Limits(day=10_000, month=None), 60, now).nearly == ("day",)


def test_each_call_is_counted_by_day_course_and_model(now: datetime) -> None:
    def call(course: str, line: str, cost: int, usage: Usage, at: datetime, *, repair: bool = False) -> None:
        held = budgets.hold(course, 1_000, Limits(None, None), 60, at, line)
        for _ in range(2):
            budgets.settle(held, cost, usage, at, repair=repair)

    small, large, tomorrow = "openai gpt-5.1-mini", "openai large", now + timedelta(days=1)
    call("poker", small, 393, SECTION, now)
    call("poker", small, 393, SECTION, now, repair=True)
    call("poker", large, 1_000, Usage(), tomorrow)
    call("physical-ai", small, 0, Usage(), now)
    found = budgets.spending(tomorrow)
    assert found.lines == {
        ("poker", small): Figures(786, 2, 1, 0, 1400, 960),
        ("poker", large): Figures(1_000, 0, 0, 1, 0, 0),
    }
    assert found.daily == {
        f"{now:%Y-%m-%d}": Figures(786, 2, 1, 0, 1400, 960),
        f"{tomorrow:%Y-%m-%d}": Figures(1_000, 0, 0, 1, 0, 0),
    }
    assert sum(each.cost for each in found.lines.values()) == found.spent == found.committed == 1_786


def test_a_row_of_an_earlier_release_gets_its_figures(backend: Backend, now: datetime) -> None:
    budgets.hold("poker", 1, Limits(None, None), 60, now)
    (row,) = backend.rows(keys.budget(f"{now:%Y-%m}").pk)
    earlier = {name: value for name, value in row.items() if name not in ("daily", "lines")}
    backend.raw.put_item(TableName=TABLE, Item=earlier)
    budgets.forget()
    held = budgets.hold("poker", 393, Limits(None, None), 60, now, "openai m")
    budgets.settle(held, 393, SECTION, now)
    assert budgets.spending(now).lines == {("poker", "openai m"): Figures(393, 1, 0, 0, 700, 480)}


def test_a_course_a_day_and_a_month_have_limits_of_their_own(now: datetime) -> None:
    budgets.hold("poker", 8_000, LIMITS, 60, now)
    with pytest.raises(Spent):
        budgets.hold("poker", 1, LIMITS, 60, now)
    budgets.hold("physical-ai", 2_000, LIMITS, 60, now)
    with pytest.raises(Spent) as refused:
        budgets.hold("physical-ai", 1, LIMITS, 60, now)
    assert refused.value.again == (now + timedelta(hours=14)).timestamp()
    tomorrow = now + timedelta(days=1)
    budgets.hold("physical-ai", 5_000, LIMITS, 86_400 * 2, tomorrow)
    with pytest.raises(Spent):
        budgets.hold("poker", 1, Limits(day=None, month=15_000), 86_400, now)


def test_one_call_that_is_too_much_alone_is_refused_from_the_first(now: datetime) -> None:
    with pytest.raises(Spent):
        budgets.hold("poker", 10_001, Limits(day=10_000, month=None), 60, now)


def test_without_a_limit_there_is_always_room(now: datetime) -> None:
    for _ in range(3):
        budgets.hold("poker", 10**9, Limits(None, None), 60, now)


def test_what_a_dead_worker_set_aside_comes_back(now: datetime) -> None:
    dead = budgets.hold("poker", 8_000, LIMITS, 60, now)
    with pytest.raises(Spent):
        budgets.hold("poker", 8_000, LIMITS, 60, now + timedelta(seconds=59))
    later = now + timedelta(seconds=61)
    budgets.hold("poker", 8_000, LIMITS, 60, later)
    budgets.settle(dead, 8_000, SECTION, later)
    assert budgets.spending(later).spent == 0


def test_fifty_workers_at_the_last_cent_stay_under_the_limit(backend: Backend, now: datetime) -> None:
    def work(_: int) -> bool:
        try:
            held = budgets.hold("poker", 700, Limits(day=10_000, month=None), 60, now)
        except Spent:
            return False
        budgets.settle(held, 393, SECTION, now)
        return True

    with ThreadPoolExecutor(50) as pool:
        done = sum(pool.map(work, range(100)))
    found = budgets.spending(now)
    assert found.spent == found.committed == done * 393
    assert found.spent <= 10_000
    assert found.calls == done >= 14, "fourteen fit even if nothing was settled before the last was set aside"
