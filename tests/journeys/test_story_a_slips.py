"""Story A, A47: a reader who knows everything and slips on every fourth answer goes through the whole course."""

import pytest

from attune.domain.recommendations.gate import SURRENDER
from tests.journeys.conftest import World
from tests.journeys.practising import answers, complete, course, dropped, recommended, results, send, skill
from tests.journeys.test_story_a import ANSWERS
from tools.client import Client

COURSE = "physical-ai"
BEGINS = "2026-11-02T09:00:00Z"
SENSORS = "foundations/robot-sensors"
SLIP = 4


@pytest.fixture
def slipping(still: World) -> Client:
    one = still.client(still.stack.guest())
    one.post("/api/onboarding", ANSWERS)
    return one


def test_a47_slips_do_not_hold_a_lesson_up_for_ever(still: World, slipping: Client) -> None:
    given = 0
    while SENSORS not in {each["item"] for each in recommended(slipping, kinds="learn").json["items"]}:
        assert given < SURRENDER, "held up for ever"
        items = [f"q-embodiment-{(given + place) % 7 + 1}" for place in range(SLIP)]
        assert results(send(slipping, f"slip {given}", answers(still, items, wrong=[SLIP - 1]))) == ["accepted"] * SLIP
        given += SLIP
        still.clock.advance(minutes=15)
    found = skill(slipping, "embodiment")
    assert found["attempts"] == given
    assert [row["score"] for row in found["evidence"]] == [1, 1, 1, 0] * (given // SLIP)


def test_a47_slips_do_not_hold_the_course_up_for_ever(still: World, slipping: Client) -> None:
    """Doing what is recommended, and nothing else, opens every lesson and every item within a bounded practice."""
    known = course("physical-ai")
    given = 0
    for turn in range(200):
        found = recommended(slipping, count=8, time_available=60, explain="full")
        if all(each["rule"] != "prerequisite" for each in dropped(found).values()):
            break
        shown = [each for each in found.json["items"] if each["status"] == "PENDING"]
        assert shown, "nothing to go on with"
        items = [each["item"] for each in shown if each["item"] in known.items_by_id]
        wrong = [place for place in range(len(items)) if (given + place) % SLIP == SLIP - 1]
        given += len(items)
        if items:
            assert set(results(send(slipping, f"turn {turn}", answers(still, items, wrong)))) == {"accepted"}
        for each in shown:
            if each["item"] in known.lessons:
                complete(slipping, each["id"], each["estimated_time"])
        still.clock.advance(minutes=60)
    trained = {name for item in known.items for name in item.skills}
    assert {each["rule"] for each in dropped(recommended(slipping, explain="full")).values()}.isdisjoint(
        {"prerequisite"}
    )
    assert given <= 15 * len(trained)
