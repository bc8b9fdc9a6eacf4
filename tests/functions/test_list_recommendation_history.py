"""What became of earlier recommendations, newest first."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import an_account
from tests.functions.conftest import World
from tests.functions.practising import an_answer, practised, recommended


def history(world: World, who: Any, **query: str) -> Any:
    return world.call("list_recommendation_history", who, query=query).json


def lived(world: World, who: Any, count: int = 6) -> list[str]:
    """So many recommendations of as many sets, answered by turns; their ids, newest first."""
    ids = []
    for place in range(count):
        world.clock.advance(60)
        (offer, *_) = recommended(world, who, refresh="true")
        ids.append(offer["id"])
        if place % 3 == 2:
            practised(world, who, an_answer(place, minutes=-place - 1), recommendation_id=offer["id"])
        else:
            body = {"recommendation_id": offer["id"], "action": ["accept", "decline"][place % 3], "reason": "not_now"}
            world.call("answer_recommendation", who, body)
    return ids[::-1]


def test_before_anything_there_is_nothing(world: World) -> None:
    found = history(world, an_account())
    assert (found["items"], found["next_cursor"], found["by_item"], found["stats"]["total"]) == ([], None, [], 0)


def test_what_was_answered_is_listed_newest_first(world: World) -> None:
    who = world.reader()
    ids = lived(world, who)
    found = history(world, who)
    assert [one["id"] for one in found["items"]] == ids
    assert [one["status"] for one in found["items"]] == ["COMPLETED", "DECLINED", "ACCEPTED"] * 2
    stats = found["stats"]
    assert (stats["total"], stats["accepted"], stats["declined"], stats["completed"]) == (6, 4, 2, 2)
    assert sum(item["completed"] for item in found["by_item"]) == 2
    assert all(item["observed"] is not None for item in found["by_item"])


@pytest.mark.parametrize("status", ["ACCEPTED", "DECLINED", "COMPLETED", "EXPIRED"])
def test_a_status_is_asked_for(world: World, status: str) -> None:
    who = world.reader()
    ids = lived(world, who)
    found = history(world, who, status=status)["items"]
    assert {one["status"] for one in found} <= {status}
    assert len(found) == (0 if status == "EXPIRED" else 2)
    assert [one["id"] for one in found] == [id_ for id_ in ids if id_ in {one["id"] for one in found}]


def test_what_is_open_is_asked_for_by_its_status(world: World) -> None:
    who = world.reader()
    offers = recommended(world, who)
    assert history(world, who)["items"] == []
    found = history(world, who, status="PENDING")["items"]
    assert sorted(one["id"] for one in found) == sorted(one["id"] for one in offers)
    world.clock.advance(timedelta(hours=72))
    assert history(world, who, status="PENDING")["items"] == []


def test_an_accepted_one_that_has_run_out_is_expired(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    world.call("answer_recommendation", who, {"recommendation_id": offer["id"], "action": "accept"})
    world.clock.advance(timedelta(days=14))
    assert history(world, who, status="ACCEPTED")["items"] == []
    assert [one["status"] for one in history(world, who, status="EXPIRED")["items"]] == ["EXPIRED"]


@pytest.mark.parametrize("status", [None, "COMPLETED", "PENDING"])
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_follow_each_other(world: World, status: str | None, limit: int) -> None:
    who = world.reader()
    lived(world, who)
    query = {"status": status} if status else {}
    whole = [one["id"] for one in history(world, who, **query)["items"]]
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(20):
        page = history(world, who, limit=str(limit), **query, **cursor)
        assert len(page["items"]) <= limit
        found += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == whole
    assert len(whole) == len(set(whole)) > 1


def test_a_cursor_is_good_for_its_own_status(world: World) -> None:
    who = world.reader()
    lived(world, who)
    cursor = history(world, who, limit="1")["next_cursor"]
    for query in ({"status": "COMPLETED"}, {"status": "PENDING"}, {"course": "another"}):
        reply = world.call("list_recommendation_history", who, query={"cursor": cursor, **query})
        assert reply.status in (400, 404)
    reply = world.call("list_recommendation_history", world.reader(), query={"cursor": cursor})
    reply.problem(400, "malformed_cursor")


@pytest.mark.parametrize("status", ["pending", "OPEN", ""])
def test_a_status_that_is_none_is_422(world: World, status: str) -> None:
    reply = world.call("list_recommendation_history", world.guest(), query={"status": status})
    assert {flaw["pointer"] for flaw in reply.problem(422, "invalid")["errors"]} == {"/query/status"}


def test_another_learners_history_is_theirs(world: World) -> None:
    who = world.reader()
    lived(world, who, 1)
    assert history(world, world.reader())["items"] == []
    world.call("list_recommendation_history", world.guest(), x_user_id=who.subject).problem(404, "not_found")
