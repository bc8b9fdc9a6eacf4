"""An effect is what the evidence shows since the recommendation was made; without evidence there is none."""

import pytest

from attune.domain.practice.fold import Evidence
from attune.domain.recommendations.effect import measure
from attune.domain.recommendations.offer import Effect
from attune.domain.recommendations.recommendation import expected_gain
from tests.unit.recommendations.offers import MADE, an_offer, evidence

BEFORE = evidence(MADE - 1, one=(990.0, 1000.0))
PROMISED = expected_gain(12.5, 4)


def test_it_is_the_change_from_the_first_answer_since_to_the_last() -> None:
    found = measure(
        an_offer(expected=PROMISED),
        [BEFORE, evidence(MADE, one=(1000.0, 1010.0)), evidence(MADE + 5, one=(1012.0, 1006.0))],
    )
    assert found == Effect("one", 1000.0, 1006.0, 6.0, 12.5)


def test_it_may_be_a_loss() -> None:
    assert measure(an_offer(), [evidence(MADE, one=(1000.0, 980.0))]) == Effect("one", 1000.0, 980.0, -20.0, None)


@pytest.mark.parametrize("found", [[], [BEFORE], [BEFORE, evidence(MADE + 1, other=(1.0, 2.0))]])
def test_without_practice_since_there_is_none(found: list[Evidence]) -> None:
    expected = Effect("one", None, None, None, 12.5, "no_practice_since")
    assert measure(an_offer(expected=PROMISED), found) == expected


def test_a_recommendation_without_a_skill_has_none() -> None:
    assert measure(an_offer(skills=()), [evidence(MADE, one=(1.0, 2.0))]) == Effect(None, cause="no_skill")


def test_it_is_of_the_first_of_its_skills_that_was_practised() -> None:
    offer = an_offer(skills=("one", "two", "three"))
    since = [evidence(MADE, three=(1.0, 9.0)), evidence(MADE + 1, two=(5.0, 6.0), three=(9.0, 10.0))]
    assert measure(offer, since) == Effect("two", 5.0, 6.0, 1.0, None)


def test_the_session_that_followed_it_counts_whatever_the_clock_of_the_site_says() -> None:
    late = [evidence(MADE - 60_000, "mine", one=(1.0, 2.0)), evidence(MADE - 50_000, "other", one=(2.0, 9.0))]
    assert measure(an_offer(), late, "mine").observed == 1.0
    assert measure(an_offer(), late).cause == "no_practice_since"
