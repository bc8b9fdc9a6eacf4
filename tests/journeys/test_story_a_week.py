"""Story A, the owner's week: A59 to A61, on six readers and a model that counts its calls."""

import importlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.doubles.model import ModelServer
from tests.journeys.conftest import StandingClock, World
from tests.journeys.nights import fall_asleep, refresh
from tests.journeys.practising import an_id, answers, recommended, respond, results, send
from tests.journeys.reporting import Json, exported, share, written
from tests.journeys.test_story_a import ANSWERS, create
from tools.client import Client
from tools.local import Stack

COURSE = "physical-ai"
LESSON = "foundations/embodiment-hypothesis"
BEGINS = "2026-11-02T09:00:00Z"
WEEK = "2026-W45"
REPORT = f"/api/admin/reports/{WEEK}"
DAYS = [(date(2026, 11, 2) + timedelta(days=place)).isoformat() for place in range(7)]
ITEMS = [f"q-embodiment-{place}" for place in range(1, 5)]
PRICES = {"LLM_INPUT_PRICE": "0.15", "LLM_OUTPUT_PRICE": "0.60"}


def read_and_practise(world: World, place: int) -> Client:
    """One reader's Monday: a lesson written for them, a session, an opinion."""
    name = f"reader {place}"
    one = world.client(create(world.client(), an_id(name), an_id(f"key of {name}")).json["token"])
    experience = "none" if place % 2 else "advanced"
    one.post("/api/onboarding", {**ANSWERS, "programming_experience": experience})
    shown = recommended(one, count=3).json["items"]
    respond(one, shown[0]["id"], "accept")
    body = {"lesson_slug": LESSON}
    assert one.send("POST", "/api/personalize", body, headers={"Prefer": "wait=8"}).status == 200
    world.clock.advance(minutes=10)
    wrong = [0] if place < 3 else []
    sent = send(one, name, answers(world, ITEMS, wrong=wrong), item_id=LESSON, recommendation_id=shown[0]["id"])
    assert set(results(sent)) == {"accepted"}
    tracked = {"event_id": f"event-{place}", "status": "completed" if place else "started", "seconds": 300}
    assert one.send("PUT", f"/api/progress/{LESSON}", tracked).status == 200
    return one


@pytest.fixture(scope="module")
def story() -> Iterator[World]:
    env = {"DEFAULT_COURSE": COURSE, "WRITER": "openai", "LLM_MODEL": "gpt-4o-mini", "OPENAI_API_KEY": "canary-key"}
    with ModelServer() as model, Stack(env={**env, **PRICES, "LLM_BASE_URL": model.url}) as stack:
        clock = StandingClock(BEGINS)
        importlib.import_module("attune.edge.clock").clock.source = clock
        world = World(stack, clock, model)
        world.publish(COURSE)
        model.behave("dropped_token", times=1)
        readers = [read_and_practise(world, place) for place in range(6)]
        world.clock.move("2026-11-04T12:00:00Z")
        for place, one in enumerate(readers[:5]):
            assert set(results(send(one, f"again {place}", answers(world, ITEMS[:2])))) == {"accepted"}
        for night in ("2026-11-06", "2026-11-09"):
            fall_asleep(world, night)
            assert refresh(world)["failed"] == 0
        written(world, "2026-11-09T06:00:00Z")
        yield world


@pytest.fixture(scope="module")
def events(story: World) -> list[Json]:
    """The events of the week."""
    return [event for day in DAYS for event in exported(story, day, COURSE)]


@pytest.fixture(scope="module")
def report(story: World) -> Any:
    return story.owner.get(REPORT).json


def test_a59_numbers_of_learners_are_those_of_the_events(report: Any, events: list[Json]) -> None:
    there = [
        one
        for one in events
        if one["learner"]
        and one["event"] not in ("recommendation_shown", "recommendation_expired", "recommendation_measured")
    ]
    kinds = Counter(one["event"] for one in events)
    assert (
        report["learners"].items()
        >= {
            "active": len({one["learner"] for one in there}),
            "new": 6,
            "returning": 0,
            "onboarded": kinds["onboarded"],
            "sessions": kinds["session"],
            "answers": kinds["attempt"],
        }.items()
    )
    assert kinds["attempt"] == 6 * 4 + 5 * 2
    assert report["lessons"] == {"started": kinds["lesson_started"], "completed": kinds["lesson_completed"]}
    by_day = [{one["learner"] for one in there if one["at"].startswith(day)} for day in DAYS]
    assert [day["active"] for day in report["days"]] == [len(who) if len(who) >= 5 else None for who in by_day]


