"""Story A, the night once more, where the model's server takes batches: A58, over real HTTP from refresh to reader."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.doubles.model import ModelServer
from tests.journeys.conftest import StandingClock, World, until
from tests.journeys.nights import fall_asleep, refresh
from tests.journeys.practising import an_id, answers, recommended, results, send
from tests.journeys.test_story_a import ANSWERS, ask, create
from tests.journeys.test_story_a_night import BEGINS, COURSE, ITEMS, reader
from tools.local import Stack


@pytest.fixture(scope="module")
def story() -> Iterator[World]:
    """Two of a kind practise in the evening; at two the night begins, and a quarter of an hour later a batch."""
    chosen = {"LlmBatches": "yes", "Writer": "openai", "BudgetForPreparing": "5", "BudgetPerDay": "10"}
    with ModelServer() as model:
        env = {"DEFAULT_COURSE": COURSE, "WRITER": "openai", "LLM_BASE_URL": model.url, "LLM_MODEL": "gpt-4o-mini"}
        with Stack(env={**env, "OPENAI_API_KEY": "canary-key"}, parameters=chosen) as stack:
            clock = StandingClock(BEGINS)
            importlib.import_module("attune.edge.clock").clock.source = clock
            model.batches.clock = lambda: clock.now().timestamp()
            world = World(stack, clock, model)
            world.publish(COURSE)
            readers = [reader(world, name) for name in ("one", "another")]
            for one in readers:
                assert set(results(send(one, "tonight", answers(world, ITEMS, wrong=[1, 4])))) == {"accepted"}
                recommended(one)
            world.said["readers"] = readers
            fall_asleep(world, "2026-11-03")
            world.said["night"] = refresh(world)
            look(world)
            world.said["sent"] = batch(world)
            model.behave("500", times=1)
            model.batches.work()
            look(world)
            world.said["ended"] = batch(world)
            poller = world.poller("SectionQueue")
            until(lambda: model.count > 0)
            with poller.resting():
                until(poller.idle)
            world.said["calls"] = model.count
            world.clock.move("2026-11-03T07:00:00Z")
            yield world


def look(world: World) -> None:
    """The schedule comes round."""
    world.stack.fire("WriteBatches")
    world.clock.advance(minutes=15)


def batch(world: World) -> Any:
    """What the owner sees of it."""
    (found,) = world.owner.get("/api/health?deep=true").json["batches"]
    return found


def test_a58_the_owner_sees_how_far_the_batch_is(story: World) -> None:
    sent, ended = story["sent"], story["ended"]
    assert (sent["course"], sent["state"], sent["status"], sent["written"]) == (COURSE, "sent", "validating", 0)
    assert sent["sections"] > 3
    assert sent["reserved"] > 0
    assert (ended["state"], ended["status"], ended["reserved"]) == ("closed", "completed", 0)
    assert (ended["written"], ended["left"]) == (sent["sections"] - 1, 1)
    assert 0 < ended["cost"] < sent["reserved"]


def test_a58_what_the_batch_left_was_asked_for_alone_and_no_more(story: World) -> None:
    assert story["calls"] == 1
    assert story.model is not None
    assert story.model.batches.lines == story["sent"]["sections"]


def test_a58_the_first_request_of_the_morning_is_served_at_once(story: World) -> None:
    likely = next(
        item["item"] for item in recommended(story["readers"][0]).json["items"] if item["kind"] in ("learn", "resume")
    )
    newcomer = story.client(create(story.client(), an_id("new"), an_id("key of new")).json["token"])
    newcomer.post("/api/onboarding", ANSWERS)
    for one in (*story["readers"], newcomer):
        found = ask(one, likely)
        assert (found.status, found.json["cached"], found.json["adapted_by"]) == (200, True, "openai")
        assert {section["state"] for section in found.json["sections"]} == {"written"}
    assert story.calls == 1


def test_a58_the_books_say_what_the_server_counted(story: World) -> None:
    (row,) = [row for row in story.scan() if row["pk"]["S"].startswith("BUDGET#")]
    assert story.model is not None
    assert int(row["input_tokens"]["N"]) + int(row["output_tokens"]["N"]) == story.model.tokens
    assert row["committed"] == row["spent"]
    assert not row["holds"]["M"]
    report = story.owner.get("/api/admin/analytics/cost?days=7")
    assert report.status == 200, report.json
