"""An effect is what the evidence shows since the recommendation was made; without evidence there is none."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.practice.attempt import Attempt
from attune.domain.practice.fold import Evidence
from attune.domain.practice.session import Session
from attune.domain.recommendations import moves
from attune.domain.recommendations.effect import credit, credit_so_far, follow, follows, measure, so_far
from attune.domain.recommendations.ledger import NO_LEDGER, Ledger
from attune.domain.recommendations.offer import Effect
from attune.domain.recommendations.offer_ids import short
from attune.domain.recommendations.recommendation import expected_gain
from tests.unit.recommendations.offers import DAY, MADE, a_ledger, a_set, an_offer, evidence

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
def test_k6_without_practice_since_there_is_none(found: list[Evidence]) -> None:
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


SKILLS = ("one", "two", "three")


def practice(rng: random.Random, now: int) -> list[Evidence]:
    """Some answers around a moment, in one skill or two, each with its ratings before and after."""
    found = []
    for at in sorted(now + rng.randrange(-2, 4) for _ in range(rng.randrange(4))):
        changes = {skill: (rng.random(), rng.random()) for skill in rng.sample(SKILLS, rng.randrange(1, 3))}
        found.append(evidence(at, "s", **changes))
    return found


@settings(max_examples=150)
@given(seed=st.integers(0, 1_000_000))
def test_what_is_followed_is_what_the_log_shows_and_no_answer_counts_twice(seed: int) -> None:
    """Whoever closes something with the log and whoever closes it without end in the same ledger."""
    rng, log, now = random.Random(seed), list[Evidence](), MADE
    ledger = NO_LEDGER.with_set(a_set(now, skills=("one", "two")))
    for step in range(12):
        now += 10
        log.extend(practice(rng, now))
        ledger = follow(Ledger.from_json(ledger.to_json()), log)
        for offer in ledger.offers():
            if offer.expires:
                assert so_far(offer, ledger) == measure(offer, log, ledger.credited)
        open_ = [offer.id for offer in ledger.offers() if offer.expires]
        for id_ in rng.sample(open_, min(len(open_), rng.randrange(3))):
            offer = ledger.called(short(id_))
            effect = so_far(offer, ledger)
            closed, done = moves.complete(ledger, offer, {}, effect, now)
            assert effect == measure(offer, log, ledger.credited)
            ledger = credit_so_far(closed, done)
            other = follow(credit(closed, done, log), log)
            assert (list(ledger.offers()), ledger.credited) == (list(other.offers()), other.credited)
            assert follow(ledger, log) == other
        if rng.random() < 0.4:
            made = a_set(now, f"context-{step % 3}", skills=tuple(rng.sample(SKILLS, rng.randrange(1, 4))))
            ledger = ledger.with_set(made)
    assert set(ledger.credited) <= set(SKILLS)


def test_closed_recommendations_are_not_followed() -> None:
    ledger, refused = moves.decline(a_ledger(an_offer(1)), an_offer(1), None, None, MADE)
    followed = follow(ledger, [evidence(MADE + DAY, one=(1.0, 2.0))])
    assert (followed, followed.practised) == (ledger, {})
    assert refused.before == {}


def test_without_having_been_followed_nothing_is_known() -> None:
    older = replace(a_ledger(), practised=None)
    assert so_far(an_offer(), older).cause == "no_practice_since"
    assert credit_so_far(older, replace(an_offer(), effect=Effect("one", 1.0, 2.0, 1.0))) == older
    found = [evidence(MADE, one=(1.0, 2.0))]
    assert credit(older, replace(an_offer(), effect=measure(an_offer(), found, {})), found).practised is None
    assert follow(older, found) == follow(a_ledger(), found)
