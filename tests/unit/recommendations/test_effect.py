"""An effect is what the evidence shows since the recommendation was made; without evidence there is none."""

from dataclasses import replace

import pytest

from attune.domain.practice.attempt import Attempt
from attune.domain.practice.fold import Evidence
from attune.domain.practice.session import Session
from attune.domain.recommendations.effect import credit, follows, measure
from attune.domain.recommendations.offer import Effect
from attune.domain.recommendations.recommendation import expected_gain
from tests.unit.recommendations.offers import MADE, a_ledger, an_offer, evidence

BEFORE = evidence(MADE - 1, one=(990.0, 1000.0))
PROMISED = expected_gain(12.5, 4)


def test_it_is_the_change_from_the_first_answer_since_to_the_last() -> None:
    found = measure(
        an_offer(expected=PROMISED),
        [BEFORE, evidence(MADE, one=(1000.0, 1010.0)), evidence(MADE + 5, one=(1012.0, 1006.0))],
        {},
    )
    assert found == Effect("one", 1000.0, 1006.0, 6.0, 12.5)


def test_it_may_be_a_loss() -> None:
    assert measure(an_offer(), [evidence(MADE, one=(1000.0, 980.0))], {}) == Effect("one", 1000.0, 980.0, -20.0, None)


@pytest.mark.parametrize("found", [[], [BEFORE], [BEFORE, evidence(MADE + 1, other=(1.0, 2.0))]])
def test_without_practice_since_there_is_none(found: list[Evidence]) -> None:
    expected = Effect("one", None, None, None, 12.5, "no_practice_since")
    assert measure(an_offer(expected=PROMISED), found, {}) == expected


def test_a_recommendation_without_a_skill_has_none() -> None:
    assert measure(an_offer(skills=()), [evidence(MADE, one=(1.0, 2.0))], {}) == Effect(None, cause="no_skill")


def test_it_is_of_the_first_of_its_skills_that_was_practised() -> None:
    offer = an_offer(skills=("one", "two", "three"))
    since = [evidence(MADE, three=(1.0, 9.0)), evidence(MADE + 1, two=(5.0, 6.0), three=(9.0, 10.0))]
    assert measure(offer, since, {}) == Effect("two", 5.0, 6.0, 1.0, None)


def test_no_answer_counts_for_two_recommendations() -> None:
    found = [evidence(MADE, one=(1000.0, 1010.0)), evidence(MADE + 5, one=(1010.0, 1030.0))]
    assert measure(an_offer(), found, {"one": MADE}).observed == 20.0
    assert measure(an_offer(), found, {"one": MADE + 5}).cause == "no_practice_since"
    ledger = credit(a_ledger(), replace(an_offer(), effect=measure(an_offer(), found, {})), found)
    assert ledger.credited == {"one": MADE + 5}
    assert credit(a_ledger(), replace(an_offer(), effect=Effect("one")), found) == a_ledger()


def a_session(at: int, item: str, *skills: str, subject: str | None = None) -> Session:
    one = Attempt("a-session", "1", item, at, 1.0, skills, 3)
    return Session("a-session", at, subject=subject, attempts={"1": one})


def test_a_session_follows_what_it_did_something_of() -> None:
    offer = an_offer(item="a/one", skills=("one",))
    assert follows(a_session(MADE, "a/one", "other"), offer)
    assert follows(a_session(MADE, "x", "one", "other"), offer)
    assert follows(a_session(MADE, "x", "other", subject="a/one"), offer)
    assert not follows(a_session(MADE, "x", "other"), offer)
    assert not follows(a_session(MADE - 1, "a/one", "one"), offer), "it had not been made"
