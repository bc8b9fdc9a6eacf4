"""Five clients of one learner's preferences, under faults: what they saw, one after the other could have seen.

The calls come in an order drawn by chance, one at a time, and one in ten meets a fault; the seed is the whole story.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace

import pytest

from attune.actions import change_preferences
from attune.domain.errors import PreconditionFailed, Unavailable
from attune.domain.learner import LearnerSettings
from attune.store import learner_settings, table
from attune.store.items import Item
from tests.backends import Backend
from tests.builders import NOW, a_course, an_account
from tests.doubles.faults import Faults
from tests.doubles.linearizable import Operation, is_linearizable
from tests.doubles.turns import Turns

CLIENTS, EACH = 5, 4
KINDS = ("lost_before", "lost_after", "error_after", "throttle", "conflict")
FITTING = a_course().course()
State = tuple[int, float | None]
"""The revision, and what was chosen."""
NOTHING: State = (0, None)


@dataclass
class World:
    """One learner, five clients, and what they did and saw."""

    seed: int
    history: list[Operation[State]] = field(default_factory=list)
    time: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.who = an_account()
        self.rng = random.Random(self.seed)

    def run(self) -> None:
        faults = Faults(rng=random.Random(self.seed + 1))
        for kind in KINDS:
            faults.plan(kind, probability=0.1 / len(KINDS))
        turns = Turns(self.rng)
        with faults.on(Item), turns.on(Item):
            turns.run([self._client(random.Random(f"{self.seed} {number}")) for number in range(CLIENTS)])

    def _client(self, rng: random.Random) -> Callable[[], None]:
        def act() -> None:
            known: int | None = None
            for _ in range(EACH):
                what = rng.choice(("read", "put", "put if", "reset", "reset if"))
                expected = known if what.endswith("if") else None
                known = self._do(what.partition(" ")[0], rng.choice((0.1, 0.2, 0.3)), expected, known)

        return act

    def _do(self, what: str, value: float, expected: int | None, known: int | None) -> int | None:
        """One operation; the revision that the client knows then."""
        began = next(self.time)
        wanted = None if expected is None else frozenset({expected})
        name = f"{what} {value} if {expected}"
        try:
            found = self._ask(what, value, wanted)
        except PreconditionFailed:
            self._note(name, began, lambda state: [state] if state[0] != expected else [])
            return None
        except Unavailable:
            # Done or not, then or later.
            effect = _effect(what, value, expected)
            self.history.append(Operation(name, began, None, lambda state: [state, *effect(state)]))
            return known
        seen: State = (found.preferences_rev, found.preferences.get("challenge_level"))
        effect = _effect(what, value, expected)
        self._note(f"{name}: {seen}", began, lambda state: [after for after in effect(state) if after == seen])
        if expected is None and what != "read":
            # Its first try may have been done unheard and undone by another client, before the second was done.
            self.history.append(Operation(f"{name}, before", began, self.history[-1].ended, effect, extra=True))
        return seen[0]

    def _ask(self, what: str, value: float, expected: frozenset[int] | None) -> LearnerSettings:
        if what == "put":
            return change_preferences.run(self.who, FITTING, {"challenge_level": value}, expected, NOW)
        if what == "reset":
            return learner_settings.reset_preferences(self.who, FITTING.id, expected, NOW)
        return learner_settings.get(self.who, FITTING.id, NOW, consistent=True)

    def _note(self, name: str, began: int, step: Callable[[State], list[State]]) -> None:
        self.history.append(Operation(name, began, next(self.time), step))


def _effect(what: str, value: float, expected: int | None) -> Callable[[State], list[State]]:
    """What an operation makes of a state; nothing where the revision is another one than expected."""
    wanted = {"put": value, "reset": None}

    def step(state: State) -> list[State]:
        if expected is not None and state[0] != expected:
            return []
        if what == "read" or state[1] == wanted[what]:
            return [state]
        return [(state[0] + 1, wanted[what])]

    return step


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "time", SimpleNamespace(sleep=lambda seconds: None))


def _judge(backend: Backend, seed: int) -> int:
    """How many outcomes nobody knows."""
    backend.empty()
    world = World(seed)
    world.run()
    found = learner_settings.get(world.who, FITTING.id, NOW, consistent=True)
    end: State = (found.preferences_rev, found.preferences.get("challenge_level"))
    final = Operation[State](
        "the end", next(world.time), next(world.time), lambda state: [state] if state == end else []
    )
    told = "\n".join(f"{one.began:3} {one.ended} {one.name}" for one in world.history)
    assert is_linearizable([*world.history, final], NOTHING), f"seed {seed}:\n{told}\nat the end: {end}"
    return sum(one.ended is None for one in world.history)


@pytest.mark.usefixtures("_at_once")
def test_c11_c12_c13_c14_what_five_clients_see_is_one_story(backend: Backend) -> None:
    unknown = sum(_judge(backend, seed) for seed in range(20))
    assert unknown


@pytest.mark.soak
@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize("tens", range(50))
def test_c14_what_five_clients_see_is_one_story_five_hundred_times(backend: Backend, tens: int) -> None:
    for seed in range(1000 + 10 * tens, 1010 + 10 * tens):
        _judge(backend, seed)
