"""What became of recommendations, in counts, shares and means."""

import pytest

from attune.domain.recommendations import moves
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import Effect
from attune.domain.recommendations.recommendation import expected_gain
from attune.domain.recommendations.statistics import EFFECTIVE_FROM, Statistics
from tests.unit.recommendations.offers import HOUR, MADE, a_ledger, an_offer


def demo() -> Ledger:
    """The history of five of the training system's demo learner."""
    offers = [an_offer(rank, expected=expected_gain(20.0, 3)) for rank in range(1, 6)]
    ledger, now = a_ledger(*offers), MADE + HOUR
    for offer, rating, gain, said in zip(offers, (4, 5, 3), (22.0, 35.0, 18.0), (0.85, 0.92, 0.75), strict=False):
        ledger, taken = moves.accept(ledger, offer, None, now)
        effect = Effect("one", 1000.0, 1000.0 + gain, gain, 20.0)
        opinion = {"completion_time": 25.0, "user_rating": rating, "effectiveness": said}
        ledger, _ = moves.complete(ledger, taken, opinion, effect, now)
    ledger, _ = moves.decline(ledger, offers[3], None, "not_now", now)
    ledger, _ = moves.accept(ledger, offers[4], None, now)
    return ledger


def test_the_demo_learners_figures() -> None:
    found = demo().statistics
    assert (found.accepted, found.declined, found.completed, found.expired, found.total) == (4, 1, 3, 0, 5)
    assert (found.acceptance, found.completion, found.mean_rating) == (0.8, 0.75, 4.0)
    assert found.mean_effectiveness == pytest.approx(0.84)
    assert (found.observed, found.expected) == (25.0, 20.0)
    assert found.effective is None


def test_k6_before_anything_there_are_no_shares() -> None:
    found = Statistics()
    assert (found.total, found.acceptance, found.completion) == (0, None, None)
    assert (found.mean_rating, found.mean_effectiveness, found.observed, found.expected) == (None, None, None, None)


def test_what_was_completed_without_being_accepted_was_accepted_too() -> None:
    ledger, _ = moves.complete(a_ledger(), an_offer(), {}, Effect(None), MADE, session="a-session")
    assert (ledger.statistics.accepted, ledger.statistics.completed) == (1, 1)
    assert ledger.statistics.completion == 1.0


@pytest.mark.parametrize(("gain", "effective"), [(1.0, True), (0.0, False), (-1.0, False)])
def test_nothing_is_effective_before_twenty_measurements(gain: float, effective: bool) -> None:
    few = Statistics(measured=EFFECTIVE_FROM - 1, gain=gain)
    assert few.effective is None
    assert Statistics(measured=EFFECTIVE_FROM, gain=gain).effective is effective


def test_a_rating_that_changes_counts_once() -> None:
    found = Statistics().rated(None, 4).rated(4, 5).rated(5, None).rated(5, 5)
    assert (found.ratings, found.rating_sum, found.mean_rating) == (1, 5, 5.0)


def test_json_holds_all_there_is() -> None:
    found = demo().statistics
    assert Statistics(*found.to_json()) == found
