"""Sessions are listed newest first, page after page, to who practised them."""

import base64
import json
from datetime import timedelta

import pytest

from attune.store import sessions
from tests.builders import NOW, a_uuid, an_account
from tests.functions.conftest import World
from tests.functions.practising import Json, an_answer, at, practised


def test_before_practice_there_are_none(world: World) -> None:
    assert world.call("list_sessions", an_account()).json == {"items": [], "next_cursor": None}


def test_a_session_is_shown_as_it_was_counted(world: World) -> None:
    who = world.guest()
    answer = an_answer(1, 30, correct=None, response=None, score=0.25, difficulty=5, hints_used=2, duration_ms=1500)
    reply = practised(world, who, answer, an_answer(2, 40), ended_at=at(minutes=20), item_id=world.slug)
    (found,) = world.call("list_sessions", who).json["items"]
    second, first = found.pop("attempts")
    assert found == {
        "session_id": reply.json["session_id"],
        "started_at": "2031-05-05T11:00:00Z",
        "ended_at": "2031-05-05T11:40:00Z",
        "item_id": world.slug,
        "recommendation_id": None,
    }
    assert first == {
        "attempt_id": "a1",
        "item_id": "q1",
        "at": "2031-05-05T11:30:00Z",
        "score": 0.25,
        "skills": ["sense"],
        "difficulty": 5,
        "hints_used": 2,
        "duration_ms": 1500,
        "phase": None,
        "mistake": None,
        "loss": None,
    }
    assert (second["attempt_id"], second["at"]) == ("a2", "2031-05-05T11:20:00Z")


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_b12_pages_follow_each_other_newest_first(world: World, limit: int) -> None:
    who, ids = world.guest(), []
    for day in range(7):
        ids.append(practised(world, who, an_answer(day), started_at=at(days=day, hours=1)).json["session_id"])
    found: list[str] = []
    cursor: str | None = None
    for _ in range(9):
        query = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
        page = world.call("list_sessions", who, query=query).json
        assert len(page["items"]) <= limit
        found += [session["session_id"] for session in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert (found, cursor) == (ids, None)


def test_a_session_that_turns_out_to_have_begun_earlier_moves(world: World) -> None:
    who, moving = world.guest(), a_uuid()
    practised(world, who, an_answer(1), session_id=moving)
    other = practised(world, who, an_answer(2), started_at=at(hours=5)).json["session_id"]
    practised(world, who, an_answer(3), session_id=moving, started_at=at(hours=9))
    found = world.call("list_sessions", who).json["items"]
    assert [session["session_id"] for session in found] == [other, moving]
    assert found[1]["started_at"] == "2031-05-05T03:00:00Z"


def test_b20_a_page_holds_no_more_attempts_than_an_answer_can(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_LISTED", 5)
    who = world.guest()
    for day, count in enumerate((2, 2, 2, 7, 1)):
        answers = [an_answer(number, 40 - number) for number in range(count)]
        practised(world, who, *answers, started_at=at(days=day, hours=1))
    sizes: list[list[int]] = []
    cursor: Json = {}
    while True:
        page = world.call("list_sessions", who, query=cursor).json
        sizes.append([len(session["attempts"]) for session in page["items"]])
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sizes == [[2, 2], [2], [7], [1]]


def test_b10_a_cursor_is_the_callers_and_the_querys(world: World) -> None:
    who, other = world.guest(), world.guest()
    for each in (who, other):
        for day in range(2):
            practised(world, each, an_answer(day), started_at=at(days=day, hours=1))
    cursor = world.call("list_sessions", who, query={"limit": "1"}).json["next_cursor"]
    assert world.call("list_sessions", who, query={"limit": "1", "cursor": cursor}).status == 200
    world.call("list_sessions", other, query={"cursor": cursor}).problem(400, "malformed_cursor")
    world.call("list_recommendation_history", who, query={"cursor": cursor}).problem(400, "malformed_cursor")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "%00",
        base64.urlsafe_b64encode(b"[" * 300).decode(),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
        base64.urlsafe_b64encode(b"9" * 5000).decode(),
        *(
            base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
            for value in ([], ["a"], ["a", "b"], {"a": 1, "b": 2}, "ab", 5, None, [["a"], "b"], ["a", "b", "c"])
        ),
    ],
)
def test_b10_a_cursor_that_was_made_up_is_400(world: World, cursor: str) -> None:
    world.call("list_sessions", world.guest(), query={"cursor": cursor}).problem(400, "malformed_cursor")


def test_b10_a_cursor_with_one_letter_changed_is_400(world: World) -> None:
    who = world.guest()
    for day in range(2):
        practised(world, who, an_answer(day), started_at=at(days=day, hours=1))
    cursor = world.call("list_sessions", who, query={"limit": "1"}).json["next_cursor"]
    for place in range(0, len(cursor), 7):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        world.call("list_sessions", who, query={"cursor": changed}).problem(400, "malformed_cursor")
    world.call("list_sessions", who, query={"cursor": f"{cursor}="}).problem(400, "malformed_cursor")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "many", ""])
def test_b11_a_limit_is_one_to_a_hundred(world: World, limit: str) -> None:
    world.call("list_sessions", world.guest(), query={"limit": limit}).problem(422, "invalid")


def test_courses_and_learners_are_apart(world: World) -> None:
    who = world.guest()
    practised(world, who)
    assert world.call("list_sessions", world.guest()).json["items"] == []
    world.call("list_sessions", who, query={"course": "another"}).problem(404, "unknown_course")
    world.call("list_sessions", world.guest(), x_user_id=who.subject).problem(404, "not_found")


def test_b12_time_passes_without_losing_any(world: World) -> None:
    who = world.guest()
    practised(world, who)
    world.clock.advance(timedelta(days=4000))
    assert len(world.call("list_sessions", who).json["items"]) == 1
    assert world.clock.now() > NOW
