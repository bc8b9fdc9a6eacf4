"""The gist says of a learner what the state says, and stays small."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.learning.measures import rating
from attune.domain.learning.parameters import START
from attune.domain.practice.gist import NO_GIST, Gist
from attune.domain.practice.mistakes import GONE, MistakeMemory
from attune.domain.practice.state import NOTHING, PracticeState
from attune.domain.practice.traits import traits, trend
from tests.unit.practice.attempts import folded, some_attempts

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=25)
@given(seed=SEEDS, count=st.integers(0, 180), prior=st.sampled_from([{}, {"skill-1": -0.7}]))
def test_json_holds_all_there_is(seed: int, count: int, prior: dict[str, float]) -> None:
    gist = Gist.of(folded(some_attempts(seed, count), PracticeState(priors=prior)))
    assert Gist.from_json(json.loads(json.dumps(gist.to_json()))) == gist


@settings(max_examples=25)
@given(seed=SEEDS, count=st.integers(1, 180))
def test_it_tells_what_the_state_tells(seed: int, count: int) -> None:
    state = folded(some_attempts(seed, count), PracticeState(priors={"skill-1": -0.7, "never": 0.4}))
    gist = Gist.of(state)
    assert (gist.attempts, gist.at) == (state.attempts, state.at)
    for found, exact_trait in zip(gist.traits.to_json(), traits(state).to_json(), strict=True):
        assert found == (exact_trait if isinstance(exact_trait, str) else pytest.approx(exact_trait, abs=0.0001))
    assert gist.last == {name: (memory.at, memory.score) for name, memory in state.items.items()}
    for name in (*state.skills, "never", "unknown"):
        known, record = gist.skill(name), state.record(name)
        exact = rating(START, name, state.ability, record.state)
        assert rating(START, name, gist.ability, known.state) == pytest.approx(exact, abs=0.01)
        assert known.state.recent == record.state.recent
        assert (known.attempts, known.at, known.successes, known.success_at) == (
            record.attempts,
            record.at,
            record.successes,
            record.success_at,
        )
        moved = trend(record.days)
        assert (known.trend is None) is (moved is None)
        if moved is not None and known.trend is not None:
            assert known.trend.points_per_week == pytest.approx(moved.points_per_week, abs=0.0001)


@settings(max_examples=25)
@given(seed=SEEDS, count=st.integers(1, 180), later=st.integers(0, 40 * 86_400_000))
def test_it_keeps_every_mistake_that_can_still_show(seed: int, count: int, later: int) -> None:
    state = folded(some_attempts(seed, count))
    gist, now = Gist.of(state), (state.at or 0) + later
    for name, memory in gist.mistakes.items():
        exact = state.mistakes[name]
        assert (memory.count, memory.phase) == (exact.count, exact.phase)
        assert memory.is_weakness(now) is exact.is_weakness(now)
        assert memory.cited == exact.cited or not exact.is_weakness(now)
        assert memory.severity_at(now) == pytest.approx(exact.severity_at(now), abs=0.0001)
        assert memory.frequency == pytest.approx(exact.frequency, abs=0.001)
    forgotten = set(state.mistakes) - set(gist.mistakes)
    assert not any(state.mistakes[name].count and state.mistakes[name].severity_at(now) >= GONE for name in forgotten)


def test_nothing_is_told_of_who_did_nothing() -> None:
    assert Gist.of(NOTHING) == NO_GIST
    assert NO_GIST.skill("one") == Gist().skill("other")
    assert Gist.of(PracticeState(mistakes={"slip": MistakeMemory(opportunities=3.0)})) == NO_GIST
