"""Answers that are kept aside and counted by whoever reads lead where they would have led at once."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.errors import Conflict
from attune.domain.recommendations import moves
from attune.domain.recommendations.answer import ACCEPT, COMPLETE, DECLINE, Answer, apply, counted
from attune.domain.recommendations.effect import follow
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import ACCEPTED, COMPLETED, DECLINED
from attune.domain.recommendations.offer_ids import offer_id, set_id, short
from tests.unit.recommendations.offers import COURSE, HOUR, LEARNER, MADE, a_ledger, an_offer, evidence

ANSWERS = (
    Answer.to(an_offer(1).id, ACCEPT, MADE + HOUR),
    Answer.to(an_offer(1).id, ACCEPT, MADE + HOUR, rating=4),
    Answer.to(an_offer(2).id, DECLINE, MADE + HOUR),
    Answer.to(an_offer(2).id, DECLINE, MADE + HOUR, rating=2, reason="too_hard"),
    Answer.to(an_offer(3).id, COMPLETE, MADE + HOUR, opinion={"completion_time": 24.5, "user_rating": 4}),
)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_stored_as_it_is_and_nothing_it_does_not_say(answer: Answer) -> None:
    row = answer.to_json()
    assert Answer.from_json(row) == answer
    assert row[-1] is not None


def test_each_is_the_move_of_its_name() -> None:
    ledger = a_ledger()
    for answer, status in zip(ANSWERS[1::2], (ACCEPTED, DECLINED), strict=True):
        ledger, moved = apply(ledger, ledger.called(answer.name), answer)
        assert (moved.status, moved.at, moved.rating, moved.reason) == (status, answer.at, answer.rating, answer.reason)
    ledger, done = apply(ledger, ledger.called(ANSWERS[4].name), ANSWERS[4])
    assert (done.status, done.opinion) == (COMPLETED, ANSWERS[4].opinion)
    assert (ledger.statistics.accepted, ledger.statistics.declined, ledger.statistics.completed) == (2, 1, 1)
    with pytest.raises(Conflict):
        apply(ledger, done, ANSWERS[0])


@given(at=st.lists(st.integers(MADE, MADE + 2**40), min_size=2, max_size=6, unique=True))
def test_no_two_have_one_short_name(at: list[int]) -> None:
    ids = [offer_id(set_id(LEARNER, COURSE, moment), rank) for moment in at for rank in (1, 2, 20, 255)]
    assert len({short(id_) for id_ in ids}) == len(ids)
    assert {len(short(id_)) for id_ in ids} == {10}


@settings(max_examples=60)
@given(seed=st.integers(0, 1_000_000))
def test_counting_them_later_is_counting_them_at_once(seed: int) -> None:
    """Effects too: the first of two completions has all of it, in whatever order they came."""
    rng = random.Random(seed)
    ledger = follow(a_ledger(), [evidence(MADE + n, one=(n, n + rng.random())) for n in range(3)])
    at_once, kept = ledger, list[Answer]()
    for _ in range(8):
        offer = rng.choice(list(at_once.offers()))
        move = rng.choice([ACCEPT, DECLINE, COMPLETE])
        # Clocks of two machines differ.
        answer = Answer.to(offer.id, move, MADE + HOUR + rng.randrange(-9, 9), opinion={"completion_time": 1.0})
        try:
            changed, moved = apply(at_once, offer, answer)
        except Conflict:
            continue
        if moved != offer:
            at_once, kept = changed, [*kept, answer]
    rows = [answer.to_json() for answer in kept]
    later = counted(Ledger.from_json(ledger.to_json()), map(Answer.from_json, rows))
    assert later == at_once
    measured = [offer for offer in later.offers() if offer.effect and offer.effect.observed is not None]
    assert len(measured) == min(1, later.statistics.completed)
    assert moves.feedback(later, MADE + HOUR) == moves.feedback(at_once, MADE + HOUR)
