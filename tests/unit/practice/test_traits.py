"""Trend, pace, evenness, breadth and retention, against numbers worked out by hand; and why there are none."""

from math import sqrt

import pytest

from attune.domain.practice.skill_record import DayRating
from attune.domain.practice.state import ItemMemory, PracticeState, StudyDay
from attune.domain.practice.traits import Trend, Velocity, adaptability, consistency, retention, trend, velocity
from tests.unit.practice.attempts import DAY, NOON, an_attempt, folded


def days(*entries: tuple[int, float, int]) -> list[DayRating]:
    return [DayRating(*entry) for entry in entries]


def test_the_trend_is_the_slope_in_points_a_week_with_its_standard_error() -> None:
    # Days 0, 1, 3 and ratings 1000, 1010, 1060: means 4/3 and 1023.33, Sxx = 14/3, Sxy = 290/3, slope 20.714 a day.
    found = trend(days((0, 1000.0, 4), (1, 1010.0, 3), (3, 1060.0, 3)))
    slope = (290 / 3) / (14 / 3)
    left = sum(
        (y - (1070 - 46.6666666667 - slope * 4 / 3) - slope * x) ** 2 for x, y in ((0, 1000), (1, 1010), (3, 1060))
    )
    assert found is not None
    assert found.points_per_week == pytest.approx(7 * slope) == pytest.approx(145.0)
    assert found.standard_error == pytest.approx(7 * sqrt(left / 1 / (14 / 3)))


def test_a_straight_line_has_no_error() -> None:
    found = trend(days((10, 900.0, 9), (12, 920.0, 1), (20, 1000.0, 1)))
    assert found is not None
    assert (found.points_per_week, found.standard_error) == pytest.approx((70.0, 0.0))
    assert trend(days((1, 1000.0, 9), (2, 1000.0, 9), (3, 1000.0, 9))) == Trend(0.0, 0.0)


@pytest.mark.parametrize(
    "entries",
    [[], [(1, 1.0, 99)], [(1, 1.0, 50), (2, 2.0, 50)], [(1, 1.0, 3), (2, 2.0, 3), (3, 3.0, 3)]],
)
def test_k6_under_three_days_or_ten_attempts_there_is_no_trend(entries: list[tuple[int, float, int]]) -> None:
    assert trend(days(*entries)) is None


def studied(*entries: tuple[int, float, float, int]) -> PracticeState:
    return PracticeState(days=tuple(StudyDay(*entry) for entry in entries))


def test_velocity_is_points_for_an_hour_of_study_with_its_interval() -> None:
    # 40 points in 2 hours: 20 an hour. The days are 10 - 20*.5, 10 - 20*.5, 20 - 20*1 = 0 points off it.
    found = velocity(studied((1, 1800.0, 10.0, 7), (2, 1800.0, 10.0, 7), (3, 3600.0, 20.0, 6)))
    assert isinstance(found, Velocity)
    assert (found.points_per_hour, found.low, found.high) == pytest.approx((20.0, 20.0, 20.0))
    # 30 points in 3 hours: 10 an hour; the days are -10, 0, 10 off: se = sqrt(200 * 3/2) / 3.
    found = velocity(studied((1, 3600.0, 0.0, 10), (2, 3600.0, 10.0, 10), (3, 3600.0, 20.0, 10)))
    assert isinstance(found, Velocity)
    half = 1.959964 * sqrt(300) / 3
    assert (found.points_per_hour, found.low, found.high) == pytest.approx((10.0, 10 - half, 10 + half))


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([], "too_few_attempts"),
        ([(1, 60.0, 1.0, 9), (2, 60.0, 1.0, 9), (3, 60.0, 1.0, 1)], "too_few_attempts"),
        ([(1, 60.0, 1.0, 10), (2, 60.0, 1.0, 10)], "too_few_days"),
        ([(1, 0.0, 1.0, 10), (2, 0.0, 1.0, 10), (3, 0.0, 0.0, 10)], "no_study_time"),
    ],
)
def test_k6_without_enough_there_is_no_velocity(entries: list[tuple[int, float, float, int]], why: str) -> None:
    assert velocity(studied(*entries)) == why


def test_consistency_is_one_less_two_deviations_of_the_windows() -> None:
    assert consistency(PracticeState(windows=(0.1, 0.2, 0.3))) == pytest.approx(1 - 2 * 0.1)
    assert consistency(PracticeState(windows=(0.2, 0.2, 0.2))) == pytest.approx(1.0)
    assert consistency(PracticeState(windows=(-1.0, 0.0, 1.0))) == 0.0
    assert consistency(PracticeState(windows=(0.1, 0.2))) == "too_few_attempts"


def test_adaptability_is_one_less_two_deviations_of_the_items_means() -> None:
    items = {str(place): ItemMemory(NOON, 1.0, 2, mean * 2) for place, mean in enumerate((-0.2, -0.1, 0.0, 0.1, 0.2))}
    assert adaptability(items) == pytest.approx(1 - 2 * sqrt(0.1 / 4))
    items.pop("0")
    assert adaptability(items) == "too_few_items"


@pytest.mark.parametrize(
    ("repeats", "found"),
    [((0, 0), "no_repeats_after_gaps"), ((4, 4), "too_few_repeats"), ((5, 4), 0.8), ((8, 0), 0.0)],
)
def test_retention_is_the_share_right_after_a_gap(repeats: tuple[int, int], found: float | str) -> None:
    assert retention(PracticeState(repeats=repeats)) == found


@pytest.mark.parametrize(("gap", "repeats"), [(7 * DAY - 1, (0, 0)), (7 * DAY, (1, 1)), (70 * DAY, (1, 1))])
def test_a_gap_is_a_week_to_the_millisecond(gap: int, repeats: tuple[int, int]) -> None:
    assert folded([an_attempt(NOON), an_attempt(NOON + gap)]).repeats == repeats


def test_a_gap_is_a_skills_own_and_a_wrong_answer_after_it_is_forgotten() -> None:
    attempts = [an_attempt(NOON), an_attempt(NOON + 6 * DAY, skills=("two",), id="2")]
    attempts += [an_attempt(NOON + 8 * DAY, 0.0, skills=("one", "two"), id="3")]
    assert folded(attempts).repeats == (1, 0)


def test_windows_are_of_ten_answers_each_and_twelve_are_kept() -> None:
    state = folded([an_attempt(NOON + place) for place in range(25)])
    assert (len(state.windows), state.open_window[1]) == (2, 5)
    state = folded([an_attempt(NOON + place) for place in range(140)])
    assert (len(state.windows), state.open_window) == (12, (0.0, 0))


@pytest.mark.parametrize(
    ("durations", "gaps", "seconds"),
    [
        ([20_000, 40_000], [0, 5000], 60.0),
        ([None, None], [0, 600_000], 600.0),
        ([None, None], [0, 600_001], 0.0),
        ([86_400_000], [0], 1800.0),
        ([None, 0], [0, 9000], 0.0),
    ],
)
def test_study_is_as_told_or_else_since_the_answer_before(
    durations: list[int | None], gaps: list[int], seconds: float
) -> None:
    at, attempts = NOON, []
    for place, (duration, gap) in enumerate(zip(durations, gaps, strict=True)):
        at += gap
        attempts.append(an_attempt(at, id=str(place), duration_ms=duration))
    assert sum(day.seconds for day in folded(attempts).days) == seconds
