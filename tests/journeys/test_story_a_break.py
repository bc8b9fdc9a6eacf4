"""Story A, a break of sixty days: what is due comes back a little each day; one test for each assertion."""

import pytest

from tests.journeys.conftest import World
from tests.journeys.practising import (
    PROFILE,
    answers,
    course,
    minutes,
    recommended,
    respond,
    results,
    send,
)
from tests.journeys.test_story_a import ANSWERS, KEY, READER, create
from tools.client import Client, Reply

COURSE = "physical-ai"
BEGINS = "2026-11-02T09:00:00Z"
NINE = (
    "embodiment",
    "sensors",
    "actuators",
    "coordinate-frames",
    "motion-models",
    "kinematics",
    "feedback-control",
    "ros2-topics",
    "ros2-services",
)
FREE = 15


def own(skill: str) -> list[str]:
    """The items that train this skill alone."""
    return [item.id for item in course("physical-ai").items if item.skills == (skill,)]


def all_reviews(client: Client) -> Reply:
    """What could be reviewed, as far as a set can hold it."""
    return recommended(client, time_available=1440, count=20, kinds="review")


@pytest.fixture(scope="module")
def story(still: World) -> World:
    """Nine skills by 6 November, and back on 5 January."""
    created = create(still.client(), READER, KEY).json
    still.said["reader"] = one = still.client(created["token"])
    one.post("/api/onboarding", ANSWERS)
    for day, two in enumerate(("embodiment", "sensors actuators", "coordinate-frames motion-models kinematics")):
        still.clock.move(f"2026-11-0{2 + day}T18:00:00Z")
        for name in two.split():
            assert set(results(send(one, f"{name} {day}", answers(still, own(name) * 2)))) == {"accepted"}
    still.clock.move("2026-11-06T18:00:00Z")
    for name in NINE[6:]:
        assert set(results(send(one, name, answers(still, own(name) * 2)))) == {"accepted"}
    still.keep("old set", recommended(one, time_available=FREE))
    still.keep("left", one.get(PROFILE))
    still.clock.move("2027-01-05T18:00:00Z")
    renewed = still.keep("renewed", one.post("/api/user/token", None))
    still.said["reader"] = one = still.client(renewed.json["token"])
    still.keep("back", one.get(PROFILE))
    still.said["rows"] = still.rows()
    still.keep("too late", respond(one, still["old set"].json["items"][0]["id"], "accept"))
    still.said["rows after"] = still.rows()
    still.keep("new set", recommended(one, time_available=FREE))
    still.keep("all reviews", all_reviews(one))
    return still


def kinds(reply: Reply) -> list[str]:
    return [item["kind"] for item in reply.json["items"]]


def test_a51_what_is_due_comes_a_little_at_a_time(story: World) -> None:
    found = story["new set"].json
    assert story["renewed"].json["token_expires_at"] == "2027-04-05T18:00:00Z"
    assert found["stats"]["due"] == 9
    assert minutes(story["new set"]) <= FREE
    assert "review" in kinds(story["new set"])
    assert set(kinds(story["new set"])) - {"review"}, "nothing new"
    assert len({item["skill_focus"][0] for item in story["all reviews"].json["items"]}) == 9


def test_a51_the_other_reviews_come_on_later_days_by_value(story: World) -> None:
    """At most half of a set are reviews; in some days all skills had a turn, those worth most rather than others."""
    one, found = story["reader"], story["new set"]
    chosen: list[float] = []
    open_: list[float] = []
    reviewed: set[str] = set()
    for day in range(10):
        reviews = [item for item in found.json["items"] if item["kind"] == "review"]
        assert minutes(found) <= FREE
        assert 1 <= len(reviews) <= len(found.json["items"]) / 2
        worth = {item["item"]: item["priority"] for item in all_reviews(one).json["items"]}
        chosen += [worth.get(item["item"], 0.0) for item in reviews]
        open_ += worth.values()
        send(one, f"day {day}", answers(story, [item["item"] for item in reviews]))
        reviewed.update(item["skill_focus"][0] for item in reviews)
        if reviewed == set(NINE):
            break
        story.clock.advance(days=1)
        found = recommended(one, time_available=FREE)
    assert reviewed == set(NINE)
    assert day >= 4
    assert sum(chosen) / len(chosen) > sum(open_) / len(open_)


def test_a52_the_old_set_is_over(story: World) -> None:
    assert story["too late"].status == 409
    assert (story["too late"].json["code"], story["too late"].json["allowed"]) == ("illegal_action", [])
    assert story["rows after"] == story["rows"]
    assert story["new set"].json["set_id"] != story["old set"].json["set_id"]


def test_a52_a_break_moves_no_estimate_and_lowers_confidence(story: World) -> None:
    before, after = story["left"].json["skills"], story["back"].json["skills"]
    for name in before:
        for field in ("rating", "mastery", "interval", "attempts", "last_practised_at", "due_at", "level"):
            assert after[name][field] == before[name][field]
    for name in NINE:
        assert after[name]["confidence"] < before[name]["confidence"]
        assert before[name]["attempts"] >= 8
