"""Shared parameters from what the nights gather: a candidate first, and a version only if it predicts others better."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from attune.actions import gather_answers, reestimate
from attune.domain.course import Course
from attune.domain.learning import estimation
from attune.domain.learning.parameters import START, Parameters
from attune.domain.practice import gathering
from attune.domain.practice.gathering import Candidate, Gathered, is_held_out
from attune.domain.practice.log import EMPTY
from attune.domain.principal import Principal
from attune.domain.refresh import Run
from attune.store import courses, estimates, keys, parameters, runs
from tests.backends import Backend
from tests.builders import an_account
from tests.doubles.clock import Clock
from tests.functions.conftest import World
from tests.functions.night import Night, at, look, practise, to


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(keys, "SHARDS", 1)
    parameters.forget()
    yield
    parameters.forget()


@pytest.fixture
def course(world: World) -> Course:
    return courses.load_current(world.course.id, world.clock.now())


def somebody(held_out: bool) -> Principal:
    """A learner on one side of the guard."""
    return next(who for who in iter(an_account, None) if is_held_out(who.learner) is held_out)


def practised(course: Course, clock: Clock, counts: dict[Principal, int]) -> None:
    for who, count in counts.items():
        practise(course, clock, who, count)
        look(course, clock, who)


def a_night(world: World, day: int) -> Night:
    to(world.clock, at(day))
    night = Night(world.clock)
    night.whole()
    assert (night.dead, night.reports) == ([], [])
    return night


def gathered(course: Course, run: datetime, clock: Clock) -> Gathered:
    """What a run gathered, all partitions together."""
    found = estimates.of_runs([run.date().isoformat()], course.id, clock.now())
    whole = Gathered(found[0].version, against=found[0].against) if found else Gathered()
    for one in found:
        whole = whole.plus(one)
    return whole


# ---- Gathering


def test_about_one_learner_in_ten_is_held_out() -> None:
    rng = random.Random(1)
    share = sum(is_held_out(f"g.{rng.getrandbits(128):032x}") for _ in range(20_000)) / 20_000
    assert 0.09 < share < 0.11


def test_each_answer_counts_in_the_run_of_the_day_after_it_and_in_no_other(world: World, course: Course) -> None:
    who = somebody(held_out=False)
    practised(course, world.clock, {who: 5})
    to(world.clock, at(6, hour=1))
    practised(course, world.clock, {who: 4})
    for day, attempts in ((6, 5), (7, 4), (8, 0)):
        a_night(world, day)
        assert gathered(course, at(day), world.clock).sums.attempts == attempts


def test_the_pages_of_a_night_add_up_whatever_their_size(
    world: World, course: Course, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    practised(course, world.clock, {somebody(held_out=False): count for count in range(2, 7)})
    begun, found = backend.kept(), []
    for size in (1, 2, 25):
        backend.empty(begun)
        monkeypatch.setattr(runs, "PAGE", size)
        a_night(world, 6)
        found.append(gathered(course, at(6), world.clock))
    assert found[0].sums.attempts == found[2].sums.attempts == 20
    assert found[0].sums.gains.keys() == found[2].sums.gains.keys()


def test_answers_of_those_held_out_shape_nothing(world: World, course: Course) -> None:
    practised(course, world.clock, {somebody(held_out=True): 9})
    a_night(world, 6)
    assert gathered(course, at(6), world.clock) == Gathered()


def test_those_held_out_compare_the_candidate_with_the_version_in_force(world: World, course: Course) -> None:
    estimates.propose(course.id, Candidate("2031-05-04", replace(START, version=1, base=0.5)), world.clock.now())
    practised(course, world.clock, {somebody(held_out=True): 9, somebody(held_out=False): 5})
    a_night(world, 6)
    found = gathered(course, at(6), world.clock)
    assert found.sums.attempts == 5
    assert found.against == "2031-05-04"
    assert found.current.attempts == found.candidate.attempts == 9
    assert found.current.total != found.candidate.total


def test_what_was_gathered_before_another_version_gives_way() -> None:
    one = Gathered(1, estimation.Sums(5), "2031-05-04", estimation.Loss(2, 1.0), estimation.Loss(2, 0.5))
    assert one.plus(one).sums.attempts == 10
    assert one.plus(one).current == estimation.Loss(4, 2.0)
    assert one.plus(replace(one, version=2)) == replace(one, version=2)
    other = one.plus(replace(one, against=None))
    assert (other.sums.attempts, other.against, other.current) == (10, None, estimation.Loss(2, 1.0))
    assert Gathered.from_json(one.to_json()) == one


def test_sums_that_no_row_holds_are_left_out(world: World, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "MOST_BYTES", 10)
    practised(course, world.clock, {somebody(held_out=False): 5})
    a_night(world, 6)
    assert gathered(course, at(6), world.clock) == Gathered()


def test_an_estimate_that_breaks_holds_up_no_learner(
    world: World, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(gather_answers, "gather", broken)
    practised(course, world.clock, {somebody(held_out=False): 5})
    to(world.clock, at(6))
    night = Night(world.clock)
    night.whole()
    assert night.reports == ["ArithmeticError()"]
    assert runs.last(world.clock.now()) == Run("2031-05-06", 1, 1, 0, 0)


# ---- A candidate, and what becomes of it


@pytest.fixture
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few answers are enough."""
    monkeypatch.setattr(reestimate, "EVIDENCE", 10)
    monkeypatch.setattr(reestimate, "ENOUGH", 10)
    monkeypatch.setattr(estimation, "ENOUGH", 10)


