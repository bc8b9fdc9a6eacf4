"""The content path under everything at once: seeds of a small town, its laws, and faults that the laws must notice.

A failing seed prints its last turns and how to play it again: `SIMULATION_SEED=17 make test args="tests/simulation"`.
"""

import os
from typing import Any

import pytest

from attune.store import budgets, courses, pointers, variants
from tests.backends import Backend
from tests.builders import NOW
from tests.simulation import actors, town
from tests.simulation.bulk import Bulk
from tests.simulation.laws import Laws
from tests.simulation.town import Town

TURNS = 16
FIRST = ("new", "new", "old")
"""The first readers: two of a kind and one of another."""
SEEDS = [int(os.environ["SIMULATION_SEED"])] if "SIMULATION_SEED" in os.environ else range(50)
MANY = range(50, 550)


@pytest.fixture(scope="module")
def founded(backend: Backend) -> Any:
    """The rows of the published course and of its first readers, with which every seed begins."""
    courses.forget()
    town.publish({slug: [0] * town.SECTIONS for slug in town.LESSONS})
    for number, level in enumerate(FIRST):
        town.welcome(town.Reader(town.somebody(number), level), NOW)
    return backend.kept()


def begun(seed: int) -> Town:
    """A town with its first readers."""
    found = Town(seed)
    found.readers += [town.Reader(town.somebody(number), level) for number, level in enumerate(FIRST)]
    return found


def play(seed: int, backend: Backend, founded: Any) -> None:
    """One seed; what fails says how to play it again."""
    backend.empty(founded)
    budgets.forget()
    courses.forget()
    found, laws = begun(seed), Laws()
    try:
        for _ in range(TURNS):
            found.trace.append(actors.turn(found))
            laws.always(found)
            if found.trace[-1] in ("works", "sleeps", "looks_after_batches"):
                laws.within_budget(found)
        found.trace.append("heal")
        laws.in_the_end(found)
    except Exception as error:
        last = " ".join(f"{place}:{name}" for place, name in enumerate(found.trace[-20:], len(found.trace) - 20))
        error.add_note(f'seed {seed}, last turns {last}\nSIMULATION_SEED={seed} make test args="tests/simulation"')
        raise


def play_many(count: int, backend: Backend, founded: Any) -> None:
    for seed in range(count):
        play(seed, backend, founded)


@pytest.mark.parametrize("seed", SEEDS)
def test_n01_the_laws_hold(seed: int, backend: Backend, founded: Any) -> None:
    play(seed, backend, founded)


@pytest.mark.soak
@pytest.mark.parametrize("seed", MANY)
def test_n01_the_laws_hold_for_many_seeds(seed: int, backend: Backend, founded: Any) -> None:
    play(seed, backend, founded)


def test_n02_a_seed_is_the_same_each_time(backend: Backend, founded: Any) -> None:
    ends = []
    for _ in range(2):
        backend.empty(founded)
        budgets.forget()
        found = begun(7)
        names = [actors.turn(found) for _ in range(30)]
        ends.append((names, found.clock.now(), found.model.calls.total(), found.model.charged, len(found.queue)))
    assert ends[0] == ends[1]


def planted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Break something that a law must notice."""
    match name:
        case "an old text counts as the current one":
            monkeypatch.setattr(pointers.Pointer, "stands_for", lambda *_: True)
        case "nobody sends what was lost":
            monkeypatch.setattr(variants, "take_requeue", lambda *_: False)
        case "a lost batch is not looked for":
            monkeypatch.setattr(Bulk, "find", lambda *_: ())
        case "there is no limit":
            monkeypatch.setattr(budgets, "_within", lambda path, most: path.does_not_exist() | path.exists())
        case _:
            raise AssertionError(name)


@pytest.mark.parametrize(
    "fault",
    [
        "an old text counts as the current one",
        "nobody sends what was lost",
        "a lost batch is not looked for",
        "there is no limit",
    ],
)
def test_n03_a_planted_fault_is_noticed(
    fault: str, backend: Backend, founded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(fault, monkeypatch)
    with pytest.raises(AssertionError) as noticed:
        play_many(40, backend, founded)
    assert "SIMULATION_SEED" in "".join(noticed.value.__notes__)
