"""Two equal arms, looked at again and again: how often somebody would have declared a winner."""

import random
from collections.abc import Callable

import pytest

from attune.domain.statistics.clusters import Clusters, between
from attune.domain.statistics.difference import Difference, difference
from attune.domain.statistics.moments import Moments
from attune.domain.statistics.sequence import LEAST, interval
from tests.unit.statistics.fixed_horizon import p_value

LOOKS = 100
PER_LOOK = 25
"""New learners of each arm between two looks: 2,500 in each in the end, 5,000 planned."""

Verdict = Callable[[Difference], bool]


def winners(runs: int, seed: int, *verdicts: Verdict) -> list[int]:
    """In how many of the runs each of the verdicts found a winner at any look."""
    rng = random.Random(seed)
    found = [0] * len(verdicts)
    for _ in range(runs):
        share = rng.uniform(0.1, 0.9)
        done = [0, 0]
        open_ = set(range(len(verdicts)))
        for look in range(1, LOOKS + 1):
            n = look * PER_LOOK
            for arm in range(2):
                done[arm] += sum(rng.random() < share for _ in range(PER_LOOK))
            if n < LEAST:
                continue
            one = difference(*(Moments.of_share(n, count) for count in done))
            for number in [number for number in open_ if verdicts[number](one)]:
                found[number] += 1
                open_.discard(number)
    return found


def of_ratios(runs: int, seed: int, planned: int) -> int:
    """The same of points by minutes, where four in ten never study and minutes are as uneven as they are."""
    rng, found = random.Random(seed), 0
    for _ in range(runs):
        arms, studied = [Clusters(), Clusters()], [0, 0]
        for _ in range(LOOKS):
            for arm in range(2):
                for _ in range(PER_LOOK):
                    minutes = rng.lognormvariate(2.0, 1.2) if rng.random() < 0.6 else 0.0
                    studied[arm] += minutes > 0
                    arms[arm] = arms[arm].plus(minutes, minutes * rng.gauss(0.7, 2.0))
            if min(studied) >= LEAST and not interval(between(*arms), planned).holds_zero:
                found += 1
                break
    return found


@pytest.mark.soak
@pytest.mark.parametrize("planned", [200, 5000])
def test_b44_looking_at_a_ratio_finds_no_winner_either(planned: int) -> None:
    assert of_ratios(200, 5, planned) <= 0.05 * 200


def anytime(one: Difference) -> bool:
    return not interval(one).holds_zero


def naive(one: Difference) -> bool:
    return p_value(one) < 0.05


def test_b44_peeking_finds_no_winner_where_there_is_none() -> None:
    ours, theirs = winners(200, 20, anytime, naive)
    assert ours <= 0.05 * 200
    # The same runs, with the test that most people use.
    assert theirs >= 0.25 * 200


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_b44_a_thousand_runs(seed: int) -> None:
    ours, theirs = winners(1000, seed, anytime, naive)
    assert ours <= 0.05 * 1000
    assert theirs >= 0.3 * 1000


@pytest.mark.soak
def test_b44_ten_thousand_runs_stay_under_the_error_that_is_allowed() -> None:
    (ours,) = winners(10_000, 3, anytime)
    assert ours <= 0.05 * 10_000
