"""Published and independently computed numbers, to the digits that are printed."""

from math import erfc, exp, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.statistics.chi_square import survival, upper_gamma
from attune.domain.statistics.correction import shared
from attune.domain.statistics.difference import difference
from attune.domain.statistics.moments import Moments
from attune.domain.statistics.normal import quantile
from attune.domain.statistics.power import units_for_means, units_for_shares
from attune.domain.statistics.sequence import interval
from attune.domain.statistics.split import split
from tests.unit.statistics.fixed_horizon import fixed_interval, p_value

OURS = difference(Moments.of_share(412, 173), Moments.of_share(398, 203))


def test_srm_of_the_story() -> None:
    fine, broken = split([412, 398], [0.5, 0.5]), split([470, 340], [0.5, 0.5])
    assert f"{fine.p:.3f}" == "0.623"
    assert fine.ok
    assert f"{broken.p:.2e}" == "4.93e-06"
    assert not broken.ok


def test_the_difference_of_two_rates() -> None:
    assert f"{OURS.value:.4f} {OURS.standard_error:.4f}" == "0.0901 0.0349"
    assert f"{p_value(OURS):.4f}" == "0.0098"
    assert [f"{bound:.4f}" for bound in fixed_interval(OURS)] == ["0.0217", "0.1586"]


@pytest.mark.parametrize(
    ("planned", "low", "high"), [(500, "-0.016", "0.197"), (1000, "-0.016", "0.196"), (5000, "-0.031", "0.212")]
)
def test_the_interval_that_may_be_looked_at_at_any_time(planned: int, low: str, high: str) -> None:
    found = interval(OURS, planned)
    assert (f"{found.low:.3f}", f"{found.high:.3f}") == (low, high)
    assert found.holds_zero


@pytest.mark.parametrize(
    ("x", "freedom", "p"),
    # From published tables of the chi-square distribution.
    [
        (3.841, 1, 0.05),
        (5.991, 2, 0.05),
        (7.815, 3, 0.05),
        (16.266, 3, 0.001),
        (18.307, 10, 0.05),
        (124.342, 100, 0.05),
    ],
)
def test_chi_square_as_in_the_tables(x: float, freedom: int, p: float) -> None:
    assert survival(x, freedom) == pytest.approx(p, rel=2e-3)


@given(st.floats(0.0, 200.0))
def test_chi_square_where_it_has_a_closed_form(x: float) -> None:
    assert survival(x, 1) == pytest.approx(erfc(sqrt(x / 2)), rel=1e-12)
    assert survival(x, 2) == pytest.approx(exp(-x / 2), rel=1e-12, abs=1e-300)
    assert upper_gamma(0.5, x / 2) == pytest.approx(erfc(sqrt(x / 2)), rel=1e-9, abs=1e-15)


def test_nobody_yet_is_no_broken_split() -> None:
    assert split([0, 0], [0.5, 0.5]).ok


def test_how_many_are_needed() -> None:
    """The earlier training system took its quantile from a table of one row: 12,294 instead of 6,280."""
    assert units_for_means(0.25, 0.025) == pytest.approx(6280, abs=1)
    assert units_for_shares(0.42, 0.05) == pytest.approx(1550, rel=0.01)
    assert quantile(0.975) == pytest.approx(1.959964, abs=1e-6)
    with pytest.raises(ValueError, match="nothing"):
        units_for_means(1.0, 0.0)


def test_several_questions_share_the_error() -> None:
    assert shared(0.05, 4) == 0.0125
    assert shared(0.05, 0) == 0.05
