"""Story A, the night: A57 and A58, on the readers of two weeks."""

import json
import math

import pytest

from tests.doubles.faults import Faults
from tests.journeys.conftest import World, standing, until
from tests.journeys.nights import fall_asleep, found, refresh, refreshed, settle, store
from tests.journeys.practising import HISTORY, PROFILE, an_id, answers, recommended, results, send
from tests.journeys.test_story_a import ANSWERS, ask, create
from tools.client import Client

COURSE = "physical-ai"
BEGINS = "2026-11-02T18:00:00Z"
ITEMS = [f"q-embodiment-{place}" for place in range(1, 8)]


def reader(world: World, name: str) -> Client:
    one = world.client(create(world.client(), an_id(name), an_id(f"key of {name}")).json["token"])
    one.post("/api/onboarding", ANSWERS)
    return one


def practise(world: World, one: Client, name: str) -> None:
    assert set(results(send(one, name, answers(world, ITEMS, wrong=[1, 4])))) == {"accepted"}


@pytest.fixture(scope="module")
def story(still: World) -> World:
    """Two practise on Monday, one of them again a fortnight later."""
    awake, away = (reader(still, name) for name in ("awake", "away"))
    still.said |= {"awake": awake, "away": away}
    for one in (awake, away):
        practise(still, one, "monday")
        recommended(one)
    fall_asleep(still, "2026-11-03")
    still.said["first night"] = refresh(still)
    still.clock.move("2026-11-03T07:00:00Z")
    away.get(PROFILE)
    for name, one in (("awake", awake), ("away", away)):
        before = still.rows()
        with still.counted() as calls:
            still.keep(name + " in the morning", recommended(one))
        still.said[name + " calls"] = calls.operations
        still.said[name + " wrote"] = still.rows() != before
    still.clock.move("2026-11-16T18:00:00Z")
    practise(still, awake, "a fortnight later")
    fall_asleep(still, "2026-11-17")
    still.said["two weeks later"] = refresh(still)
    still.said["away row"] = found(still, [away], "#RECOMMENDATIONS")
    fall_asleep(still, "2026-11-18")
    still.said["the night after"] = refresh(still)
    return still


def test_a57_the_morning_finds_a_set_that_is_ready(story: World) -> None:
    assert story["first night"].items() >= {"run": "2026-11-03", "learners": 2, "done": 2, "failed": 0}.items()
    for name in ("awake", "away"):
        shown = story[name + " in the morning"].json
        assert shown["generated_at"] == "2026-11-03T02:00:00Z"
        assert shown["items"]
        assert story[name + " calls"] == {"Query": 1}
        assert story[name + " wrote"] is False


def test_a57_who_is_away_for_two_weeks_is_left_alone(story: World) -> None:
    assert story["two weeks later"]["failed"] == story["the night after"]["failed"] == 0
    assert story["the night after"].items() >= {"run": "2026-11-18", "learners": 1, "done": 1}.items()
    assert found(story, [story["away"]], "#RECOMMENDATIONS") == story["away row"]
    assert refreshed(story, [story["awake"]]) == ["2026-11-18"]
    statuses = [each["status"] for each in story["away"].get(f"{HISTORY}?limit=100").json["items"]]
    assert statuses
    assert set(statuses) == {"EXPIRED"}
    fresh = recommended(story["awake"]).json
    assert fresh["generated_at"] == "2026-11-18T02:00:00Z"


def test_a58_the_lesson_that_is_likely_to_be_opened_is_there(story: World) -> None:
    """Written for nobody yet: the first request of the morning is served at once, and so is whoever is like them."""
    likely = next(
        item["item"] for item in recommended(story["awake"]).json["items"] if item["kind"] in ("learn", "resume")
    )
    poller = story.poller("SectionQueue")
    with poller.resting():
        until(poller.idle)
    for one in (story["awake"], reader(story, "somebody alike")):
        found = ask(one, likely)
        assert (found.status, found.json["cached"], found.json["adapted_by"]) == (200, True, "rules")


def after_a_night(*, killed: bool) -> tuple[list[str], list[bytes]]:
    """The table after a night of twelve readers, and what they are shown in the morning."""
    with standing(COURSE, BEGINS) as world:
        readers = [reader(world, f"reader {place}") for place in range(12)]
        for one in readers:
            practise(world, one, "today")
            recommended(one)
        fall_asleep(world, "2026-11-03")
        if killed:
            faults = Faults()
            faults.plan("server_error", nth=45, times=math.inf)
            with faults.on(store(world)):
                world.stack.fire("PlanRefresh")
                until(lambda: faults.met["server_error"] > 0)
                settle(world)
            assert None in refreshed(world, readers)
        assert refresh(world).items() >= {"learners": 12, "done": 12, "failed": 0}.items()
        # Texts that were prepared name the claims of the workers that wrote them; A58 looks at them.
        own = [each for each in world.scan() if not each["pk"]["S"].startswith(("VARIANT#", "SECTION#"))]
        rows = [{name: value for name, value in each.items() if name != "write_id"} for each in own]
        table = sorted(json.dumps(each, sort_keys=True, default=bytes.hex) for each in rows)
        world.clock.move("2026-11-03T07:00:00Z")
        return table, [recommended(one).body for one in readers]


def test_a57_killed_midway_it_ends_the_same() -> None:
    table, shown = after_a_night(killed=False)
    again, shown_again = after_a_night(killed=True)
    assert again == table
    assert shown_again == shown
