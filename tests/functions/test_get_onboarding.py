"""The questionnaire, in the language that the browser asks for."""

import pytest

from tests.builders import an_id
from tests.functions.conftest import World


def test_every_question_is_shown_and_nothing_of_what_answers_imply(world: World) -> None:
    reply = world.call("get_onboarding")
    assert reply.status == 200
    assert [question["id"] for question in reply.json["questions"]] == ["experience", "hardware", "aims", "language"]
    hardware = reply.json["questions"][1]
    assert (hardware["type"], hardware["required"], hardware["default"]) == ("boolean", False, False)
    assert [option["value"] for option in hardware["options"]] == [True, False]
    assert set(reply.json["questions"][0]["options"][0]) == {"value", "label"}
    assert (reply.json["course"], reply.json["language"], reply.json["direction"]) == (world.course.id, "en", "ltr")


@pytest.mark.parametrize(
    ("asked", "language", "direction"),
    [
        ("ur", "ur", "rtl"),
        ("ur-PK,en;q=0.5", "ur", "rtl"),
        ("de, en;q=0.3, ur;q=0.8", "ur", "rtl"),
        ("en;q=0.2, ur;q=0", "en", "ltr"),
        ("de", "en", "ltr"),
        ("*", "en", "ltr"),
        (";;;q=x,,", "en", "ltr"),
    ],
)
def test_the_browser_chooses_among_the_courses_languages(
    world: World, asked: str, language: str, direction: str
) -> None:
    reply = world.call("get_onboarding", accept_language=asked)
    assert (reply.json["language"], reply.json["direction"]) == (language, direction)
    assert reply.headers["Content-Language"] == language
    assert reply.json["questions"][1]["label"] == {"en": "A robot?", "ur": "روبوٹ؟"}[language]
    assert reply.headers["Vary"] == "Accept-Language"


def test_a_browser_that_has_it_gets_no_body(world: World) -> None:
    first = world.call("get_onboarding")
    again = world.call("get_onboarding", if_none_match=first.headers["ETag"])
    assert (again.status, again.body, again.headers["ETag"]) == (304, "", first.headers["ETag"])
    assert again.headers["Cache-Control"] == "public, no-cache"
    other = world.call("get_onboarding", if_none_match=first.headers["ETag"], accept_language="ur")
    assert other.status == 200
    world.publish(title="Second")
    assert world.call("get_onboarding", if_none_match=first.headers["ETag"]).status == 200


def test_a_course_that_is_not_there_has_none(world: World) -> None:
    world.call("get_onboarding", query={"course": an_id().replace("_", "x")}).problem(404, "unknown_course")
    world.call("get_onboarding", query={"course": "USER#x"}).problem(422, "invalid")
