"""The figures by which predictions are judged."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.goodness import auc, goodness


@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.1, 0.2, 0.5, 0.9])), min_size=1, max_size=30))
def test_auc_is_the_share_of_pairs_in_the_right_order(found: list[tuple[int, float]]) -> None:
    pairs = [(a > b) + (a == b) / 2 for y, a in found if y for z, b in found if not z]
    got = auc([y for y, _ in found], [p for _, p in found])
    assert math.isnan(got) if not pairs else got == pytest.approx(sum(pairs) / len(pairs))


def test_log_loss_and_calibration() -> None:
    even = goodness([1, 0, 1, 0], [0.5] * 4)
    assert (even.auc, even.ece) == (0.5, 0.0)
    assert even.log_loss == pytest.approx(math.log(2))
    assert goodness([1, 1, 1, 0], [0.5] * 4).ece == pytest.approx(0.25)
    assert goodness([1, 0], [1.0, 0.0]).log_loss == pytest.approx(1e-6, rel=0.01)
