"""Any subset of the preferences changes, and the whole stays valid."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attune.edge.preferences import _zones
from tests.builders import NOW, a_guest, an_account
from tests.functions.conftest import World


def test_a_subset_changes_and_the_rest_stays(world: World) -> None:
    who = world.guest()
    first = world.call("put_preferences", who, {"feedback_style": "simple", "user_id": who.subject})
    second = world.call("put_preferences", who, {"preferred_difficulty": 4, "extras": {"seats": 9}})
    assert (first.status, first.headers["ETag"], second.headers["ETag"], second.json["rev"]) == (200, '"1"', '"2"', 2)
    chosen = second.json["preferences"]
    assert (chosen["feedback_style"], chosen["preferred_difficulty"]) == ("simple", 4)
    assert chosen["extras"] == {"seats": 9, "stakes": [], "table.name": ""}
    assert world.call("get_preferences", who).json == second.json


def test_null_takes_the_difficulty_back(world: World) -> None:
    who = world.guest()
    world.call("put_preferences", who, {"preferred_difficulty": 4})
    reply = world.call("put_preferences", who, {"preferred_difficulty": None})
    assert (reply.json["preferences"]["preferred_difficulty"], reply.json["rev"]) == (None, 2)


@pytest.mark.parametrize("body", [{}, {"extras": {}}, {"feedback_style": "simple"}, {"extras": {"seats": 9}}])
def test_what_changes_nothing_leaves_the_revision(world: World, body: dict[str, object]) -> None:
    who = world.guest()
    world.call("put_preferences", who, {"feedback_style": "simple", "extras": {"seats": 9}})
    assert world.call("put_preferences", who, body).headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"colour": "red"}, ["/colour"]),
        ({"session_length": "20"}, ["/session_length"]),
        ({"session_length": 20.5}, ["/session_length"]),
        ({"session_length": True}, ["/session_length"]),
        ({"session_length": 4}, ["/session_length"]),
        ({"time_availability": 1441}, ["/time_availability"]),
        ({"session_length": 31}, ["/session_length"]),
        ({"time_availability": 19}, ["/session_length"]),
        ({"preferred_difficulty": 6, "feedback_style": "loud"}, ["/feedback_style", "/preferred_difficulty"]),
        ({"challenge_level": 1.01}, ["/challenge_level"]),
        ({"training_reminders": 1}, ["/training_reminders"]),
        ({"learning_goals": ["build", "rest"]}, ["/learning_goals/1"]),
        ({"time_zone": "Mars/Olympus"}, ["/time_zone"]),
        ({"time_zone": "localtime"}, ["/time_zone"]),
        ({"time_zone": "right/UTC"}, ["/time_zone"]),
        ({"time_zone": "../UTC"}, ["/time_zone"]),
        ({"learning_style": {"visual": 0.9, "social": 0.9}}, ["/learning_style"]),
        ({"learning_style": {"olfactory": 0.1}}, ["/learning_style/olfactory"]),
        ({"extras": {"seats": 11}}, ["/extras/seats"]),
        ({"extras": {"seats": True}}, ["/extras/seats"]),
        ({"extras": {"stakes": ["low", "huge"]}}, ["/extras/stakes/1"]),
        ({"extras": {"chairs": 1}}, ["/extras/chairs"]),
        ({"feedback_style": None}, ["/feedback_style"]),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(world: World, body: dict[str, object], pointers: list[str]) -> None:
    who = an_account()
    flaws = world.call("put_preferences", who, body).problem(422, "invalid")["errors"]
    assert sorted(flaw["pointer"] for flaw in flaws) == pointers
    assert world.call("get_preferences", who).json["rev"] == 0


def test_b6_a_whole_number_is_the_same_however_it_is_written(world: World) -> None:
    who = world.guest()
    text = '{"session_length": 2.0e1, "challenge_level": 1.0, "extras": {"seats": 9.0}}'
    first = world.call("put_preferences", who, text)
    assert first.headers["ETag"] == '"1"'
    again = world.call("put_preferences", who, '{"session_length": 20, "challenge_level": 1, "extras": {"seats": 9}}')
    assert (again.headers["ETag"], again.body) == ('"1"', first.body)
    found = first.json["preferences"]
    assert (found["session_length"], found["challenge_level"], found["extras"]["seats"]) == (20, 1.0, 9)


def test_every_zone_that_can_be_chosen_is_there() -> None:
    assert {"UTC", "Europe/Paris", "Asia/Karachi", "Pacific/Apia"} < _zones()
    assert not [name for name in _zones() if ZoneInfo(name).utcoffset(NOW) is None]


def test_a_change_of_another_revision_is_refused(world: World) -> None:
    who = world.guest()

    def put(level: float, tags: str) -> Any:
        return world.call("put_preferences", who, {"challenge_level": level}, if_match=tags)

    put(0.1, '"1"').problem(412, "precondition_failed")
    assert put(0.1, '"0"').status == 200
    assert put(0.2, '"1"').status == 200
    put(0.3, '"1"').problem(412, "precondition_failed")
    put(0.3, 'W/"2"').problem(412, "precondition_failed")
    assert put(0.3, "*").status == 200
    assert world.call("get_preferences", who).json["preferences"]["challenge_level"] == 0.3


def test_a_client_may_send_every_tag_that_it_knows(world: World) -> None:
    who = world.guest()
    tags = ", ".join(f'"{number}"' for number in range(150))
    assert world.call("put_preferences", who, {"challenge_level": 0.9}, if_match=tags).status == 200


def test_goals_are_kept_once_in_the_order_sent(world: World) -> None:
    reply = world.call("put_preferences", world.guest(), {"learning_goals": ["study", "build", "study"]})
    assert reply.json["preferences"]["learning_goals"] == ["study", "build"]


def test_another_learners_id_is_404_and_changes_neither(world: World) -> None:
    who, other = world.guest(), world.guest()
    world.call("put_preferences", who, {"challenge_level": 0.9, "user_id": other.subject}).problem(404, "not_found")
    for each in (who, other):
        assert world.call("get_preferences", each).json["rev"] == 0


def test_a_guest_that_does_not_exist_is_told_so(world: World) -> None:
    world.call("put_preferences", a_guest(), {"challenge_level": 0.9}).problem(401, "unknown_user")
