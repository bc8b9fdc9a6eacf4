"""Changes of rows are counted once, however the stream tells them, and whoever dies on the way."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from attune.actions import carry_guest
from attune.domain.reports.counting import counted
from attune.store import events, links
from tests.backends import Backend
from tests.builders import an_account
from tests.functions.conftest import World
from tests.functions.practising import a_session, an_answer, practised, recommended
from tests.functions.streaming import Record, changes, everything, fold, killed_at_each_call, plain, told

CALLS = 8
"""More calls than a small batch of two days takes."""
COUNTS = ("event", "metric", "presence")
Life = tuple[Mapping[str, Any], list[Record]]


@pytest.fixture(scope="module")
def lives() -> dict[str, Life]:
    """What was lived once, by course: the rows, and what the stream told of them."""
    return {}


@pytest.fixture
def life(world: World, backend: Backend, lives: dict[str, Life]) -> list[Record]:
    """Six learners who are recommended something, practise, and read; three say what they think of it."""
    if world.course.id not in lives:
        live(world)
        lives[world.course.id] = backend.kept(), told(backend)
    rows, records = lives[world.course.id]
    backend.empty(rows)
    return records


def live(world: World) -> None:
    for place in range(6):
        who = world.reader()
        shown = recommended(world, who)[0]
        chosen = {"recommendation_id": shown["id"], "action": "accept"}
        assert world.call("answer_recommendation", who, chosen).status == 200
        wrong = an_answer(2, minutes=0, correct=False, duration_ms=30_000)
        practised(world, who, an_answer(1, minutes=0, duration_ms=60_000), wrong, recommendation_id=shown["id"])
        practised(world, who, an_answer(3, minutes=26 * 60), started_at="2031-05-04T10:00:00Z")
        path = f"/api/progress/{world.slug}"
        tracked = {"event_id": f"event-{place}", "status": "completed", "seconds": 60}
        assert world.call("track_lesson", who, tracked, path=path).status == 200
        assert world.call("personalize_lesson", who, {"lesson_slug": world.slug}).status in (200, 202)
        world.work()
        if place < 3:
            rated = {"lesson_slug": world.slug, "rating": 1 + place}
            assert world.call("personalize_lesson", who, {"lesson_slug": world.slug}).status == 200
            assert world.call("rate_personalized", who, rated).status == 200


def figures(world: World, report: str, cell: str, day: str = "2031-05-05") -> Mapping[str, int]:
    return everything(world.course.id, world.clock)[report, day, cell][0]


def test_what_happened_is_counted_in_every_report(world: World, life: list[Record]) -> None:
    assert fold(life) == []
    there = figures(world, "engagement", "total")
    assert there.items() >= {"active": 6, "answers": 12, "sessions": 6, "onboarded": 6, "seconds": 540}.items()
    assert figures(world, "engagement", "total", "2031-05-04").items() >= {"active": 6, "answers": 6}.items()
    # Sunday is of the week before.
    assert figures(world, "weeks", "total") == {"active": 6, "returning": 6}
    assert figures(world, "weeks", "total", "2031-04-28") == {"active": 6, "new": 6}
    assert figures(world, "skills", "skill:sense").items() >= {"answers": 12, "correct": 6, "score": 60_000}.items()
    lesson = figures(world, "content", f"lesson:{world.slug}")
    assert lesson.items() >= {"completed": 6, "seconds": 360, "requests": 6, "texts": 1, "rated": 3, "stars": 6}.items()
    assert lesson["low"] == 2
    assert lesson["hits"] == 5
    shown = figures(world, "recommendations", "total")
    assert shown.items() >= {"shown": 6, "accepted": 6, "completed": 6, "measured": 6}.items()


def test_counts_are_those_of_the_events_that_are_kept(world: World, life: list[Record]) -> None:
    fold(life)
    listed = []
    for day in ("2031-05-04", "2031-05-05"):
        after: str | None = None
        while True:
            page, after = events.page(world.course.id, day, world.clock.now(), after=after, limit=3)
            listed += page
            if after is None:
                break
    recounted = counted(listed)
    found = everything(world.course.id, world.clock)
    ours = {
        (report, day, name): plain(cell) for (report, day), cells in recounted.items() for name, cell in cells.items()
    }
    assert ours.keys() <= found.keys()
    for place, (numbers, learners) in ours.items():
        assert found[place][0].items() >= numbers.items()
        assert learners <= found[place][1]
        if place[0] != "engagement":
            assert found[place] == (numbers, learners)
    assert names(found) <= {event.learner for event in listed}
    assert len({event.learner for event in listed} - {""}) == 6


def names(found: Mapping[Any, tuple[Any, frozenset[str]]]) -> set[str]:
    return {learner for _, learners in found.values() for learner in learners}


@pytest.mark.parametrize("seed", range(1))
def test_b46_repeated_reordered_and_split_batches_count_once(
    world: World, life: list[Record], backend: Backend, seed: int
) -> None:
    fold(life)
    once = everything(world.course.id, world.clock)
    forget(backend)
    rng = Random(seed)
    line = life * 2
    rng.shuffle(line)
    while line:
        cut = rng.randint(1, 7)
        assert fold(line[:cut]) == []
        line = line[cut:]
    assert everything(world.course.id, world.clock) == once


def forget(backend: Backend) -> None:
    """All that was counted."""
    backend.empty({key: row for key, row in backend.kept().items() if row["kind"]["S"] not in COUNTS})


@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_between_two_calls_has_counted_all_or_nothing(
    world: World, life: list[Record], backend: Backend, after: bool
) -> None:
    few = life[:6]
    fold(few)
    once = everything(world.course.id, world.clock)
    died = 0
    forget(backend)
    for dead in killed_at_each_call(few, CALLS, after):
        died += dead
        assert everything(world.course.id, world.clock) == once
        forget(backend)
    assert died == 7


def test_a_change_that_cannot_be_read_fails_alone(world: World, life: list[Record], backend: Backend) -> None:
    broken = {**life[2], "dynamodb": {**life[2]["dynamodb"], "NewImage": {**life[2]["dynamodb"]["NewImage"]}}}
    broken["dynamodb"]["NewImage"]["schema_version"] = {"N": "99"}
    place = broken["dynamodb"]["SequenceNumber"]
    assert fold([*life[:2], broken, *life[3:]]) == [place]
    assert fold([broken, *life[3:]]) == [place]
    assert fold(life[3:]) == []
    some = everything(world.course.id, world.clock)
    forget(backend)
    fold([*life[:2], *life[3:]])
    assert everything(world.course.id, world.clock) == some


def test_a_table_that_is_down_gives_the_whole_batch_back(world: World, life: list[Record], backend: Backend) -> None:
    with backend.faulty("throttle", "TransactWriteItems", times=99):
        assert fold(life) == [life[0]["dynamodb"]["SequenceNumber"]]
    assert everything(world.course.id, world.clock) == {}
    assert fold(life) == []


def test_a_batch_of_a_day_takes_three_round_trips_and_a_look_at_the_course(
    world: World, life: list[Record], backend: Backend
) -> None:
    today = [record for record in life if "answers" in record["dynamodb"]["NewImage"]]
    assert len(today) == 6
    with backend.watched() as watched:
        fold(today)
    calls = [call.operation for call in watched.calls]
    assert calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems", "GetItem"]


def test_b39_what_a_guest_did_is_not_counted_again_for_the_account(world: World, backend: Backend) -> None:
    guest = world.guest()
    practised(world, guest, an_answer(1))
    before = len(changes(backend))
    fold(told(backend))
    once = figures(world, "engagement", "total")
    account = an_account()
    links.begin(account, guest, world.clock.now())
    carry_guest.run(account, guest.learner, world.clock.now(), lambda jobs: None)
    moved = told(backend, before)
    assert any(record["dynamodb"]["NewImage"]["kind"] == {"S": "session"} for record in moved)
    fold(moved)
    assert figures(world, "engagement", "total") == once
    practised(world, account, an_answer(2))
    fold(told(backend, before))
    assert figures(world, "engagement", "total")["answers"] == once["answers"] + 1


def test_nothing_that_is_kept_holds_a_learners_id(world: World, life: list[Record], backend: Backend) -> None:
    fold(life)
    ids = {record["dynamodb"]["Keys"]["pk"]["S"].rpartition(".")[2] for record in life}
    kept = [key for key, row in backend.kept().items() if row["kind"]["S"] in COUNTS]
    assert len(kept) > 20
    assert not [id_ for id_ in ids if id_ in str(kept)]


def test_a_session_that_goes_on_counts_what_is_new(world: World, backend: Backend) -> None:
    who = world.reader()
    sent = a_session(an_answer(1))
    assert world.call("record_session", who, sent).status == 201
    more = {**sent, "attempts": [*sent["attempts"], an_answer(2)]}
    assert world.call("record_session", who, more).status in (200, 201)
    fold(told(backend))
    assert figures(world, "engagement", "total").items() >= {"answers": 2, "sessions": 1, "active": 1}.items()
    assert figures(world, "skills", "total")["measured"] == 2
