"""Take it or refuse it, once; and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest

from attune.store import keys
from tests.backends import Backend
from tests.builders import a_guest, a_uuid
from tests.functions.conftest import Reply, World
from tests.functions.practising import an_answer, practised, recommended


def answer(world: World, who: Any, id_: str, action: str = "accept", **more: Any) -> Reply:
    return world.call("answer_recommendation", who, {"recommendation_id": id_, "action": action, **more})


def test_accepting_gives_a_fortnight(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    reply = answer(world, who, offer["id"], rating=4)
    assert reply.status == 200
    assert {name: reply.json[name] for name in offer} == {
        **offer,
        "status": "ACCEPTED",
        "expires_at": "2031-05-19T12:00:00Z",
    }
    assert (reply.json["responded_at"], reply.json["rating"], reply.json["reason"]) == ("2031-05-05T12:00:00Z", 4, None)
    assert (reply.json["effect"], reply.json["opinion"]) == (None, {})


@pytest.mark.parametrize("reason", ["too_hard", "too_easy", "seen", "not_now", "not_relevant", None])
def test_declining_closes_it(world: World, reason: str | None) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    reply = answer(world, who, offer["id"], "decline", **({"reason": reason} if reason else {}))
    assert (reply.json["status"], reply.json["reason"], reply.json["expires_at"]) == ("DECLINED", reason, None)
    assert world.call("get_profile", who).json["recommendations"]["declined"] == 1


def test_c15_the_same_answer_again_is_the_same_and_writes_nothing(world: World, backend: Backend) -> None:
    who = world.reader()
    one, other = recommended(world, who)
    said: dict[str, tuple[str, dict[str, Any]]] = {
        one["id"]: ("accept", {"rating": 2}),
        other["id"]: ("decline", {"reason": "seen"}),
    }
    first = {id_: answer(world, who, id_, action, **more).body for id_, (action, more) in said.items()}
    rows = backend.rows(keys.user(who.learner).pk)
    for id_, (action, more) in said.items():
        assert answer(world, who, id_, action, **more).body == first[id_]
    assert backend.rows(keys.user(who.learner).pk) == rows


@pytest.mark.parametrize(
    ("first", "then", "status", "allowed"),
    [
        ("accept", {"action": "decline"}, "ACCEPTED", ["complete"]),
        ("accept", {"action": "accept", "rating": 5}, "ACCEPTED", ["complete"]),
        ("decline", {"action": "accept"}, "DECLINED", []),
        ("decline", {"action": "decline", "reason": "seen"}, "DECLINED", []),
    ],
)
def test_c15_another_answer_is_a_conflict_and_says_what_is_allowed(
    world: World, first: str, then: dict[str, Any], status: str, allowed: list[str]
) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    answer(world, who, offer["id"], first)
    for _ in range(2):
        problem = answer(world, who, offer["id"], **then).problem(409, "illegal_action")
        assert (problem["allowed"], problem["current"], problem["status"]) == (allowed, status, 409)
        # Once it has left its set, only the history knows of it.
        recommended(world, who)
    assert status in {one["status"] for one in world.call("list_recommendation_history", who).json["items"]}


def test_it_can_be_answered_for_three_days_though_newer_sets_were_made(world: World) -> None:
    who = world.reader()
    (offer, second) = recommended(world, who)
    practised(world, who, an_answer(1))
    assert offer["id"] not in {one["id"] for one in recommended(world, who)}
    world.clock.advance(timedelta(hours=72, milliseconds=-1))
    assert answer(world, who, offer["id"]).status == 200
    world.clock.advance(timedelta(milliseconds=1))
    problem = answer(world, who, second["id"]).problem(409, "illegal_action")
    assert problem["allowed"] == []


def test_c15_one_that_is_only_known_by_its_id_has_expired(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    for count in range(4, 20):
        for _ in range(2):
            recommended(world, who, count=str(count), refresh="true")
    world.clock.advance(timedelta(days=4))
    answer(world, who, offer["id"]).problem(409, "illegal_action")


def test_ids_of_nobody_and_of_others_are_404(world: World) -> None:
    who, other = world.reader(), world.reader()
    (foreign, *_) = recommended(world, other)
    (own, *_) = recommended(world, who)
    for id_ in (foreign["id"], a_uuid(), own["id"][:-2] + "00", a_guest().subject):
        for action in ("accept", "decline"):
            answer(world, who, id_, action).problem(404, "unknown_recommendation")
    assert recommended(world, other)[0]["status"] == "PENDING"


def test_a_rank_that_was_never_drawn_is_none(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    assert answer(world, who, f"{offer['id'][:-2]}ff").status == 409


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/recommendation_id"),
        ({"recommendation_id": "1"}, "/recommendation_id"),
        ({"recommendation_id": "019AA4F1-2C00-8A1B-9C2D-3E4F5A6B7C01"}, "/recommendation_id"),
        ({"action": "complete"}, "/action"),
        ({"action": "ACCEPT"}, "/action"),
        ({"rating": 0}, "/rating"),
        ({"rating": 6}, "/rating"),
        ({"rating": 4.5}, "/rating"),
        ({"rating": "4"}, "/rating"),
        ({"reason": "boring"}, "/reason"),
        ({"status": "ACCEPTED"}, "/status"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(world: World, body: dict[str, Any], pointer: str) -> None:
    whole = {"recommendation_id": a_uuid(), "action": "accept", **body} if body else {}
    flaws = world.call("answer_recommendation", world.guest(), whole).problem(422, "invalid")["errors"]
    assert pointer in {flaw["pointer"] for flaw in flaws}


def test_strangers_change_nothing(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    world.call("answer_recommendation", None, {}).problem(401, "token_missing")
    answer(world, world.guest(), offer["id"], user_id=who.subject).problem(404, "not_found")
    answer(world, world.guest(), offer["id"]).problem(404, "unknown_recommendation")
    answer(world, a_guest(), offer["id"]).problem(401, "unknown_user")
    assert recommended(world, who)[0]["status"] == "PENDING"
