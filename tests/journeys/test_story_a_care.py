"""Story A, the care for texts and money, with a model that counts: A62; one test for each assertion."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.doubles.model import ModelServer
from tests.journeys.conftest import ShiftedClock, World
from tests.journeys.operator import command, told
from tests.journeys.test_story_a import LESSON, ask, onboarded, ready
from tools.client import Client, Reply
from tools.local import Stack


@pytest.fixture(scope="module")
def story() -> Iterator[World]:
    with ModelServer() as model:
        env = {"WRITER": "openai", "LLM_BASE_URL": model.url, "LLM_MODEL": "gpt-4o-mini", "OPENAI_API_KEY": "k"}
        with Stack(env=env) as stack:
            clock = ShiftedClock()
            importlib.import_module("attune.edge.clock").clock.source = clock
            world = World(stack, clock, model)
            world.publish("physical-ai")
            yield world


def rate(client: Client, stars: int, **body: Any) -> Reply:
    return client.post("/api/personalize/feedback", {"lesson_slug": LESSON, "rating": stars, **body})


def reasons(reply: Reply) -> set[str | None]:
    return {section.get("reason") for section in reply.json["sections"]}


# ---- What readers say of a text


def test_a62_low_ratings_take_a_text_out_of_service_and_the_owner_sees_it(story: World) -> None:
    readers = [onboarded(story) for _ in range(6)]
    written = [ready(reader) for reader in readers]
    expert = onboarded(story, programming_experience="advanced")
    ready(expert)
    calls = story.calls
    for reader in readers[:5]:
        assert reasons(ask(reader)) == {None}
        assert rate(reader, 1, reason="The numbers are wrong.").status == 200
    assert rate(expert, 1).status == 200
    for reader in (*readers, onboarded(story)):
        found = ask(reader)
        assert (found.status, reasons(found), found.json["provenance"]["writer"]) == (200, {"out_of_service"}, None)
        assert found.json["personalized_content"] != written[0].json["personalized_content"]
    assert reasons(ready(expert)) == {None}
    assert story.calls == calls
    (shown,) = told(story, "variant", "list", "--course", "physical-ai")
    assert shown.items() >= {"lesson_slug": LESSON, "language": "en", "rated": 5, "low": 5}.items()
    assert LESSON in command(story, "variant", "list", "--course", "physical-ai")
    command(story, "variant", "restore", shown["variant"], "--course", "physical-ai")
    assert ask(readers[5]).json["personalized_content"] == written[0].json["personalized_content"]
    assert told(story, "variant", "list", "--course", "physical-ai") == []