def test_a59_numbers_of_practice_are_those_of_the_events(report: Any, events: list[Json]) -> None:
    attempts = [one for one in events if one["event"] == "attempt"]
    gains = [sum(one["gain"].values()) / len(one["gain"]) for one in attempts]
    hours = sum(one["seconds"] for one in attempts) / 3600
    assert report["skills"]["gain_per_study_hour"] == pytest.approx(sum(gains) / hours, rel=0.001)
    bins: dict[int, list[Json]] = {}
    for one in attempts:
        bins.setdefault(min(9, int(one["p"] * 10)), []).append(one)
    wide = [found for _, found in sorted(bins.items()) if len({one["learner"] for one in found}) >= 5]
    few = [found for found in bins.values() if found not in wide]
    if few and len({one["learner"] for found in few for one in found}) < 5:
        # One more is hidden: taken off all answers, the others would leave those of few learners.
        wide.remove(min(wide, key=lambda found: sum(1 + (one["p"] + one["score"]) * 10_000 for one in found)))
    assert report["skills"]["calibration"] == [
        {
            "n": len(found),
            "predicted": pytest.approx(sum(one["p"] for one in found) / len(found), abs=1e-4),
            "observed": pytest.approx(sum(one["score"] for one in found) / len(found), abs=1e-4),
        }
        for found in wide
    ]
    assert wide
    wrong = [one for one in attempts if one.get("lesson") == LESSON]
    (worst,) = report["worst_lessons"]
    assert worst == {
        "slug": LESSON,
        "wrong_rate": share(sum(not one["success"] for one in wrong), len(wrong)),
        "drop_off": share(1, 6),
    }


def test_a59_numbers_of_recommendations_and_texts_are_those_of_the_events(report: Any, events: list[Json]) -> None:
    kinds = Counter(one["event"] for one in events)
    shown = report["recommendations"]
    measured = [one for one in events if one["event"] == "recommendation_measured"]
    assert shown["shown"] == kinds["recommendation_shown"] > 6
    assert shown["accepted"] == share(kinds["recommendation_accepted"], kinds["recommendation_shown"])
    assert shown["completed"] == share(kinds["recommendation_completed"], kinds["recommendation_shown"])
    assert shown["expired"] == kinds["recommendation_expired"]
    assert shown["effect"]["observed"] == pytest.approx(sum(o["observed"] for o in measured) / 6, abs=0.06)
    given = [one for one in events if one["event"] == "lesson_given"]
    texts = [one for one in events if one["event"] == "lesson_written"]
    content = report["content"]
    assert content["requests"] == len(given)
    assert content["hit"] == share(sum(one["cached"] for one in given), len(given))
    assert (content["texts"], content["sections_written"]) == (len(texts), sum(one["written"] for one in texts))
    assert content["gate_failed"] == sum(one["originals"].get("gate_failed", 0) for one in texts)


def test_a59_markdown_has_the_same_numbers(story: World, report: Any) -> None:
    text = story.owner.send("GET", REPORT, headers={"Accept": "text/markdown"})
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    said = text.body.decode()
    for part in ("learners", "lessons"):
        for name, value in report[part].items():
            assert f"| {name.replace('_', ' ')} | {value} |" in said
    assert f"| usd | {report['content']['usd']} |" in said
    assert "<svg " in said


def test_a60_written_again_it_has_the_same_bytes(story: World) -> None:
    before = story.owner.get(REPORT).body
    (reader,) = story.stack.readers
    # From the first record on once more: the stream tells everything a second time.
    reader._iterator = None
    assert story.stack.fold() > 100
    written(story, "2026-11-09T06:30:00Z")
    assert story.owner.get(REPORT).body == before


def test_a61_calls_and_money_are_the_models_own(story: World, report: Any) -> None:
    content = report["content"]
    assert content["model_calls"] == story.calls == content["first_writes"] + content["repairs"]
    assert content["repairs"] == 1
    assert content["usd"] == round(story.calls * 0.000393, 6)
    assert content["texts"] <= 12 * 12


def test_a61_another_week_has_no_report_yet(story: World) -> None:
    assert story.owner.send("GET", "/api/admin/reports/2026-W46").status == 404
