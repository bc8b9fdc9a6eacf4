"""How a recommendation changes hands: every move from every status, and what each teaches."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.errors import Conflict
from attune.domain.recommendations import moves
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import (
    ACCEPTED,
    ACCEPTED_MS,
    COMPLETED,
    DECLINED,
    EXPIRED,
    PENDING,
    PENDING_MS,
    STATUSES,
    Effect,
    Offer,
)
from tests.unit.recommendations.offers import DAY, HOUR, MADE, NOTHING, a_ledger, an_offer

NOW = MADE + HOUR
GAIN, LOSS = Effect("one", 1000.0, 1012.0, 12.0, 10.0), Effect("one", 1000.0, 990.0, -10.0, None)
OPINION: Mapping[str, float] = {"completion_time": 24.0}
OTHER: Mapping[str, float] = {"completion_time": 25.0}
Moved = tuple[Ledger, Offer]
Move = Callable[[Ledger, Offer, int], Moved]

MOVES: dict[str, Move] = {
    "accept": lambda ledger, offer, now: moves.accept(ledger, offer, None, now),
    "decline": lambda ledger, offer, now: moves.decline(ledger, offer, None, "not_now", now),
    "complete": lambda ledger, offer, now: moves.complete(ledger, offer, OPINION, GAIN, now),
    "session": lambda ledger, offer, now: moves.complete(ledger, offer, {}, GAIN, now, session="a-session"),
}
STATES: dict[str, list[str]] = {
    "PENDING": [],
    "ACCEPTED": ["accept"],
    "DECLINED": ["decline"],
    "COMPLETED": ["complete"],
    "COMPLETED by a session": ["session"],
    "COMPLETED after ACCEPTED": ["accept", "complete"],
}
SAME = "changes nothing"
TABLE = {
    "PENDING": {"accept": ACCEPTED, "decline": DECLINED, "complete": COMPLETED, "session": COMPLETED},
    "ACCEPTED": {"accept": SAME, "complete": COMPLETED, "session": COMPLETED},
    "DECLINED": {"decline": SAME},
    "COMPLETED": {"complete": SAME, "session": SAME},
    "COMPLETED by a session": {"complete": COMPLETED, "session": SAME},
    "COMPLETED after ACCEPTED": {"complete": SAME, "session": SAME},
    "PENDING, run out": {},
    "ACCEPTED, run out": {},
    "EXPIRED": {},
}


def come_to(state: str) -> tuple[Ledger, Offer, int]:
    """A ledger with an offer in a state, and the moment at which it is."""
    offer, now = an_offer(), NOW
    ledger = a_ledger(offer)
    name, _, more = state.partition(", ")
    for move in STATES.get(name, []):
        ledger, offer = MOVES[move](ledger, offer, now)
    if more or state == "EXPIRED":
        now = offer.expires or now
    if state == "EXPIRED":
        ledger, (offer,) = moves.expire(ledger, now)
    return ledger, offer, now


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", TABLE)
def test_every_move_from_every_status(state: str, move: str) -> None:
    ledger, offer, now = come_to(state)
    expected = TABLE[state].get(move)
    if expected is None:
        with pytest.raises(Conflict) as refused:
            MOVES[move](ledger, offer, now)
        status = EXPIRED if "run out" in state else state.split()[0]
        allowed = {"PENDING": ["accept", "decline", "complete"], "ACCEPTED": ["complete"]}.get(status, [])
        assert (refused.value.code, refused.value.extra["allowed"]) == ("illegal_action", allowed)
        return
    changed, moved = MOVES[move](ledger, offer, now)
    if expected is SAME:
        assert (changed, moved) == (ledger, offer)
        return
    assert moved.status == expected
    assert changed != ledger
    assert changed.find(moved.id) == moved
    assert changed.statistics != ledger.statistics or state == "COMPLETED by a session"


def test_the_table_knows_every_status() -> None:
    assert {state.replace(",", "").split()[0] for state in TABLE} == set(STATUSES)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize(("state", "life"), [("PENDING", PENDING_MS), ("ACCEPTED", ACCEPTED_MS)])
def test_it_runs_out_to_the_millisecond(state: str, life: int, move: str) -> None:
    ledger, offer, now = come_to(state)
    began = MADE if state == "PENDING" else now
    assert offer.expires == began + life
    assert offer.status_at(began + life - 1) == state
    assert offer.status_at(began + life) == EXPIRED
    if move in TABLE[state]:
        MOVES[move](ledger, offer, began + life - 1)
    with pytest.raises(Conflict):
        MOVES[move](ledger, offer, began + life)
    assert moves.expire(ledger, began + life - 1) == (ledger, ())
    _, (closed,) = moves.expire(ledger, began + life + DAY)
    assert (closed.status, closed.at, closed.expires) == (EXPIRED, began + life, None)


def test_pending_is_seventy_two_hours_and_accepted_is_a_fortnight() -> None:
    assert (PENDING_MS, ACCEPTED_MS) == (72 * HOUR, 14 * DAY)


def test_only_what_was_never_accepted_counts_as_expired() -> None:
    ledger, taken = moves.accept(a_ledger(), an_offer(), None, NOW)
    ledger, closed = moves.expire(ledger, NOW + 30 * DAY)
    assert len(closed) == 5
    assert (ledger.statistics.expired, ledger.statistics.accepted, ledger.statistics.total) == (4, 1, 5)
    assert {offer.id for offer in closed} == {an_offer(rank).id for rank in range(1, 6)}
    assert ledger.find(taken.id) == replace(taken, status=EXPIRED, at=NOW + ACCEPTED_MS, waiting=False)
    assert moves.expire(ledger, NOW + 60 * DAY) == (ledger, ())


def test_a_part_of_what_has_run_out_can_be_closed_at_a_time() -> None:
    ledger, parts = a_ledger(), []
    while True:
        ledger, closed = moves.expire(ledger, MADE + 30 * DAY, 2)
        if not closed:
            break
        parts.append(len(closed))
    assert parts == [2, 2, 1]
    assert ledger.statistics.expired == 5


def test_repeating_a_move_in_other_words_is_refused() -> None:
    ledger, taken = moves.accept(a_ledger(), an_offer(), 4, NOW)
    assert moves.accept(ledger, taken, 4, NOW + 5) == moves.accept(ledger, taken, None, NOW + 5) == (ledger, taken)
    with pytest.raises(Conflict):
        moves.accept(ledger, taken, 5, NOW)
    ledger, refused = moves.decline(a_ledger(), an_offer(), 2, "seen", NOW)
    assert moves.decline(ledger, refused, 2, "seen", NOW + 5) == (ledger, refused)
    for rating, reason in ((2, "too_hard"), (2, None), (None, "seen"), (1, "seen")):
        with pytest.raises(Conflict):
            moves.decline(ledger, refused, rating, reason, NOW)
    ledger, done = moves.complete(a_ledger(), an_offer(), OPINION, GAIN, NOW)
    assert moves.complete(ledger, done, dict(OPINION), LOSS, NOW + 5) == (ledger, done)
    with pytest.raises(Conflict):
        moves.complete(ledger, done, OTHER, GAIN, NOW)


def test_what_a_session_has_closed_takes_an_opinion_once_and_keeps_its_effect() -> None:
    ledger, done = moves.complete(a_ledger(), an_offer(), {}, GAIN, NOW, session="a-session")
    said = {**OPINION, "user_rating": 5, "effectiveness": 0.5}
    told, opined = moves.complete(ledger, done, said, LOSS, NOW + 5)
    assert (opined.effect, opined.at, opined.opinion, opined.rating) == (GAIN, NOW, said, 5)
    assert told.statistics == replace(ledger.statistics, ratings=1, rating_sum=5, said=1, effectiveness=0.5)
    assert (told.answers, told.tallies) == (ledger.answers, ledger.tallies)
    assert moves.complete(told, opined, said, LOSS, NOW + 9) == (told, opined)
    with pytest.raises(Conflict):
        moves.complete(told, opined, OTHER, GAIN, NOW + 9)


def test_an_opinion_of_what_the_ledger_has_forgotten_still_counts() -> None:
    ledger, done = moves.complete(a_ledger(), an_offer(), {}, GAIN, NOW, session="a-session")
    forgotten = replace(ledger, sets=())
    told, opined = moves.complete(forgotten, done, {"user_rating": 3}, LOSS, NOW)
    assert (told.sets, told.statistics.mean_rating, opined.rating) == ((), 3.0, 3)


def test_a_rating_at_the_end_replaces_the_one_at_the_start() -> None:
    ledger, taken = moves.accept(a_ledger(), an_offer(), 2, NOW)
    ledger, done = moves.complete(ledger, taken, {"user_rating": 5}, GAIN, NOW)
    assert (done.rating, ledger.statistics.ratings, ledger.statistics.rating_sum) == (5, 1, 5)
    ledger, taken = moves.accept(a_ledger(), an_offer(), 2, NOW)
    ledger, done = moves.complete(ledger, taken, OPINION, GAIN, NOW)
    assert (done.rating, ledger.statistics.mean_rating) == (2, 2.0)


# What a move teaches --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "shift", "unwelcome"),
    [
        ("too_hard", 0.08, 1.0),
        ("too_easy", -0.08, 1.0),
        ("seen", 0.0, 0.0),
        ("not_now", 0.0, 0.0),
        ("not_relevant", 0.0, 1.0),
        (None, 0.0, 1.0),
    ],
)
def test_each_reason_has_an_effect_of_its_own(reason: str | None, shift: float, unwelcome: float) -> None:
    ledger, _ = moves.decline(a_ledger(), an_offer(), None, reason, NOW)
    told = moves.feedback(ledger, NOW)
    assert told.shift == pytest.approx(shift)
    assert told.tallies == {"practise:3": (0.0, unwelcome)}
    assert told.declined == {"q1": NOW / 1000}
    assert told.reasons == ({"q1": reason} if reason else {})
    assert ledger.answers == 1


def test_too_hard_and_too_easy_add_up_fade_and_have_bounds() -> None:
    ledger = a_ledger()
    for rank in range(1, 6):
        ledger, _ = moves.decline(ledger, an_offer(rank), None, "too_hard", NOW)
    assert moves.feedback(ledger, NOW).shift == 0.2
    assert moves.feedback(ledger, NOW + 7 * DAY).shift == pytest.approx(0.1)
    assert moves.feedback(ledger, NOW - DAY).shift == 0.2
    ledger, _ = moves.decline(a_ledger(), an_offer(), None, "too_hard", NOW)
    ledger, _ = moves.decline(ledger, an_offer(2), None, "too_easy", NOW)
    assert moves.feedback(ledger, NOW).shift == pytest.approx(0.0)
    ledger, _ = moves.decline(ledger, an_offer(3), None, "seen", NOW + DAY)
    assert ledger.shift[1] == NOW


@pytest.mark.parametrize(
    ("effect", "tally"), [(GAIN, (1.5, 0.0)), (LOSS, (1.0, 0.5)), (NOTHING, (1.0, 0.0))], ids=["gain", "loss", "none"]
)
def test_a_completion_is_welcome_and_more_so_if_it_helped(effect: Effect, tally: tuple[float, float]) -> None:
    ledger, _ = moves.complete(a_ledger(), an_offer(), OPINION, effect, NOW)
    assert ledger.tallies == {"practise:3": tally}


def test_only_measured_gains_teach_what_a_kind_brings() -> None:
    ledger, _ = moves.complete(a_ledger(), an_offer(), OPINION, GAIN, NOW)
    ledger, _ = moves.complete(ledger, an_offer(2), OPINION, LOSS, NOW)
    claimed = {**OPINION, "actual_improvement": 500.0}
    ledger, done = moves.complete(ledger, an_offer(3), claimed, NOTHING, NOW)
    assert ledger.gains == {"practise": (2, 2.0)}
    found = ledger.statistics
    assert (found.measured, found.gain, found.with_promise, found.promised) == (2, 2.0, 1, 10.0)
    assert done.effect == NOTHING


def test_a_finished_lesson_is_remembered_and_an_item_is_not() -> None:
    ledger, _ = moves.complete(a_ledger(), an_offer(kind="learn", item="a/one"), OPINION, NOTHING, NOW)
    ledger, _ = moves.complete(ledger, an_offer(2), OPINION, NOTHING, NOW)
    assert ledger.finished == {"a/one": NOW}


def test_accepting_keeps_it_at_hand() -> None:
    ledger, taken = moves.accept(a_ledger(), an_offer(), None, NOW)
    assert moves.feedback(ledger, NOW).accepted == {"q1"}
    assert moves.feedback(ledger, NOW + ACCEPTED_MS).accepted == frozenset()
    assert (taken.status, taken.at) == (ACCEPTED, NOW)


def test_declines_are_forgotten_after_ninety_days() -> None:
    ledger, _ = moves.decline(a_ledger(), an_offer(), None, None, NOW)
    ledger = replace(ledger, sets=a_ledger(an_offer(2, MADE + 90 * DAY), an_offer(3, MADE + 90 * DAY)).sets)
    kept, _ = moves.decline(ledger, an_offer(2, MADE + 90 * DAY), None, None, NOW + 90 * DAY - 1)
    gone, _ = moves.decline(ledger, an_offer(2, MADE + 90 * DAY), None, None, NOW + 90 * DAY)
    assert (set(kept.declined), set(gone.declined)) == ({"q1", "q2"}, {"q2"})


@given(steps=st.lists(st.tuples(st.integers(1, 5), st.sampled_from(list(MOVES)), st.integers(0, 20)), max_size=30))
def test_counts_are_those_of_what_happened(steps: list[tuple[int, str, int]]) -> None:
    ledger, now = a_ledger(), MADE
    happened: list[Any] = []
    for rank, move, days in steps:
        now += days * DAY
        offer = ledger.find(an_offer(rank).id)
        assert offer is not None
        was = offer.status
        try:
            ledger, moved = MOVES[move](ledger, offer, now)
        except Conflict:
            continue
        if moved.status != was:
            happened.append((was, moved.status))
    ledger, closed = moves.expire(ledger, now)
    found = ledger.statistics
    assert found.declined == happened.count((PENDING, DECLINED))
    assert found.completed == sum(after == COMPLETED for _, after in happened)
    assert found.accepted == sum(before == PENDING and after in (ACCEPTED, COMPLETED) for before, after in happened)
    assert found.total <= 5
    assert {offer.status for offer in closed} <= {EXPIRED}
    assert Ledger.from_json(ledger.to_json()) == ledger


def test_a_further_piece_of_the_session_goes_on_with_its_effect() -> None:
    ledger, done = moves.complete(a_ledger(), an_offer(), {}, GAIN, NOW, session="a-session")
    assert GAIN.before is not None
    more = replace(GAIN, before=GAIN.after, after=GAIN.before - 5.0, observed=-5.0 - (GAIN.observed or 0.0))
    longer, extended = moves.extend(ledger, done, more)
    assert extended.effect is not None
    assert (extended.effect.before, extended.effect.observed) == (GAIN.before, -5.0)
    assert (longer.statistics.measured, longer.statistics.gain) == (1, -5.0)
    assert longer.gains[done.recommendation.kind] == (1, -5.0)
    assert longer.statistics.with_promise == ledger.statistics.with_promise
    assert moves.extend(longer, extended, NOTHING) == (longer, extended)
