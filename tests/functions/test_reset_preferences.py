"""Every default again."""

from tests.builders import an_account
from tests.functions.conftest import World


def test_every_choice_is_forgotten(world: World) -> None:
    who = world.guest()
    defaults = world.call("get_preferences", who).json["preferences"]
    sent = {"preferred_difficulty": 5, "time_zone": "Asia/Karachi", "extras": {"seats": 2}, "learning_goals": ["build"]}
    assert world.call("put_preferences", who, sent).json["preferences"] != defaults
    reply = world.call("reset_preferences", who)
    assert (reply.status, reply.json, reply.headers["ETag"]) == (
        200,
        {"preferences": defaults, "is_default": True, "rev": 2},
        '"2"',
    )
    assert world.call("get_preferences", who).json == reply.json
    assert world.call("reset_preferences", who).headers["ETag"] == '"2"'


def test_answers_stay(world: World) -> None:
    who = world.reader()
    world.call("put_preferences", who, {"challenge_level": 1})
    world.call("reset_preferences", who)
    assert world.call("get_answers", who).headers["ETag"] == '"1"'


def test_a_reset_of_another_revision_is_refused(world: World) -> None:
    who = world.guest()
    world.call("put_preferences", who, {"challenge_level": 1})
    world.call("reset_preferences", who, if_match='"0"').problem(412, "precondition_failed")
    assert world.call("get_preferences", who).json["is_default"] is False
    assert world.call("reset_preferences", who, if_match='"1"').status == 200


def test_where_nothing_was_chosen_nothing_changes(world: World) -> None:
    reply = world.call("reset_preferences", an_account())
    assert (reply.status, reply.json["rev"], reply.json["is_default"]) == (200, 0, True)


def test_a_body_is_refused(world: World) -> None:
    world.call("reset_preferences", world.guest(), {}).problem(400, "unexpected_body")
