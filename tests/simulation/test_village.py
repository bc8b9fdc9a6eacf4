"""Everything of learners under everything at once: seeds of a village, its laws, and bugs that the laws must notice.

A failing seed prints its last turns and how to play it again: `VILLAGE_SEED=17 make test args="tests/simulation"`.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from attune.actions import read_user, rebuild_profile
from attune.domain.practice import log
from attune.domain.progress.lesson_progress import LessonProgress
from attune.edge import verifier
from attune.edge.clock import clock as the_clock
from attune.store import courses, erasures, joining, keys, learner_changes, parameters, table, tombstones
from attune.store.move import Move
from tests import backends, guests
from tests.backends import Backend
from tests.builders import NOW, CourseFiles, a_course
from tests.doubles.clock import Clock
from tests.functions.conftest import publish
from tests.functions.pathing import ITEMS
from tests.guests import KEY_PARAMETER, PRIVATE_KEY
from tests.simulation import village_life
from tests.simulation.village import Village

SEEDS = [int(os.environ["VILLAGE_SEED"])] if "VILLAGE_SEED" in os.environ else range(50)
MANY = range(50, 1050)


@pytest.fixture(scope="module")
def founded(backend: Backend) -> tuple[CourseFiles, Any]:
    course = a_course(lessons=1, sections=1, id="village")
    backend.empty()
    courses.forget()
    publish(course, items=ITEMS)
    return course, backend.kept()


@pytest.fixture
def site(founded: tuple[CourseFiles, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[CourseFiles, Any]]:
    """The functions in an environment of their own; waits take no time, and the log is short."""
    monkeypatch.setattr(keys, "SHARDS", 2)
    monkeypatch.setattr(log, "KEPT", 6)
    monkeypatch.setattr(table, "time", SimpleNamespace(sleep=lambda seconds: None, monotonic=time.monotonic))
    url = "http://127.0.0.1/000000000000/Queue"
    changes = {
        "DEFAULT_COURSE": founded[0].id,
        **{name: url for name in ("SECTION_QUEUE_URL", "SECTION_DLQ_URL", "JOB_QUEUE_URL", "JOB_DLQ_URL")},
        **guests.ENVIRONMENT,
    }

    boto3.client("ssm").put_parameter(Name=KEY_PARAMETER, Value=PRIVATE_KEY, Type="SecureString", Overwrite=True)
    was = the_clock.source
    with backends.configured(changes):
        verifier.verifier.cache_clear()
        verifier.guests.cache_clear()
        yield founded
    verifier.verifier.cache_clear()
    the_clock.source = was


def play(seed: int, backend: Backend, site: tuple[CourseFiles, Any]) -> Village:
    course, rows = site
    backend.empty(rows)
    courses.forget()
    parameters.forget()
    clock = Clock(NOW)
    the_clock.source = clock
    village = Village(seed, course, clock)
    village_life.live(village, backend, f'VILLAGE_SEED={seed} make test args="tests/simulation"')
    return village


def play_all(seeds: Iterable[int], backend: Backend, site: tuple[CourseFiles, Any]) -> None:
    for seed in seeds:
        play(seed, backend, site)


@pytest.mark.parametrize("seed", SEEDS)
def test_n01_the_laws_of_the_village_hold(seed: int, backend: Backend, site: tuple[CourseFiles, Any]) -> None:
    play(seed, backend, site)


@pytest.mark.soak
@pytest.mark.parametrize("seed", MANY)
def test_n01_the_laws_of_the_village_hold_for_many_seeds(
    seed: int, backend: Backend, site: tuple[CourseFiles, Any]
) -> None:
    play(seed, backend, site)


def test_n02_a_seed_of_the_village_is_the_same_each_time(backend: Backend, site: tuple[CourseFiles, Any]) -> None:
    ends = []
    for _ in range(2):
        village = play(3, backend, site)
        known = [(one.principal.subject, one.attempts, one.minutes, len(one.paths)) for one in village.villagers]
        ends.append((village.trace, village.clock.now(), known))
    assert ends[0] == ends[1]


# ---- Bugs

Patch = pytest.MonkeyPatch


def _sometimes(patch: Patch, owner: Any, name: str, instead: Callable[..., Any]) -> None:
    """Every third call does something else."""
    real, calls = getattr(owner, name), iter(range(10**9))
    patch.setattr(owner, name, lambda *args, **more: (instead if next(calls) % 3 == 0 else real)(*args, **more))


def _acknowledged_before_it_is_written(patch: Patch) -> None:
    _sometimes(patch, learner_changes, "write", lambda *args, **more: None)


def _rows_are_written_over(patch: Patch) -> None:
    patch.setattr(learner_changes, "_unchanged", lambda rows, item, now: None)


def _no_write_is_recognised(patch: Patch) -> None:
    patch.setattr(table, "settle", lambda *args: None)


def _nobody_looks_for_a_tombstone(patch: Patch) -> None:
    patch.setattr(tombstones, "refuse", lambda transaction, learner: None)


def _no_tag_is_compared(patch: Patch) -> None:
    patch.setattr("functions.put_preferences.app.expected_revisions", lambda tags: None)


def _an_erasure_forgets_sessions(patch: Patch) -> None:
    real = erasures._pages

    def some(rows: Any) -> Any:
        return real(row for row in rows if row["kind"]["S"] != "session")

    patch.setattr(erasures, "_pages", some)


def _any_id_opens_a_learner(patch: Patch) -> None:
    real = read_user.run
    patch.setattr(read_user, "run", lambda who, wanted, course, now: real(who, "me", course, now))


def _nothing_is_rebuilt(patch: Patch) -> None:
    patch.setattr(rebuild_profile, "run", lambda *args: False)


def _sessions_of_guests_are_dropped(patch: Patch) -> None:
    drop = lambda account, item, write_id, now: Move((), (item,), {})  # noqa: E731
    patch.setitem(joining.UNITES, "session", drop)


def _events_count_each_time(patch: Patch) -> None:
    real = LessonProgress.after

    def again(self: LessonProgress, event: Any) -> LessonProgress:
        forgotten = LessonProgress(self.started_at, self.completed_at, self.seconds, ())
        return real(forgotten, event)

    patch.setattr(LessonProgress, "after", again)


def _paths_are_everybodys(patch: Patch) -> None:
    patch.setattr(keys, "paths", lambda learner, course: keys.Key("USER#all", f"PATHS#{course}"))


def _every_message_is_forgotten(patch: Patch) -> None:
    patch.setattr("functions.run_job.app.action.run", lambda job, given: "done")


SOON = [
    _acknowledged_before_it_is_written,
    _no_tag_is_compared,
    _any_id_opens_a_learner,
    _paths_are_everybodys,
    _every_message_is_forgotten,
]
"""The first seeds notice these."""
BUGS = [
    _rows_are_written_over,
    _no_write_is_recognised,
    _nobody_looks_for_a_tombstone,
    _an_erasure_forgets_sessions,
    _nothing_is_rebuilt,
    _sessions_of_guests_are_dropped,
    _events_count_each_time,
]
EVERY = [*SOON, *(pytest.param(bug, marks=pytest.mark.soak) for bug in BUGS)]


@pytest.mark.parametrize("bug", EVERY, ids=lambda bug: bug.__name__.strip("_"))
def test_n03_a_planted_bug_is_noticed(
    bug: Callable[[Patch], None], backend: Backend, site: tuple[CourseFiles, Any], monkeypatch: Patch
) -> None:
    bug(monkeypatch)
    with pytest.raises(AssertionError) as noticed:
        play_all(range(120), backend, site)
    assert "VILLAGE_SEED" in "".join(noticed.value.__notes__)
