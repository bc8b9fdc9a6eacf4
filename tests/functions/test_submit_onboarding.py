"""All answers at once, checked against the course; from then on the learner is onboarded."""

from typing import Any

import pytest

from attune.store import learner_settings
from tests.builders import NOW, a_guest, a_uuid, an_account, answers
from tests.functions.conftest import World


def submit(world: World, body: object, **headers: Any) -> Any:
    return world.call("submit_onboarding", world.guest(), body, **headers)


def test_the_answers_are_stored_and_answered(world: World) -> None:
    who = world.guest()
    reply = world.call("submit_onboarding", who, {**answers(), "user_id": who.subject})
    expected = {**answers(), "user_id": who.subject, "updated_at": "2031-05-05T12:00:00Z"}
    assert (reply.status, reply.json, reply.headers["ETag"]) == (200, expected, '"1"')
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert world.call("get_answers", who).json == expected
    assert world.call("get_user", who, path="/api/user/me").json["onboarding_completed"] is True


def test_what_is_left_out_and_not_required_has_its_default(world: World) -> None:
    reply = submit(world, {"experience": "much", "aims": ["study", "build", "study"]})
    assert {name: reply.json[name] for name in ("hardware", "language", "aims")} == {
        "hardware": False,
        "language": "en",
        "aims": ["build", "study"],
    }


def test_an_account_begins_by_answering(world: World) -> None:
    who = an_account()
    assert world.call("submit_onboarding", who, answers()).status == 200
    assert world.call("get_user", who, path="/api/user/me").json["created_at"] == "2031-05-05T12:00:00Z"


def test_a_guest_that_does_not_exist_cannot_answer(world: World) -> None:
    world.call("submit_onboarding", a_guest(), answers()).problem(401, "unknown_user")


def test_answering_again_replaces_and_the_same_answers_change_nothing(world: World) -> None:
    who = world.guest(**answers())
    world.clock.advance(60)
    assert world.call("submit_onboarding", who, answers()).headers["ETag"] == '"1"'
    other = world.call("submit_onboarding", who, answers(experience="much"))
    assert (other.headers["ETag"], other.json["updated_at"]) == ('"2"', "2031-05-05T12:01:00Z")


def test_everything_wrong_is_told_at_once_and_nothing_stored(world: World) -> None:
    who = world.guest()
    sent = {"experience": "wizard", "hardware": "yes", "aims": [], "colour": "red", "a/b~c": True}
    reply = world.call("submit_onboarding", who, sent)
    told = {flaw["pointer"]: flaw["code"] for flaw in reply.problem(422, "invalid")["errors"]}
    assert told == {
        "/experience": "not_offered",
        "/hardware": "wrong_type",
        "/aims": "too_few",
        "/colour": "unknown_question",
        "/a~1b~0c": "unknown_question",
    }
    assert "wizard" not in reply.body
    assert not learner_settings.get(who, world.course.id, NOW).onboarded


def test_required_questions_are_required(world: World) -> None:
    flaws = submit(world, {}).problem(422, "invalid")["errors"]
    assert [(flaw["pointer"], flaw["code"]) for flaw in flaws] == [("/experience", "missing"), ("/aims", "missing")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ('{"experience": NaN}', 400),
        ('{"experience": "none", "experience": "much"}', 400),
        ('{"experience": "\\ud800"}', 400),
        ('{"experience": "\\u0000"}', 400),
        ('\ufeff{"experience": "none"}', 400),
        ('{"experience": 9007199254740993}', 400),
        ("[" * 40 + "]" * 40, 400),
        ("[]", 422),
        ("null", 422),
        ('"x"', 422),
        ('{"experience": 1}', 422),
        ('{"experience": null}', 422),
        ('{"aims": [["build"]]}', 422),
        ('{"aims": ["build", 1]}', 422),
        ('{"experience": {"a": 1}}', 422),
        ('{"experience": "' + "x" * 300_000 + '"}', 413),
    ],
    ids=range(18),
)
def test_a_body_that_is_not_an_object_of_answers_is_refused(world: World, body: str, status: int) -> None:
    reply = submit(world, body)
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=latin1", ""])
def test_another_media_type_is_refused(world: World, kind: str) -> None:
    submit(world, answers(), content_type=kind).problem(415, "unsupported_media_type")


def test_a_body_that_names_another_learner_is_404_and_changes_nothing(world: World) -> None:
    who, other = world.guest(), world.guest()
    for named in (other.subject, a_uuid(), 7, "me"):
        world.call("submit_onboarding", who, {**answers(), "user_id": named}).problem(404, "not_found")
    assert not learner_settings.get(who, world.course.id, NOW).onboarded
    assert not learner_settings.get(other, world.course.id, NOW).onboarded
