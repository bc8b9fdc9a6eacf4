"""State is the replay of all attempts in their order: whatever order, batches and repetitions they came in."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.learning.parameters import START, ItemParameters, Parameters
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.fold import Evidence, fold
from attune.domain.practice.log import EMPTY, KEPT, Log
from attune.domain.practice.replay import rebuild, record, replay
from attune.domain.practice.state import NOTHING, PracticeState
from attune.store.packed import pack
from tests.unit.practice.attempts import DAY, NOON, an_attempt, folded, some_attempts

LATER = replace(START, version=1, items={"item-3": ItemParameters(-1.5, 0.1)})
SEEDS = st.integers(0, 1_000_000)


def in_force(at: int) -> Parameters:
    """Other parameters from the twentieth day on."""
    return START if at < NOON + 20 * DAY else LATER


def batches(attempts: list[Attempt], seed: int, reach: int) -> list[list[Attempt]]:
    """Attempts in pieces of any size, each at most so many places from where it belongs."""
    rng = random.Random(seed)
    moved = sorted(range(len(attempts)), key=lambda place: place + rng.random() * reach)
    found = []
    while moved:
        size = rng.randint(1, 40)
        found.append([attempts[place] for place in moved[:size]])
        moved = moved[size:]
    return found


def recorded(pieces: list[list[Attempt]], start: PracticeState = NOTHING) -> tuple[Log, PracticeState, list[Attempt]]:
    """What the log takes of pieces that come one by one, and what it does not take."""
    log, state, late = Log(before=start), start, []
    for piece in pieces:
        late += [attempt for attempt in piece if not log.takes(attempt)]
        log, state = record(log, [attempt for attempt in piece if log.takes(attempt)], in_force)
        assert len(log.window) <= KEPT
    return log, state, late


@settings(max_examples=25)
@given(seed=SEEDS, count=st.integers(0, 200), prior=st.sampled_from([{}, {"skill-1": -0.7}]))
def test_order_and_batches_make_no_difference(seed: int, count: int, prior: dict[str, float]) -> None:
    attempts, start = some_attempts(seed, count), PracticeState(priors=prior)
    log, state, late = recorded(batches(attempts, seed, reach=60), start)
    assert not late
    whole = rebuild(start, random.Random(seed).sample(attempts, count), in_force)
    assert (log, state) == whole
    assert pack(log.to_json()) == pack(whole[0].to_json())
    assert pack(state.to_json()) == pack(whole[1].to_json())


@settings(max_examples=15)
@given(seed=SEEDS)
def test_what_comes_too_late_is_told_and_the_rest_is_as_if_it_had_never_come(seed: int) -> None:
    attempts = some_attempts(seed, 320)
    log, state, late = recorded(batches(attempts, seed, reach=400))
    kept = [attempt for attempt in attempts if attempt not in late]
    assert len(kept) + len(late) == 320
    assert (log, state) == rebuild(NOTHING, kept, in_force)
    assert log.folded == kept[-KEPT - 1].place
    assert list(log.window) == kept[-KEPT:]
    if late:
        assert rebuild(NOTHING, [*late, *kept], in_force)[1].attempts == 320


def test_the_window_holds_the_newest_and_the_state_before_them() -> None:
    attempts = some_attempts(1, 300)
    log, state = rebuild(NOTHING, attempts, in_force)
    assert (len(log.window), log.before.attempts, state.attempts) == (KEPT, 300 - KEPT, 300)
    again = log.before
    for evidence in replay(log, in_force):
        again, _ = fold(again, evidence.attempt, in_force(evidence.attempt.at))
    assert again == state
    last = list(replay(log, in_force))[-1]
    assert last.version == 1
    for name, (_, after) in last.ratings.items():
        assert state.skills[name].days[-1].rating == pytest.approx(after, abs=0.06)


@settings(max_examples=15)
@given(seed=SEEDS, count=st.integers(1, 2 * KEPT))
def test_the_evidence_of_the_window_and_of_what_is_new_is_told_as_a_replay_has_it(seed: int, count: int) -> None:
    """However many there are: more than the window holds too."""
    log, told = EMPTY, list[Evidence]()
    for piece in batches(some_attempts(seed, count), seed, reach=60):
        heard, places = list[Evidence](), {attempt.place for attempt in (*log.window, *piece)}
        log, _ = record(log, piece, in_force, heard.append)
        replayed = {one.attempt.place: one for one in replay(log, in_force)}
        assert [one.attempt.place for one in heard] == sorted(places)
        assert all(replayed.get(one.attempt.place, one) == one for one in heard)
        told += [one for one in heard if one.attempt in piece]
    assert len({one.attempt.place for one in told}) == len(told) == count


@pytest.mark.parametrize("count", [1, KEPT, KEPT + 1])
def test_only_what_is_older_than_the_window_is_refused(count: int) -> None:
    attempts = [an_attempt(NOON + place * 1000) for place in range(count)]
    log, _ = rebuild(NOTHING, attempts, in_force)
    assert log.takes(an_attempt(NOON - 1)) is (count <= KEPT)
    assert not log.folded or not log.takes(attempts[0])
    assert log.takes(an_attempt(NOON, session="t")) is True
    assert log.takes(an_attempt(NOON, session="r")) is (count <= KEPT)


def test_nothing_new_changes_nothing() -> None:
    log, state = rebuild(NOTHING, some_attempts(2, 30), in_force)
    assert record(log, [], in_force) == (log, state)
    assert rebuild(NOTHING, [], in_force) == (EMPTY, NOTHING)


@settings(max_examples=25)
@given(seed=SEEDS, count=st.integers(0, 180))
def test_json_holds_all_there_is(seed: int, count: int) -> None:
    log, state = rebuild(PracticeState(priors={"skill-0": 0.25}), some_attempts(seed, count), in_force)
    for found in (Log.from_json(log.to_json()), PracticeState.from_json(state.to_json())):
        assert found == (log if isinstance(found, Log) else state)
    assert pack(Log.from_json(log.to_json()).to_json()) == pack(log.to_json())
    assert pack(PracticeState.from_json(state.to_json()).to_json()) == pack(state.to_json())


def test_an_attempt_is_scored_by_the_parameters_of_its_own_moment() -> None:
    early, late = an_attempt(NOON, item="item-3"), an_attempt(NOON + 21 * DAY, item="item-3")
    log, _ = rebuild(NOTHING, [late, early], in_force)
    first, second = replay(log, in_force)
    assert (first.version, second.version) == (0, 1)
    assert first.p > second.p


def test_state_has_a_bounded_size_whatever_the_history() -> None:
    """After ten thousand answers it is no larger than after two and a half."""
    sizes = []
    state = NOTHING
    for part in range(4):
        attempts = some_attempts(part, 2500, items=300, skills=30, days=60)
        state = folded([replace(one, at=one.at + part * 61 * DAY) for one in attempts], state)
        sizes.append(len(pack(state.to_json())))
    assert state.attempts == 10_000
    assert (len(state.items), len(state.windows), len(state.skills), len(state.mistakes)) == (100, 12, 30, 4)
    assert len(state.days) <= 28
    assert all(len(record.days) <= 28 for record in state.skills.values())
    assert all(len(memory.cited) <= 5 for memory in state.mistakes.values())
    assert max(sizes) < 1.1 * sizes[0]
