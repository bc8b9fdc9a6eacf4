"""Who stays away for a fortnight is counted by the night that finds it: once, and in the write that it makes anyway."""

from collections.abc import Callable
from typing import Any

import pytest

from attune.domain.course import Course
from attune.store import courses
from tests.backends import Backend
from tests.counted import count
from tests.functions.conftest import World
from tests.functions.experimenting import NAME, act, exposed, leave, results, started
from tests.functions.night import Night, at, course, night, practise, small, to

__all__ = ["course", "night", "small"]

Json = dict[str, Any]
DROPOUT: Json = {"primary": {"metric": "dropout"}, "guardrails": [{"metric": "dropout", "max_increase": 0.03}]}


@pytest.fixture
def arm(world: World) -> Callable[[], dict[str, tuple[int, int]]]:
    """By arm how many were exposed, and how many of them stayed away."""

    def found() -> dict[str, tuple[int, int]]:
        primary = results(world)["primary"]
        return {key: (primary[key]["n"], primary[key]["conversions"]) for key in "AB"}

    return found


def nights(world: World, night: Night, first: int, last: int) -> None:
    for day in range(first, last + 1):
        to(world.clock, at(day))
        courses.forget()
        night.whole()


def test_it_counts_once_on_the_first_night_after_fourteen_days_without_them(
    world: World, night: Night, arm: Any, course: Course
) -> None:
    started(world, **DROPOUT)
    _, other = exposed(world, "A"), exposed(world, "A")
    to(world.clock, at(10, hour=12))
    practise(course, world.clock, other)
    nights(world, night, 18, 19)
    assert arm()["A"] == (2, 0)
    nights(world, night, 20, 20)
    assert arm()["A"] == (2, 1)
    nights(world, night, 24, 24)
    assert arm()["A"] == (2, 1)
    nights(world, night, 25, 26)
    assert arm()["A"] == (2, 2)


def test_who_comes_back_stays_counted_and_counts_no_second_time(
    world: World, night: Night, arm: Any, course: Course
) -> None:
    started(world, **DROPOUT)
    who = exposed(world, "A")
    nights(world, night, 20, 20)
    assert arm()["A"] == (1, 1)
    to(world.clock, at(22, hour=12))
    practise(course, world.clock, who)
    nights(world, night, 23, 23)
    nights(world, night, 37, 38)
    assert arm()["A"] == (1, 1)


def test_what_becomes_of_recommendations_is_no_dropout(world: World, arm: Any) -> None:
    started(world, **DROPOUT)
    who = exposed(world, "A")
    one = world.call("list_recommendations", who).json["items"][0]["id"]
    for action in ("accept", "decline"):
        world.call("answer_recommendation", who, {"recommendation_id": one, "action": action})
    assert arm()["A"] == (1, 0)


def test_who_left_or_turned_personalization_off_is_not_counted(
    world: World, night: Night, arm: Any, backend: Backend
) -> None:
    started(world, **DROPOUT)
    gone, off, _ = (exposed(world, "A") for _ in range(3))
    leave(world, gone)
    key = (f"USER#{off.learner}", f"COURSE#{world.course.id}#SETTINGS")
    backend.change(key, "SET personalization = :off", off={"BOOL": False})
    nights(world, night, 20, 21)
    assert arm()["A"] == (3, 1)


def test_who_was_exposed_to_nothing_and_what_is_over_count_nothing(
    world: World, night: Night, arm: Any, course: Course
) -> None:
    practise(course, world.clock)
    started(world, **DROPOUT)
    exposed(world, "A")
    act(world, "stop")
    nights(world, night, 20, 21)
    assert arm() == {"A": (1, 0), "B": (0, 0)}


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_write_it_counts_once(
    world: World, night: Night, arm: Any, backend: Backend, after: bool
) -> None:
    """Each night begins with somebody new who stays away; its worker dies at one write, before or after it is done."""
    started(world, **DROPOUT)
    dead, exposed_ = True, 0
    at_write = 0
    while dead:
        at_write += 1
        exposed(world, "A")
        exposed_ += 1
        to(world.clock, at(20 + 16 * at_write))
        courses.forget()
        dead = night.killed(at_write, after)
        assert arm()["A"] == (exposed_, exposed_)
    assert at_write > 3


def test_b45_a_night_that_finds_too_many_away_pauses_the_experiment(world: World, night: Night) -> None:
    """Nobody looks: the end of the night has each experiment that runs looked at."""
    started(world, **DROPOUT)
    exposed(world, "B")
    count(world.course.id, NAME, "A", 1000, {"dropout": 50})
    count(world.course.id, NAME, "B", 1000, {"dropout": 250})
    nights(world, night, 6, 6)
    assert night.alarms == [f"experiment_paused {NAME}"]
    assert results(world)["status"] == "paused"
    nights(world, night, 7, 7)
    assert night.alarms == [f"experiment_paused {NAME}"]


def test_b43_a_night_tells_of_a_broken_split(world: World, night: Night) -> None:
    started(world, **DROPOUT)
    exposed(world)
    count(world.course.id, NAME, "A", 470, {"dropout": 10})
    count(world.course.id, NAME, "B", 340, {"dropout": 10})
    nights(world, night, 6, 6)
    assert night.alarms == [f"experiment_invalid {NAME}"]
