"""Adjusting by a covariate, and groups as units: against brute force over the values themselves."""

import random
import statistics
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.statistics.clusters import between, clusters
from attune.domain.statistics.difference import adjusted, difference
from attune.domain.statistics.moments import Moments
from attune.domain.statistics.sequence import interval

VALUES = st.lists(st.floats(-100, 100), min_size=2, max_size=30)


def moments(values: Sequence[tuple[float, float]]) -> Moments:
    """Of pairs (y, z)."""
    return Moments(
        len(values),
        sum(y for y, _ in values),
        sum(y * y for y, _ in values),
        sum(z for _, z in values),
        sum(z * z for _, z in values),
        sum(y * z for y, z in values),
    )


@given(VALUES, VALUES)
def test_a_difference_is_that_of_the_means(a: list[float], b: list[float]) -> None:
    found = difference(moments([(y, 0.0) for y in a]), moments([(y, 0.0) for y in b]))
    assert found.value == pytest.approx(statistics.fmean(b) - statistics.fmean(a), abs=1e-9)
    wanted = statistics.pvariance(a) / len(a) + statistics.pvariance(b) / len(b)
    assert found.standard_error**2 == pytest.approx(wanted, rel=1e-6, abs=1e-8)


def drawn(rng: random.Random, n: int, effect: float) -> list[tuple[float, float]]:
    """Outcomes of which most was known before."""
    before = [rng.gauss(1000, 200) for _ in range(n)]
    return [(0.5 * z + rng.gauss(effect, 30), z) for z in before]


def test_cuped_narrows_and_does_not_move() -> None:
    rng = random.Random(5)
    plain, better = [], []
    for _ in range(200):
        a, b = moments(drawn(rng, 300, 0.0)), moments(drawn(rng, 300, 8.0))
        plain.append(difference(a, b))
        better.append(adjusted(a, b))
    assert statistics.fmean(one.value for one in better) == pytest.approx(8.0, abs=0.6)
    assert statistics.fmean(one.standard_error for one in better) < 0.35 * statistics.fmean(
        one.standard_error for one in plain
    )
    # What it says of its own error is so.
    assert statistics.stdev(one.value for one in better) == pytest.approx(better[0].standard_error, rel=0.15)


@given(VALUES, VALUES)
def test_a_covariate_that_says_nothing_changes_nothing(a: list[float], b: list[float]) -> None:
    groups = [moments([(y, 5.0) for y in values]) for values in (a, b)]
    assert adjusted(*groups).value == pytest.approx(difference(*groups).value, abs=1e-6)


def test_a_class_is_one_draw() -> None:
    """Learners of a class do alike: taken for independent, an error of three times its size would be missed."""
    rng = random.Random(7)

    def an_arm() -> list[list[float]]:
        classes = []
        for _ in range(40):
            level = rng.gauss(0.0, 1.0)
            classes.append([level + rng.gauss(0.0, 0.5) for _ in range(rng.randint(10, 30))])
        return classes

    found, naive = [], []
    for _ in range(200):
        sides = [an_arm(), an_arm()]
        found.append(between(*(clusters([(len(one), sum(one)) for one in side]) for side in sides)))
        naive.append(difference(*(moments([(y, 0.0) for one in side for y in one]) for side in sides)))
    spread = statistics.stdev(one.value for one in found)
    assert statistics.fmean(one.standard_error for one in found) == pytest.approx(spread, rel=0.12)
    assert statistics.fmean(one.standard_error for one in naive) < spread / 3
    assert found[0].value == pytest.approx(naive[0].value)
    assert found[0].n == 80


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(-50, 50)), min_size=2, max_size=30))
def test_clusters_are_the_same_in_any_order(members: list[tuple[int, float]]) -> None:
    forth, back = clusters(members), clusters(reversed(members))
    assert forth.mean == pytest.approx(back.mean)
    assert forth.variance_of_mean == pytest.approx(back.variance_of_mean, rel=1e-6, abs=1e-6)
    n, y = sum(size for size, _ in members), sum(total for _, total in members)
    residuals = sum((total - y / n * size) ** 2 for size, total in members)
    wanted = residuals * len(members) / (len(members) - 1) / n**2
    assert forth.variance_of_mean == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def test_one_cluster_has_no_variance() -> None:
    assert clusters([(3, 5.0)]).variance_of_mean == 0.0
    assert clusters([]).mean == 0.0


def test_an_interval_is_narrower_with_more_units_and_wider_with_less_error_allowed() -> None:
    def width(n: int, alpha: float = 0.05) -> float:
        one = interval(difference(Moments.of_share(n, n // 2), Moments.of_share(n, n // 2)), alpha=alpha)
        return one.high - one.low

    assert width(2000) < width(500) < width(500, 0.01)
