"""Personalization is turned off and on again: nothing is chosen for the learner meanwhile, and nothing is forgotten."""

from typing import Any

import pytest

from attune.actions import recommend
from attune.domain.principal import Principal
from attune.store import courses, keys, learner_course
from tests.backends import Backend
from tests.builders import NOW, a_guest, a_uuid, an_account, answers
from tests.functions.conftest import World
from tests.functions.practising import practised, recommended

ME = "/api/user/me"


def switch(world: World, who: Principal, to: str) -> Any:
    reply = world.call("update_user", who, {"personalization": to}, path=ME)
    assert reply.status == 200
    assert reply.json["personalization"] == world.call("get_user", who, path=ME).json["personalization"] == to
    return reply.json


def test_the_switch_is_shown_and_stays(world: World) -> None:
    who = world.guest()
    assert world.call("get_user", who, path=ME).json["personalization"] == "on"
    for to in ("on", "off", "off", "on"):
        assert switch(world, who, to)["id"] == who.subject
    assert world.call("update_user", who, {"personalization": "off"}, path=f"/api/user/{who.subject}").status == 200


def test_an_account_may_begin_with_it(world: World) -> None:
    who = an_account()
    switch(world, who, "off")
    assert world.call("get_preferences", who).json["is_default"] is True


def test_turning_it_twice_writes_once(world: World, backend: Backend) -> None:
    who = world.reader()
    switch(world, who, "off")
    before = backend.rows(keys.user(who.learner).pk)
    switch(world, who, "off")
    assert backend.rows(keys.user(who.learner).pk) == before


def test_everything_but_the_switch_stays_as_it_was(world: World) -> None:
    who = world.reader()
    world.call("put_preferences", who, {"challenge_level": 0.9})
    practised(world, who)
    reads = [("get_answers", None), ("get_preferences", None), ("list_recommendations", None), ("get_profile", None)]
    before = [world.call(name, who).json for name, _ in reads]
    switch(world, who, "off")
    assert recommended(world, who) != before[2]["items"]
    switch(world, who, "on")
    assert [world.call(name, who).json for name, _ in reads] == before


def test_while_it_is_off_recommendations_stand_in_the_order_of_the_course(world: World) -> None:
    who = world.reader()
    practised(world, who)
    switch(world, who, "off")
    reply = world.call("list_recommendations", who, query={"difficulty": "5", "count": "20", "time_available": "1440"})
    found = reply.json["items"]
    assert [one["item"] for one in found] == [world.slug, *[one["item"] for one in found[1:]]]
    assert {reason["code"] for one in found for reason in one["reasons"]} == {"course_order"}
    assert {one["propensity"] for one in found} == {1.0}
    assert [one["priority"] for one in found] == sorted({one["priority"] for one in found}, reverse=True)
    assert all(sum(reason["weight"] for reason in one["reasons"]) == one["priority"] for one in found)
    assert {reply.json["context"][name]["source"] for name in ("difficulty", "goals")} == {"default"}
    assert world.call("list_recommendations", who).json == world.call("list_recommendations", who).json
    first = found[0]["id"]
    taken = world.call("answer_recommendation", who, {"recommendation_id": first, "action": "accept"})
    assert taken.json["status"] == "ACCEPTED"


def test_while_it_is_off_the_original_is_served_and_nothing_is_queued(world: World) -> None:
    who = world.reader(aims=["build"])
    world.call("personalize_lesson", who, {"lesson_slug": world.slug})
    world.messages()
    switch(world, who, "off")
    for again in (False, True):
        reply = world.call("personalize_lesson", who, {"lesson_slug": world.slug, "regenerate": again})
        assert {section["reason"] for section in reply.json["sections"]} == {"personalization_off"}
        assert "goal" not in reply.json["frame"]["introduction"]
    assert (
        world.call("get_personalized", who, path=f"/api/personalize/{world.slug}").json["provenance"]["writer"] is None
    )
    assert world.messages() == []


def test_while_it_is_off_nothing_is_prepared_at_night(world: World) -> None:
    who = world.reader()
    switch(world, who, "off")
    course = courses.load_current(world.course.id, NOW)
    assert recommend.renewed(learner_course.read(who, course.id, NOW), course, NOW) is None
    switch(world, who, "on")
    assert recommend.renewed(learner_course.read(who, course.id, NOW), course, NOW) is not None


def test_it_is_the_callers_own(world: World) -> None:
    who = world.guest(**answers())
    world.call("update_user", who, {"personalization": "off"}, path=f"/api/user/{a_uuid()}").problem(
        404, "unknown_user"
    )
    world.call("update_user", a_guest(), {"personalization": "off"}, path=ME).problem(401, "unknown_user")


@pytest.mark.parametrize(
    "body", [{}, {"personalization": True}, {"personalization": "OFF"}, {"personalisation": "off"}]
)
def test_what_is_no_switch_is_refused(world: World, body: Any) -> None:
    world.call("update_user", world.guest(), body, path=ME).problem(422, "invalid")
