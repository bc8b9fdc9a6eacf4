"""Bayesian knowledge tracing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.learning.tracing import traced


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_it_stays_a_probability_and_a_better_score_never_lowers_it(known: float, score: float) -> None:
    wrong, some, right = (traced(known, each) for each in (0.0, score, 1.0))
    assert -1e-12 <= wrong <= some + 1e-12 <= right + 2e-12 <= 1.0 + 1e-9


def test_the_published_numbers() -> None:
    # .3 known: right by knowing .264 of .474; then .15 of the rest is learnt.
    assert traced(0.3, 1.0) == pytest.approx(0.264 / 0.474 + 0.15 * 0.21 / 0.474)
    assert traced(0.3, 0.0) == pytest.approx(0.036 / 0.526 + 0.15 * 0.49 / 0.526)
