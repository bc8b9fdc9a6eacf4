"""The content path under load and loss: stampedes, a worker that dies, a slow model."""

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.doubles.model import ModelServer
from tests.journeys.conftest import ShiftedClock, World, soon, until
from tests.journeys.test_story_a import ask, onboarded, ready
from tools.local import Stack
from tools.template import ROOT

TEN = "# Ten\n\n" + "".join(
    f"## Part {n}\n\nSensor number {n} measures {n} m at night and {n + 1} m by day.\n\n" for n in range(10)
)


@pytest.fixture(scope="module")
def fire() -> Iterator[World]:
    with ModelServer() as model:
        env = {"WRITER": "openai", "LLM_BASE_URL": model.url, "LLM_MODEL": "m", "OPENAI_API_KEY": "k", "WAITERS": "20"}
        with Stack(env=env) as stack:
            clock = ShiftedClock()
            importlib.import_module("attune.edge.clock").clock.source = clock
            world = World(stack, clock, model)
            world.publish("physical-ai")
            yield world


def publish_ten(world: World, text: str) -> None:
    owner = world.client(world.stack.admin())
    owner.put("/api/admin/courses/ten/lessons/ten", {"content": text})
    manifest = {
        "parts": [{"id": "p", "chapters": [{"lessons": [{"slug": "ten"}]}]}],
        "questionnaire": [{"id": "level", "type": "choice", "options": [{"value": "new"}, {"value": "old"}]}],
        "persona": {"level": "level"},
    }
    owner.put("/api/admin/courses/ten", manifest)


def reader_of_ten(world: World, level: str) -> Any:
    reader = world.client(world.stack.guest())
    reader.post("/api/onboarding?course=ten", {"level": level})
    return reader


def test_f11_a_hundred_first_requests_are_one_call_a_section(fire: World) -> None:
    assert fire.model
    readers = [onboarded(fire, learning_goals=[goal]) for goal in ("hobby", "research", "teaching")] * 34
    before = fire.calls
    fire.model.behave("slow", seconds=0.5)
    with ThreadPoolExecutor(100) as pool:
        replies = list(pool.map(lambda reader: ask(reader, wait=5), readers[:100]))
    fire.model.behave_well()
    assert {reply.status for reply in replies} <= {200, 202}
    assert {ready(reader).status for reader in readers[:3]} == {200}
    assert fire.calls - before == 6
    assert {ask(reader).status for reader in readers[:3]} == {200}


def test_ten_sections_of_three_seconds_take_under_ten(fire: World) -> None:
    assert fire.model
    publish_ten(fire, TEN)
    reader = reader_of_ten(fire, "new")
    fire.model.behave("slow", seconds=3)
    began = time.monotonic()
    reader.post("/api/personalize?course=ten", {"lesson_slug": "ten"})
    until(lambda: reader.get("/api/personalize/ten?course=ten").status == 200)
    fire.model.behave_well()
    assert time.monotonic() - began < 10


WORKER = """
import os, signal, sys
from tools import queues
from tools.code import Code
from tools.gateway import Gateway
from tools.services import REGION
from tools.template import Template
import boto3
template = Template()
(mapped,) = [each for each in template.mapped if each.queue == "SectionQueue"]
sqs = boto3.client("sqs", region_name=REGION)
poller = queues.Poller(sqs, os.environ["SECTION_QUEUE_URL"], mapped, Gateway(template, Code()).invoke)
poller.start()
signal.pause()
"""


def test_a_killed_worker_is_followed_after_its_lease(fire: World) -> None:
    assert fire.model
    publish_ten(fire, TEN.replace("at night", "in the dark"))
    reader = reader_of_ten(fire, "old")
    calls = fire.calls
    for title in ("Part 2", "Part 5", "Part 8"):
        fire.model.behave("hang", section=title)
    poller = fire.poller("SectionQueue")
    with poller.resting():
        until(poller.idle)
        worker = subprocess.Popen([sys.executable, "-c", WORKER], env={**os.environ, **fire.stack.env}, cwd=ROOT)
        try:
            reader.post("/api/personalize?course=ten", {"lesson_slug": "ten"})
            until(lambda: look_at_ten(reader).json["sections_ready"] == 7 and fire.calls - calls == 10)
        finally:
            worker.kill()
            worker.wait()
    fire.model.behave_well()
    stored = written(fire)
    assert look_at_ten(reader).status == 202
    fire.clock.advance(seconds=80)
    arrives(fire, lambda: look_at_ten(reader).status == 200)
    assert fire.calls - calls == 13
    assert written(fire).items() >= stored.items()
    assert {section["state"] for section in look_at_ten(reader).json["sections"]} == {"written"}


def arrives(world: World, done: Callable[[], bool]) -> None:
    """It becomes so, if need be a lease later: what is sent just after a worker's death may go to its last poll."""
    for _ in range(3):
        if soon(done):
            return
        world.clock.advance(seconds=80)
    raise AssertionError("not in time")


def written(world: World) -> dict[str, bytes]:
    """The texts of all written sections by key."""
    found = (row for row in world.scan() if row["pk"]["S"].startswith("SECTION#") and row["state"]["S"] == "written")
    return {row["pk"]["S"]: row["data"]["B"] for row in found}


def look_at_ten(reader: Any) -> Any:
    return reader.get("/api/personalize/ten?course=ten")


def test_one_byte_rewrites_the_right_sections(fire: World) -> None:
    assert fire.model
    publish_ten(fire, TEN)
    reader = reader_of_ten(fire, "new")
    reader.post("/api/personalize?course=ten", {"lesson_slug": "ten"})
    arrives(fire, lambda: look_at_ten(reader).status == 200)
    calls = fire.calls
    publish_ten(fire, TEN.replace("number 4 measures 4 m at", "number 4 measures 7 m at"))
    arrives(fire, lambda: look_at_ten(reader).status == 200)
    assert [call.asked.title for call in fire.model.calls[calls:]] == ["Part 4"]
