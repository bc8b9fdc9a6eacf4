"""The nightly refresh: every learner who is due once a night, whatever comes twice, overlaps, ends midway or fails."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from attune.actions import recommend, refresh_learner
from attune.domain.course import Course
from attune.domain.jobs import RefreshPage
from attune.domain.principal import Principal
from attune.domain.recommendations.asked import Asked
from attune.store import courses, keys, learner_course, runs
from tests.backends import Backend
from tests.builders import an_account
from tests.functions.conftest import World
from tests.functions.night import (
    FEW,
    Night,
    at,
    books,
    course,
    learners,
    look,
    night,
    practise,
    refreshed_once,
    small,
    stored,
    to,
)

__all__ = ["course", "night", "small"]


# ---- What a refresh does


def test_in_the_morning_the_set_that_is_asked_for_is_there(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    who = learners(course, world.clock, 1)[0]
    before = look(course, world.clock, who).made
    to(world.clock, at(6))
    night.whole()
    to(world.clock, at(6, hour=8))
    with backend.watched() as calls:
        found = look(course, world.clock, who).made
    assert found.id != before.id
    assert found.at == int(at(6).timestamp() * 1000)
    assert [call.operation for call in calls.calls if call.operation != "GetItem"] == ["Query"]
    row = stored(backend, who, course.id)
    assert row["refreshed"] == {"S": "2031-05-06"}
    assert row["gsi1sk"]["S"].startswith("2031-05-07#")
    assert books(backend, at(6)) == {"learners": 1, "done": 1, "failed": 0}


def test_a_learner_is_looked_after_for_a_fortnight_and_until_nothing_is_open(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    who = learners(course, world.clock, 1)[0]
    seen = []
    for day in range(6, 25):
        to(world.clock, at(day))
        night.whole()
        row = stored(backend, who, course.id)
        seen.append((row["refreshed"]["S"][-2:], "gsi1pk" in row))
    days = [day for day, _ in seen]
    assert days[:14] == [f"{day:02d}" for day in range(6, 20)]
    # What the last night prepared for them can be answered for three days more.
    assert [there for _, there in seen] == [True] * 16 + [False] * 3
    assert not [offer for offer in rows_of(who, course, world).ledger.offers() if offer.expires]
    look(course, world.clock, who)
    assert "gsi1pk" in stored(backend, who, course.id)


def rows_of(who: Principal, course: Course, world: World) -> learner_course.Rows:
    return learner_course.read(who, course.id, world.clock.now())


def test_what_has_run_out_goes_to_the_history_in_parts(
    world: World, course: Course, night: Night, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attune.actions.refresh_learner.MOST", 2)
    who = learners(course, world.clock, 1)[0]
    for _ in range(4):
        world.clock.advance(1)
        recommend.run(who, course, Asked(), world.clock.now(), refresh=True)
    offers = [offer.id for offer in rows_of(who, course, world).ledger.offers()]
    assert len(offers) == 5
    to(world.clock, at(9))
    night.whole()
    history = [row for row in backend.rows(f"USER#{who.learner}") if row["sk"]["S"].startswith("RECOMMENDATION#")]
    assert sorted(row["sk"]["S"].rpartition("#")[2] for row in history) == sorted(offers)
    assert {row["status"]["S"] for row in history} == {"EXPIRED"}
    found = rows_of(who, course, world)
    assert found.ledger.statistics.expired == len(offers)
    assert [made.at for made in found.ledger.sets] == [int(at(9).timestamp() * 1000)]


def test_a_snapshot_is_kept_of_each_day_on_which_there_is_something_measured(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    who, idle = learners(course, world.clock, 1)[0], an_account()
    look(course, world.clock, idle)
    for day in (6, 7):
        to(world.clock, at(day))
        night.whole()
        night.whole()
    kept = [row for row in backend.rows(f"USER#{who.learner}") if row["kind"]["S"] == "snapshot"]
    assert [row["sk"]["S"][-10:] for row in kept] == ["2031-05-06", "2031-05-07"]
    assert int(kept[0]["expires_at"]["N"]) == int((at(6) + timedelta(days=400)).timestamp())
    assert not [row for row in backend.rows(f"USER#{idle.learner}") if row["kind"]["S"] == "snapshot"]
    assert stored(backend, idle, course.id)["refreshed"] == {"S": "2031-05-07"}


def test_a_course_that_is_gone_is_dropped_from_the_index(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    who = learners(course, world.clock, 1)[0]
    key = {name: {"S": value} for name, value in keys.course(course.id)._asdict().items()}
    backend.raw.delete_item(TableName="attune", Key=key)
    courses.forget()
    to(world.clock, at(6))
    night.whole()
    assert "gsi1pk" not in stored(backend, who, course.id)
    assert books(backend, at(6)) == {"learners": 1, "done": 1, "failed": 0}
    assert (night.reports, night.dead) == ([], [])


def test_j5_a_learner_whose_rows_are_gone_is_no_error(
    world: World, course: Course, night: Night, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = runs.Due(f"0001-01-01#{course.id}#g.550e8400-e29b-41d4-a716-446655440000", "g.550e8400", course.id)
    pages = [[due], [due]]
    monkeypatch.setattr(runs, "next_page", lambda shard: pages.pop() if pages else [])
    to(world.clock, at(6))
    night.whole()
    assert books(backend, at(6)) == {"learners": 2, "done": 2, "failed": 0}


def test_a_rebuild_whose_message_was_lost_is_queued_again(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    who = learners(course, world.clock, 1)[0]
    wanted = keys.profile(who.learner, course.id)
    row = next(row for row in backend.rows(wanted.pk) if row["sk"]["S"] == wanted.sk)
    backend.raw.put_item(TableName="attune", Item={**row, "rebuild": {"S": "2031-05-05T12:00:00Z"}})
    to(world.clock, at(6))
    night.whole()
    assert night.said["rebuilt"] == 1
    refreshed_once(night, backend, 1)


def twice_fired(night: Night) -> None:
    night.fire()
    night.fire()
    night.work()
    night.fire()
    night.work()


def everything_repeated(night: Night) -> None:
    """Each message comes three times, the last time after all others."""
    night.fire()
    past = []
    while night.waiting:
        body, _ = night.waiting[0]
        past.append(body)
        night.waiting.insert(1, (body, 0))
        night.step()
        night.step()
    for body in past:
        night.waiting.append((body, 0))
        night.work()
    for body in reversed(past):
        night.waiting.append((body, 0))
        night.work()


def backwards(night: Night) -> None:
    night.fire()
    night.fire()
    night.order = lambda count: count - 1
    night.work()


@pytest.mark.parametrize("story", [Night.whole, twice_fired, everything_repeated, backwards])
def test_j8_each_learner_is_refreshed_once_a_night(
    world: World, course: Course, night: Night, backend: Backend, story: Callable[[Night], None]
) -> None:
    made = learners(course, world.clock, 7)
    to(world.clock, at(6))
    with backend.watched() as calls:
        story(night)
    refreshed_once(night, backend, 7)
    # The ledger, the snapshot, and nothing a second time; books: at most an opening and a closing a page.
    written = calls.operations["PutItem"]
    assert written <= 2 * len(made) + 5
    sets = {who: [made.at for made in rows_of(who, course, world).ledger.sets] for who in made}
    assert {tuple(made) for made in sets.values()} == {(int(at(6).timestamp() * 1000),)}


def test_a_page_that_two_work_on_is_closed_by_one(
    world: World, course: Course, night: Night, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    learners(course, world.clock, 5)
    to(world.clock, at(6))
    other, going = Night(world.clock), list[bool]()

    def meanwhile(*args: object) -> None:
        """Another worker gets every page while this one has it open."""
        if not going:
            going.append(True)
            other.waiting = [(RefreshPage("2031-05-06", shard).to_json(), 0) for shard in range(2)]
            other.work()
        step(*args)  # type: ignore[arg-type]

    step = refresh_learner.run
    monkeypatch.setattr(refresh_learner, "run", meanwhile)
    night.whole()
    refreshed_once(night, backend, 5)
    refreshed_once(other, backend, 5)
    assert night.said["overtaken"] == 1


def test_j1_runs_that_overlap_leave_each_learner_to_the_first_that_comes(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    made = learners(course, world.clock, 8)
    to(world.clock, at(6))
    night.fire()
    for _ in range(2):
        night.step()
    to(world.clock, at(7))
    late = Night(world.clock, waiting=night.waiting)
    late.fire()
    late.work()
    assert (late.dead, late.reports) == ([], [])
    assert books(backend, at(7)) == {"learners": 8, "done": 8, "failed": 0}
    found = books(backend, at(6))
    assert found["done"] == found["learners"] <= 8
    assert {stored(backend, who, course.id)["refreshed"]["S"] for who in made} == {"2031-05-07"}


def test_j5_who_comes_while_the_run_is_under_way_is_left_to_the_next(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    made = learners(course, world.clock, 2 * FEW)
    to(world.clock, at(6))
    night.fire()
    night.step()
    newcomer = learners(course, world.clock, 1)[0]
    practise(course, world.clock, made[0])
    night.work()
    found = books(backend, at(6))
    assert found["learners"] == found["done"] in (2 * FEW, 2 * FEW + 1)
    to(world.clock, at(7))
    night.whole()
    assert books(backend, at(7)) == {"learners": 2 * FEW + 1, "done": 2 * FEW + 1, "failed": 0}
    assert stored(backend, newcomer, course.id)["refreshed"] == {"S": "2031-05-07"}


def test_practice_between_midnight_and_the_run_does_not_put_the_refresh_off(
    world: World, course: Course, night: Night, backend: Backend
) -> None:
    who = learners(course, world.clock, 1)[0]
    for day in range(6, 10):
        to(world.clock, at(day, hour=1))
        practise(course, world.clock, who)
        to(world.clock, at(day))
        night.whole()
        assert stored(backend, who, course.id)["refreshed"]["S"] == f"2031-05-{day:02d}"
