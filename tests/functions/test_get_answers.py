"""What the caller answered, and nobody else."""

from tests.builders import an_account
from tests.functions.conftest import World


def test_before_onboarding_there_is_nothing(world: World) -> None:
    world.call("get_answers", world.guest()).problem(404, "not_onboarded")


def test_answers_carry_their_revision(world: World) -> None:
    who = world.reader()
    first = world.call("get_answers", who)
    assert (first.status, first.headers["ETag"], first.headers["Cache-Control"]) == (200, '"1"', "private, no-cache")
    assert first.headers["Vary"] == "Authorization"
    for tags in ('"1"', 'W/"1"', '"7", "1"', "*"):
        again = world.call("get_answers", who, if_none_match=tags)
        assert (again.status, again.body, again.headers["ETag"]) == (304, "", '"1"')
    assert world.call("get_answers", who, if_none_match='"2"').status == 200
    world.call("get_answers", who, if_none_match="1").problem(400, "malformed_header")


def test_preferences_do_not_change_the_revision_of_answers(world: World) -> None:
    who = world.reader()
    world.call("put_preferences", who, {"challenge_level": 0.9})
    assert world.call("get_answers", who, if_none_match='"1"').status == 304


def test_learners_and_courses_are_apart(world: World) -> None:
    who = world.reader(experience="much")
    world.call("get_answers", an_account()).problem(404, "not_onboarded")
    world.call("get_answers", who, query={"course": "another"}).problem(404, "not_onboarded")
    world.call("get_answers", who, x_user_id=world.reader().subject).problem(404, "not_found")
    assert world.call("get_answers", who).json["experience"] == "much"


def test_nobody_reads_nothing(world: World) -> None:
    reply = world.call("get_answers")
    reply.problem(401, "token_missing")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