def versions(course: Course, world: World) -> list[int]:
    return [one.version for one in parameters.load(course.id, world.clock.now()).versions]


def judged(world: World, course: Course, day: int, candidate: Parameters) -> str:
    """What becomes of a candidate that was proposed the night before a day on which those held out practise."""
    to(world.clock, at(day, hour=12))
    run = at(day).date().isoformat()
    estimates.propose(course.id, Candidate(run, candidate), world.clock.now())
    practised(course, world.clock, {somebody(held_out=True): 12})
    to(world.clock, at(day + 1))
    Night(world.clock).whole()
    return reestimate.run(course.id, at(day + 1).date().isoformat(), world.clock.now())


@pytest.mark.usefixtures("_eager")
def test_evidence_makes_a_candidate_and_later_answers_of_others_a_version(world: World, course: Course) -> None:
    shaping = {somebody(held_out=False): 6 for _ in range(3)}
    practised(course, world.clock, shaping)
    assert a_night(world, 6).said["proposed"] == 1
    made = estimates.candidate(course.id, world.clock.now())
    assert made is not None
    assert (made.run, made.parameters.version, [*made.parameters.items]) == ("2031-05-06", 1, ["q1"])
    assert versions(course, world) == []
    # The same message once more: nothing has been compared yet.
    assert reestimate.run(course.id, "2031-05-06", world.clock.now()) == "too few held-out answers"
    to(world.clock, at(6, hour=12))
    practised(course, world.clock, {somebody(held_out=True): 12, **dict.fromkeys(shaping, 3)})
    night = a_night(world, 7)
    assert night.said["published"] + night.said["refused"] == 1


@pytest.mark.usefixtures("_eager")
def test_a_better_candidate_becomes_the_next_version_once(world: World, course: Course) -> None:
    # Two answers in three are right.
    better = replace(START, version=1, base=0.4)
    judged(world, course, 6, better)
    (since,) = parameters.load(course.id, world.clock.now()).since
    assert since == int((world.clock.now() + timedelta(minutes=10)).timestamp() * 1000)
    assert parameters.load(course.id, world.clock.now()).newest == better
    assert reestimate.run(course.id, "2031-05-07", world.clock.now()) == "too soon"
    assert versions(course, world) == [1]


@pytest.mark.usefixtures("_eager")
def test_a_worse_candidate_is_refused(world: World, course: Course) -> None:
    judged(world, course, 6, replace(START, version=1, base=-3.0))
    assert versions(course, world) == []
    found = estimates.candidate(course.id, world.clock.now())
    assert found is not None
    assert found.refused
    assert reestimate.run(course.id, "2031-05-07", world.clock.now()) == "too soon"
    to(world.clock, at(7, hour=12))
    practised(course, world.clock, {somebody(held_out=True): 12})
    a_night(world, 8)
    assert gathered(course, at(8), world.clock) == Gathered()


@pytest.mark.usefixtures("_eager")
def test_there_is_at_most_one_new_version_a_week(world: World, course: Course) -> None:
    said = {}
    who = [somebody(held_out=False) for _ in range(2)]
    judged(world, course, 6, replace(START, version=1, base=0.4))
    for day in range(8, 17):
        to(world.clock, at(day - 1, hour=12))
        practised(course, world.clock, dict.fromkeys(who, 6))
        night = a_night(world, day)
        said[day] = next(word for word in night.said if word in ("too", "proposed"))
    assert said == {day: "proposed" if day == 14 else "too" for day in range(8, 17)}
    found = estimates.candidate(course.id, world.clock.now())
    assert found is not None
    assert found.parameters.version == 2


def test_too_little_is_waited_for(world: World, course: Course) -> None:
    practised(course, world.clock, {somebody(held_out=False): 5})
    night = a_night(world, 6)
    assert night.said["too"] == 1
    assert estimates.candidate(course.id, world.clock.now()) is None


def test_a_day_is_looked_for_in_the_log_before_it_is_replayed(world: World, course: Course) -> None:
    assert gathering.of_day(EMPTY, lambda at: START, 1) == []
