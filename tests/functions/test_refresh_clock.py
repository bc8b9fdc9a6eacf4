"""Nights that are missed or come in another order, that meet an erasure, and that another release goes on with."""

from typing import Any

import pytest

from attune.actions import carry_guest, erase_user, link_user
from attune.domain.course import Course
from attune.store import snapshots
from tests.backends import Backend
from tests.builders import an_account
from tests.functions.conftest import World
from tests.functions.night import Night, at, books, course, learners, look, night, practise, rows, small, stored, to
from tools.services import TABLE

__all__ = ["course", "night", "small"]


def whole(count: int) -> dict[str, int]:
    return {"learners": count, "done": count, "failed": 0}


def test_j6_three_missed_nights_are_made_up_for_once(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    learners(course, world.clock, 5)
    to(world.clock, at(9))
    night.whole()
    assert (night.dead, books(backend, at(9))) == ([], whole(5))
    messages = night.said.total()
    to(world.clock, at(10))
    night.whole()
    assert books(backend, at(10)) == whole(5)
    assert night.said.total() == 2 * messages, "a night after missed ones is no longer than any other"


def test_j6_a_clock_that_steps_back_and_forward_refreshes_nobody_twice(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    made = learners(course, world.clock, 5)
    to(world.clock, at(7))
    night.whole()
    before = rows(backend)
    for day in (6, 7):
        to(world.clock, at(day))
        night.whole()
        assert books(backend, at(day)) == (whole(5) if day == 7 else whole(0))
    kept = {row["pk"]["S"]: row for row in rows(backend) if row["kind"]["S"] == "recommendations"}
    assert kept == {row["pk"]["S"]: row for row in before if row["kind"]["S"] == "recommendations"}
    to(world.clock, at(8))
    night.whole()
    assert {stored(backend, who, course.id)["refreshed"]["S"] for who in made} == {"2031-05-08"}


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_j9_who_is_erased_meanwhile_is_not_brought_back(
    world: World, course: Course, night: Night, backend: Backend, steps: int
) -> None:
    gone, *others = learners(course, world.clock, 4)
    to(world.clock, at(6))
    night.fire()
    for _ in range(steps):
        night.step()
    erase_user.begin(gone, "me", world.clock.now(), lambda jobs: None)
    night.work()
    assert (night.dead, night.reports) == ([], [])
    theirs = [row for row in rows(backend) if row["pk"]["S"] == f"USER#{gone.learner}"]
    hot = [row for row in theirs if row["sk"]["S"].startswith(("COURSE#", "USER"))]
    assert {row["kind"]["S"] for row in hot} == {"erased"}
    assert {stored(backend, who, course.id)["refreshed"]["S"] for who in others} == {"2031-05-06"}


@pytest.mark.parametrize("gone", ["joined", "erased"])
def test_j9_a_snapshot_that_is_written_just_after_its_learner_went_goes_too(
    world: World, course: Course, night: Night, backend: Backend, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    who = practise(course, world.clock, world.guest())
    look(course, world.clock, who)
    to(world.clock, at(6))
    put, now = snapshots.put, world.clock.now()

    def late(*arguments: Any) -> None:
        """They go between the read and this write."""
        if arguments[0] != who.learner:
            # The account has a night of its own.
            return
        if gone == "joined":
            account = an_account()
            link_user.begin(account, who, now, lambda jobs: None)
            assert carry_guest.run(account, who.learner, now, lambda jobs: None) == "linked"
        else:
            receipt = erase_user.begin(who, "me", now, lambda jobs: None)
            with pytest.raises(erase_user.NotYet):
                erase_user.run(receipt, now, lambda jobs: None, lambda picked: 0)
        put(*arguments)

    monkeypatch.setattr(snapshots, "put", late)
    night.whole()
    assert (night.dead, night.reports) == ([], [])
    theirs = [row["kind"]["S"] for row in rows(backend) if row["pk"]["S"] == f"USER#{who.learner}"]
    assert "snapshot" not in theirs
    assert set(theirs) <= {"linked", "erased"}


def test_j10_a_run_of_a_newer_release_is_left_to_it(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    learners(course, world.clock, 3)
    to(world.clock, at(6))
    night.fire()
    while not (open_ := [row for row in rows(backend) if row["kind"]["S"] == "shard"]):
        night.step()
    for row in open_:
        backend.change((row["pk"]["S"], row["sk"]["S"]), "SET schema_version = :v", v={"N": "99"})
    before = [row for row in rows(backend) if row["kind"]["S"] == "shard"]
    night.work()
    assert night.dead, "messages wait where somebody who can read the row sends them back from"
    shards = [row for row in rows(backend) if row["kind"]["S"] == "shard"]
    assert [row for row in shards if row["schema_version"]["N"] == "99"] == before


def test_j10_a_run_of_an_older_release_is_ended(world: World, course: Course, night: Night, backend: Backend) -> None:
    """Its books lack what was added since."""
    learners(course, world.clock, 5)
    to(world.clock, at(6))
    night.fire()
    night.step()
    for row in rows(backend):
        if row["kind"]["S"] == "shard":
            key = {name: row[name] for name in ("pk", "sk")}
            backend.raw.update_item(TableName=TABLE, Key=key, UpdateExpression="REMOVE courses")
    night.work()
    assert night.dead == []
    found = books(backend, at(6))
    assert found["done"] == found["learners"] == 5
