"""What was done is closed with the effect that the evidence shows; what is claimed is an opinion."""

from datetime import timedelta
from typing import Any

import pytest

from attune.store import keys
from tests.backends import Backend
from tests.builders import a_guest, a_uuid
from tests.functions.conftest import Reply, World
from tests.functions.practising import an_answer, at, practised, recommended


def complete(world: World, who: Any, id_: str, **more: Any) -> Reply:
    return world.call("complete_recommendation", who, {"recommendation_id": id_, "completion_time": 24, **more})


def test_the_effect_is_measured_and_the_opinion_kept_apart(world: World) -> None:
    who = world.reader()
    world.clock.advance(-3600)
    (offer, *_) = recommended(world, who)
    world.clock.advance(3600)
    practised(world, who, an_answer(1), an_answer(2, 20, correct=False))
    reply = complete(world, who, offer["id"], user_rating=5, actual_improvement=500, effectiveness=0.9)
    found = reply.json
    assert (reply.status, found["status"], found["expires_at"]) == (200, "COMPLETED", None)
    assert found["effect"]["skill"] == "sense"
    assert found["effect"]["observed"] == pytest.approx(found["effect"]["after"] - found["effect"]["before"], abs=0.11)
    assert found["opinion"] == {
        "completion_time": 24.0,
        "user_rating": 5.0,
        "actual_improvement": 500.0,
        "effectiveness": 0.9,
    }
    stats = found["stats"]
    assert (stats["completed"], stats["accepted"], stats["average_rating"]) == (1, 1, 5.0)
    assert (stats["average_effectiveness"], stats["measured"]) == (0.9, 1)
    assert stats["observed_improvement"] == found["effect"]["observed"]


def test_without_practice_there_is_no_effect_whatever_is_claimed(world: World) -> None:
    who = world.reader()
    practised(world, who, {**an_answer(1), "at": at(hours=2)})
    (offer, *_) = recommended(world, who)
    found = complete(world, who, offer["id"], actual_improvement=500).json
    assert found["effect"] == {
        "skill": "sense",
        "before": None,
        "after": None,
        "observed": None,
        "expected": None,
        "cause": "no_practice_since",
    }
    assert (found["stats"]["measured"], found["stats"]["observed_improvement"]) == (0, None)


def test_what_a_kind_has_brought_is_expected_of_the_next(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who, kinds="practise")
    practised(world, who, an_answer(1, minutes=0), recommendation_id=offer["id"])
    brought = world.call("list_recommendation_history", who).json["items"][0]["effect"]["observed"]
    (following, *_) = recommended(world, who, kinds="practise,retry,review")
    if following["kind"] == offer["kind"]:
        expected = {"points": brought, "basis": "mean_past_gain_of_kind", "n": 1}
        assert following["expected_improvement"] == expected


def test_c15_the_same_again_is_200_and_writes_nothing_and_other_words_are_409(world: World, backend: Backend) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    first = complete(world, who, offer["id"], user_rating=5)
    rows = backend.rows(keys.user(who.learner).pk)
    world.clock.advance(60)
    assert complete(world, who, offer["id"], user_rating=5).body == first.body
    assert complete(world, who, offer["id"], user_rating=5, completion_time=24.0).status == 200
    for other in ({"user_rating": 4}, {}, {"user_rating": 5, "completion_time": 25}):
        complete(world, who, offer["id"], **other).problem(409, "illegal_action")
    assert backend.rows(keys.user(who.learner).pk) == rows
    recommended(world, who)
    assert complete(world, who, offer["id"], user_rating=5).json["status"] == "COMPLETED"


def test_c15_what_a_session_has_closed_takes_an_opinion_once(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    practised(world, who, an_answer(1, minutes=0), recommendation_id=offer["id"])
    # Its set has gone: only the history knows of it.
    recommended(world, who)
    reply = complete(world, who, offer["id"], user_rating=4)
    assert reply.json["effect"]["observed"] > 0
    assert (reply.json["rating"], reply.json["stats"]["average_rating"], reply.json["stats"]["completed"]) == (
        4,
        4.0,
        1,
    )
    assert complete(world, who, offer["id"], user_rating=4).status == 200
    complete(world, who, offer["id"], user_rating=3).problem(409, "illegal_action")
    assert world.call("list_recommendation_history", who).json["items"][0]["rating"] == 4


def test_an_accepted_one_can_be_completed_for_a_fortnight(world: World) -> None:
    who = world.reader()
    one, other = recommended(world, who)
    for offer in (one, other):
        world.call("answer_recommendation", who, {"recommendation_id": offer["id"], "action": "accept"})
    world.clock.advance(timedelta(days=14, milliseconds=-1))
    assert complete(world, who, one["id"]).status == 200
    world.clock.advance(timedelta(milliseconds=1))
    assert complete(world, who, other["id"]).problem(409, "illegal_action")["allowed"] == []


def test_c15_one_that_was_declined_cannot_be_completed(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    world.call("answer_recommendation", who, {"recommendation_id": offer["id"], "action": "decline"})
    complete(world, who, offer["id"]).problem(409, "illegal_action")


def test_ids_of_nobody_and_of_others_are_404(world: World) -> None:
    who, other = world.reader(), world.reader()
    (foreign, *_) = recommended(world, other)
    for id_ in (foreign["id"], a_uuid()):
        complete(world, who, id_).problem(404, "unknown_recommendation")
    complete(world, world.guest(), foreign["id"]).problem(404, "unknown_recommendation")
    complete(world, a_guest(), foreign["id"]).problem(401, "unknown_user")
    complete(world, who, foreign["id"], user_id=other.subject).problem(404, "not_found")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"completion_time": None}, "/completion_time"),
        ({"completion_time": -1}, "/completion_time"),
        ({"completion_time": 10_001}, "/completion_time"),
        ({"completion_time": "24"}, "/completion_time"),
        ({"user_rating": 0}, "/user_rating"),
        ({"user_rating": 4.5}, "/user_rating"),
        ({"actual_improvement": 2001}, "/actual_improvement"),
        ({"effectiveness": 1.1}, "/effectiveness"),
        ({"accuracy_score": -0.1}, "/accuracy_score"),
        ({"satisfaction_score": True}, "/satisfaction_score"),
        ({"effect": {}}, "/effect"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(world: World, body: dict[str, Any], pointer: str) -> None:
    (flaw,) = complete(world, world.guest(), a_uuid(), **body).problem(422, "invalid")["errors"]
    assert flaw["pointer"] == pointer
