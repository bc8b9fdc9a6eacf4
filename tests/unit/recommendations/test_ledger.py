"""The ledger is one small row whatever the history: what it keeps, what it forgets, and how large it gets."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.recommendations import moves
from attune.domain.recommendations.ledger import EARLIER, FULL, MEMORY, NO_LEDGER, SETS, Ledger, OfferSet, remembered
from attune.domain.recommendations.offer import ACCEPTED, PENDING, Effect, Offer
from attune.domain.recommendations.offer_ids import offer_id
from attune.domain.recommendations.recommendation import LEARN, Reason, expected_gain
from attune.domain.recommendations.voice import Voice
from attune.store.packed import pack, unpack
from tests.unit.conftest import shipped
from tests.unit.recommendations.offers import DAY, HOUR, MADE, a_ledger, a_recommendation, a_set, an_offer


def stored(ledger: Ledger) -> Ledger:
    """The ledger as it comes back from its row."""
    return Ledger.from_json(unpack(pack(ledger.to_json())))


def test_a_set_takes_the_place_of_the_one_for_its_context() -> None:
    first, second = a_set(MADE), a_set(MADE + 1)
    ledger = NO_LEDGER.with_set(first).with_set(second)
    assert (ledger.sets, ledger.set_for(""), ledger.last_made) == ((second,), second, MADE + 1)
    assert [offer.id for offer in ledger.earlier] == [offer.id for offer in first.offers]
    assert all(ledger.find(offer.id) for offer in (*first.offers, *second.offers))
    assert ledger.set_for("another") is None
    assert ledger.find(an_offer(9).id) is None


def test_the_newest_sets_of_other_contexts_stay_beside_it() -> None:
    ledger = NO_LEDGER
    for place in range(SETS + 2):
        ledger = ledger.with_set(a_set(MADE + place, f"context-{place}"))
    assert [made.context for made in ledger.sets] == [f"context-{place}" for place in range(SETS + 1, 1, -1)]
    assert len(ledger.earlier) == 10
    ledger = ledger.with_set(a_set(MADE + 9, "context-3"))
    assert [made.context for made in ledger.sets] == [
        f"context-{place}" for place in (3, *(place for place in range(SETS + 1, 1, -1) if place != 3))
    ]


def test_what_cannot_be_answered_any_more_is_forgotten_with_its_set() -> None:
    ledger, taken = moves.accept(a_ledger(), an_offer(1), None, MADE)
    ledger, refused = moves.decline(ledger, an_offer(2), None, None, MADE)
    ledger, filed = ledger.file(2)
    assert [offer.id for offer in filed] == [taken.id, refused.id]
    ledger = ledger.with_set(a_set(MADE + 1))
    assert ledger.find(refused.id) is None
    assert ledger.find(taken.id) == replace(taken, waiting=False)
    assert ledger.earlier[0] == replace(taken, waiting=False)
    assert {offer.recommendation.reasons for offer in ledger.earlier[1:]} == {()}


def test_what_was_answered_stays_whole_until_it_has_a_row_in_the_history() -> None:
    ledger, taken = moves.accept(a_ledger(), an_offer(1), None, MADE)
    ledger, refused = moves.decline(ledger, an_offer(2), None, "seen", MADE - 1)
    for place in range(1, 20):
        ledger = stored(ledger.with_set(a_set(MADE + place)))
    assert ledger.waiting == (refused, taken), "the longest waiting first, with its reasons"
    ledger, (first,) = ledger.file(1)
    assert (first, ledger.find(refused.id)) == (replace(refused, waiting=False), None)
    ledger, (second,) = ledger.file(9)
    assert second == ledger.find(taken.id) == replace(taken, waiting=False), "it can still be completed"
    assert ledger.file(9) == (ledger, ())


def test_a_prepared_set_that_is_put_aside_keeps_what_was_answered() -> None:
    prepared = replace(a_set(), prepared=True)
    ledger, refused = moves.decline(NO_LEDGER.with_set(prepared), an_offer(1), None, None, MADE)
    ledger = ledger.with_unseen(MADE)
    assert ledger.waiting == (refused,)
    assert (refused.unseen, [offer.unseen for offer in ledger.earlier]) == (False, [False, True, True, True, True])


def test_a_ledger_with_too_many_that_wait_is_not_ready_for_more() -> None:
    ledger = replace(a_ledger(), voice=Voice("en", "detailed")).with_set(a_set(MADE + 1, "another"))
    ready = [ledger.ready]
    for offer in list(ledger.offers())[:FULL]:
        ledger, _ = moves.decline(ledger, offer, None, None, MADE + 2)
        ready.append(ledger.ready)
    assert ready == [True] * FULL + [False]
    assert ledger.file(1)[0].ready


def test_a_row_from_before_effects_were_followed_is_read_and_is_not_ready() -> None:
    plain = replace(a_ledger(), voice=Voice("en", "detailed")).to_json()
    del plain["practised"], plain["voice"]
    ledger = Ledger.from_json(plain)
    assert (ledger.practised, ledger.voice, ledger.ready) == (None, None, False)
    assert list(ledger.offers()) == list(a_ledger().offers())
    assert stored(ledger) == ledger
    assert not replace(ledger, practised={}).ready
    assert replace(ledger, practised={}, voice=Voice("en", "detailed")).ready


def test_an_accepted_one_outlives_any_number_of_sets() -> None:
    ledger, taken = moves.accept(a_ledger(), an_offer(1), None, MADE)
    for place in range(1, 200):
        ledger = ledger.with_set(a_set(MADE + place))
    assert len(ledger.earlier) == EARLIER
    assert ledger.find(taken.id) == taken
    newest = [offer.made_at for offer in ledger.earlier if offer.status == PENDING]
    assert newest == sorted(newest, reverse=True)


def test_an_answer_reaches_the_offer_wherever_it_stands() -> None:
    ledger = a_ledger().with_set(a_set(MADE + 1))
    for offer in (an_offer(1), an_offer(1, MADE + 1)):
        found = ledger.find(offer.id)
        assert found is not None
        changed, taken = moves.accept(ledger, found, None, MADE + 2)
        assert changed.find(offer.id) == taken
        assert [other.id for other in changed.offers()] == [other.id for other in ledger.offers()]
        assert [other.status for other in changed.offers()].count(ACCEPTED) == 1
    assert len(list(ledger.without([an_offer(1)]).offers())) == 9


@pytest.mark.parametrize("count", [0, 1, MEMORY, MEMORY + 40])
def test_a_memory_leaves_out_the_oldest(count: int) -> None:
    memory: dict[str, int] = {}
    for place in range(count):
        memory = remembered(memory, f"item-{place}", place)
    assert list(memory) == [f"item-{place}" for place in range(max(0, count - MEMORY), count)]
    if count:
        again = remembered(memory, next(iter(memory)), count)
        assert len(again) == len(memory)
        assert again[next(iter(memory))] == count


def test_a_memory_leaves_out_the_oldest_after_it_was_stored_too() -> None:
    """Rows are packed with their keys in order, whatever order they came in."""
    ledger = a_ledger()
    for place in range(MEMORY + 5):
        # The later the smaller, so that the order of the names is not that of the times.
        item, at = f"a/{999 - place}", MADE + place
        offer = an_offer(1, at, kind=LEARN, item=item)
        ledger, _ = moves.complete(stored(ledger), offer, {}, Effect(None), at, session="a-session")
        declined = an_offer(2, at, item=item)
        ledger, _ = moves.decline(stored(ledger), declined, None, None, at)
    assert len(ledger.finished) == MEMORY + 5, "lessons are remembered longer"
    assert min(at for at, _ in ledger.declined.values()) == MADE + 5
    assert len(ledger.declined) == MEMORY


@settings(max_examples=40)
@given(seed=st.integers(0, 100_000), steps=st.integers(0, 80))
def test_json_holds_all_there_is_and_everything_has_its_bound(seed: int, steps: int) -> None:
    ledger = lived(seed, steps)
    assert stored(ledger) == ledger
    assert pack(stored(ledger).to_json()) == pack(ledger.to_json())
    assert len(ledger.sets) <= SETS
    assert len({made.context for made in ledger.sets}) == len(ledger.sets)
    assert len(ledger.earlier) <= EARLIER
    assert len({offer.id for offer in ledger.offers()}) == len(list(ledger.offers()))


def lived(seed: int, sessions: int, contexts: int = 3, daily: int = 1, count: int = 5) -> Ledger:
    """The ledger of a learner who looks, answers and practises so many times, and comes back the next day."""
    rng, ledger, now = random.Random(seed), NO_LEDGER, MADE
    for session in range(sessions):
        now += DAY // daily
        ledger, _ = moves.expire(ledger, now)
        ledger, _ = ledger.file(20)
        context = f"{rng.randrange(contexts):016x}" if rng.random() < 0.3 else ""
        ledger = ledger.with_set(_made(rng, now, context, count))
        for offer in ledger.sets[0].offers:
            ledger = _answered(rng, ledger, offer, now + HOUR)
        if session % 3 == 0:
            ledger = stored(ledger)
    return ledger


NAMES = {piece.id: piece for piece in shipped("physical-ai").course.items}


def _made(rng: random.Random, now: int, context: str, count: int) -> OfferSet:
    """A set as the ranking makes them: of the shipped items, with four or five reasons each."""
    made = a_set(now, context, 0)
    offers = []
    for rank, name in enumerate(rng.sample(sorted(NAMES), count), 1):
        item = NAMES[name]
        reasons = (
            Reason("little_practised", {"skill": item.skills[0], "n": rng.randrange(9)}, round(rng.random(), 4)),
            Reason("difficulty_fit", {"p": round(rng.random(), 2)}, round(rng.random(), 4)),
            Reason("prerequisites_met", {"n": rng.randrange(4)}, round(rng.random(), 4)),
            Reason("unlocks_skills", {"n": rng.randrange(9)}, round(rng.random(), 4)),
            *([Reason("not_tried_yet", {}, round(rng.random(), 4))] if rng.random() < 0.5 else []),
        )
        one = a_recommendation(
            name,
            rng.choice(["practise", "review", "retry", "learn"]),
            difficulty=item.difficulty,
            skills=item.skills,
            reasons=reasons,
            priority=round(rng.random(), 4),
            p_success=round(rng.random(), 6),
            propensity=round(rng.random(), 6),
            expected=expected_gain(round(rng.random() * 20, 1), rng.randrange(200)),
        )
        offers.append(Offer(offer_id(made.id, rank), one))
    return replace(made, offers=tuple(offers))


def _answered(rng: random.Random, ledger: Ledger, offer: Offer, now: int) -> Ledger:
    done = rng.random()
    if done < 0.3:
        gain = rng.gauss(4, 9)
        effect = Effect(
            offer.recommendation.skills[0], 1000.0, 1000.0 + gain, gain, offer.recommendation.expected.points
        )
        return moves.complete(ledger, offer, {"completion_time": 5.0}, effect, now)[0]
    if done < 0.4:
        return moves.accept(ledger, offer, rng.choice([None, 4]), now)[0]
    if done < 0.55:
        return moves.decline(ledger, offer, None, rng.choice([*moves.REASONS, None]), now)[0]
    return ledger


def test_a_year_of_daily_use_fits_into_a_few_kilobytes() -> None:
    typical = len(pack(lived(1, 365, contexts=1).to_json()))
    busy = len(pack(lived(2, 200, contexts=4, daily=4, count=20).to_json()))
    assert typical < 4096
    assert busy < 20_000
