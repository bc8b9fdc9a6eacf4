"""What the learner prefers; the defaults if nothing was chosen."""

from attune.store import keys
from tests.backends import Backend
from tests.builders import an_account
from tests.functions.conftest import World


def test_defaults_are_read_without_writing_anything(world: World, backend: Backend) -> None:
    who = an_account()
    reply = world.call("get_preferences", who)
    assert (reply.status, reply.headers["ETag"]) == (200, '"0"')
    assert (reply.json["is_default"], reply.json["rev"]) == (True, 0)
    chosen = reply.json["preferences"]
    assert chosen["learning_style"] == {"visual": 0.25, "practical": 0.25, "theoretical": 0.25, "social": 0.25}
    assert (chosen["time_availability"], chosen["session_length"], chosen["preferred_difficulty"]) == (30, 20, None)
    assert chosen["extras"] == {"seats": 6, "stakes": [], "table.name": ""}
    assert backend.rows(keys.user(who.learner).pk) == []


def test_the_revision_is_the_etag(world: World) -> None:
    who = world.guest()
    world.call("put_preferences", who, {"feedback_style": "simple"})
    reply = world.call("get_preferences", who)
    assert (reply.json["rev"], reply.headers["ETag"], reply.json["is_default"]) == (1, '"1"', False)
    assert world.call("get_preferences", who, if_none_match='"1"').status == 304
    assert world.call("get_preferences", who, if_none_match='"0"').status == 200
    assert (reply.headers["Cache-Control"], reply.headers["Vary"]) == ("private, no-cache", "Authorization")


def test_a_tag_of_one_course_is_not_one_of_another(world: World) -> None:
    world.call("get_preferences", an_account(), query={"course": "no-such-course"}).problem(404, "unknown_course")


def test_nobody_reads_nothing(world: World) -> None:
    world.call("get_preferences").problem(401, "token_missing")
