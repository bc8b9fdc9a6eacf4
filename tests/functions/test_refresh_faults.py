"""A nightly refresh that is killed anywhere, or meets what fails, ends in the same state."""

from collections.abc import Callable

import pytest

from attune.domain.course import Course
from attune.domain.recommendations.asked import Asked
from attune.store import courses, keys, learner_changes, parameters, runs
from attune.store.items import Item
from tests.backends import Backend
from tests.functions.conftest import World
from tests.functions.night import (
    FEW,
    Death,
    Died,
    Night,
    at,
    books,
    course,
    learners,
    look,
    night,
    poisoned,
    refreshed_once,
    rows,
    small,
    stored,
    to,
)

__all__ = ["course", "night", "small"]


# ---- Killed


def death_of(kill: str, number: int, night: Night, backend: Backend, story: Callable[[], None]) -> bool:
    """Whether the worker got as far as dying there."""
    if kill == "send":
        night.dies_at_send = night.sends + number
        story()
        return night.sends >= night.dies_at_send
    death = Death(number, after=kill != "before", writes=kill == "written")
    with death.on(Item):
        story()
    return death.calls >= number


@pytest.mark.parametrize(
    "kill", ["written", "send", *(pytest.param(kill, marks=pytest.mark.soak) for kill in ("before", "after"))]
)
def test_j2_killed_at_every_call_it_ends_in_the_same_state(
    world: World, course: Course, backend: Backend, kill: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a write or a message is left behind by a worker that dies, so the ordinary run kills after each of those."""
    monkeypatch.setattr(keys, "SHARDS", 1)
    monkeypatch.setattr(runs, "PAGE", 2)
    made = learners(course, world.clock, 3)
    to(world.clock, at(6))
    parameters.recent(course.id, world.clock.now())
    courses.recent(course.id, world.clock.now())
    begun = backend.kept()

    def night_with(number: int) -> tuple[Night, bool]:
        backend.empty(begun)
        night = Night(world.clock)
        night.fire()
        with poisoned(backend, made[0], course.id):
            died = death_of(kill, number, night, backend, night.work)
        # Given up; mended by somebody, and sent from the dead letters again.
        night.waiting, night.dead = [(body, 0) for body in night.dead], []
        night.work()
        return night, died

    _, died = night_with(10_000)
    assert not died
    wanted = rows(backend)
    number = 1
    while True:
        night, died = night_with(number)
        if not died:
            break
        assert night.dead == []
        assert rows(backend) == wanted, f"killed {kill} {number}"
        number += 1
    assert number > {"send": 2, "written": 5}.get(kill, 20)


@pytest.mark.parametrize("kill", ["before", "after"])
def test_j2_killed_at_the_start_it_is_started_again(world: World, course: Course, backend: Backend, kill: str) -> None:
    learners(course, world.clock, 2)
    to(world.clock, at(6))
    night = Night(world.clock)
    with pytest.raises(Died):
        death_of(kill, 1, night, backend, night.fire)
    night.whole()
    refreshed_once(night, backend, 2)


# ---- Failing


def test_j3_a_learner_who_fails_holds_up_nobody_and_is_tried_again(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    made = learners(course, world.clock, 2 * FEW + 1)
    bad = made[2]
    to(world.clock, at(6))
    with poisoned(backend, bad, course.id):
        night.whole()
        assert books(backend, at(6)) == {"learners": 7, "done": 6, "failed": 1, "failures": 1}
        assert len(night.dead) == 1
        assert all(bad.subject not in report for report in night.reports)
        names = [row["sk"]["S"] for row in backend.rows("REFRESH#2031-05-06")]
        assert not [name for name in names if bad.subject in name]
        for who in made:
            if who is not bad:
                assert stored(backend, who, course.id)["refreshed"] == {"S": "2031-05-06"}
    night.handle(night.dead[0])
    night.handle(night.dead[0])
    assert books(backend, at(6)) == {"learners": 7, "done": 7, "failed": 0}
    assert stored(backend, bad, course.id)["refreshed"] == {"S": "2031-05-06"}


def test_who_failed_is_due_again_the_next_night(world: World, course: Course, night: Night, backend: Backend) -> None:
    made = learners(course, world.clock, 3)
    to(world.clock, at(6))
    with poisoned(backend, made[1], course.id):
        night.whole()
    to(world.clock, at(7))
    night.whole()
    assert books(backend, at(7)) == {"learners": 3, "done": 3, "failed": 0}
    # Too late: the night before has given this learner up, and the next one has been there.
    night.handle(night.dead[0])
    assert books(backend, at(6)) == {"learners": 3, "done": 3, "failed": 0}
    assert stored(backend, made[1], course.id)["refreshed"] == {"S": "2031-05-07"}


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "Query", "GetItem", "BatchGetItem"])
@pytest.mark.parametrize("kind", ["lost_after", "throttle", "error_after"])
def test_faults_of_the_store_that_pass_change_nothing(
    world: World, course: Course, night: Night, backend: Backend, operation: str, kind: str
) -> None:
    learners(course, world.clock, FEW)
    to(world.clock, at(6))
    with backend.faulty(kind, operation, probability=0.2):
        night.whole()
    night.waiting = [(body, 0) for body in night.dead]
    night.dead = []
    night.work()
    found = books(backend, at(6))
    assert (found["learners"], found["done"], found["failed"]) == (FEW, FEW, 0)


def test_j7_one_who_answers_meanwhile_is_refreshed_from_what_they_then_have(
    world: World, course: Course, night: Night, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = learners(course, world.clock, 1)[0]
    to(world.clock, at(6))
    write, met = learner_changes.write, list[bool]()

    def meanwhile(*args: object, **more: object) -> None:
        if not met:
            met.append(True)
            look_again = look(course, world.clock, who).made
            assert look_again.context == Asked().context
            backend.change(keys.recommendations(who.learner, course.id), "SET write_id = :x", x={"S": "another"})
        write(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(learner_changes, "write", meanwhile)
    night.whole()
    refreshed_once(night, backend, 1)
    assert stored(backend, who, course.id)["refreshed"] == {"S": "2031-05-06"}
