"""Story A, the care for texts and money, with a model that counts: A28, A30, A33, A61's price, A62, B51."""

import importlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.doubles.model import ModelServer
from tests.journeys.conftest import COURSES, ShiftedClock, World, soon
from tests.journeys.operator import command, told
from tests.journeys.practising import an_id, answers, course
from tests.journeys.test_story_a import LESSON, ask, look, onboarded, ready
from tools.client import Client, Reply
from tools.course import read
from tools.local import Stack


@pytest.fixture(scope="module")
def story() -> Iterator[World]:
    with ModelServer() as model:
        env = {"WRITER": "openai", "LLM_BASE_URL": model.url, "LLM_MODEL": "gpt-4o-mini", "OPENAI_API_KEY": "k"}
        with Stack(env={**env, "LLM_INPUT_PRICE": "0.15", "LLM_OUTPUT_PRICE": "0.60"}) as stack:
            clock = ShiftedClock()
            clock.move("2031-05-05T09:00:00Z")
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


# ---- Money


def report(world: World) -> Any:
    return told(world, "cost", "report", "--month", "2031-05")


def test_a61_the_report_says_what_the_model_counted(story: World) -> None:
    assert story.model
    ready(onboarded(story, programming_experience="intermediate"))
    before, calls = report(story)["total"], story.calls
    story.model.behave("unrelated", times=1, section="Why bodies matter")
    ready(onboarded(story, programming_experience="none", robotics_background=True))
    found = report(story)
    added = {name: value - before[name] for name, value in found["total"].items()}
    assert story.calls - calls == 7
    assert (added["calls"], added["repairs"], added["uncertain"]) == (7, 1, 0)
    assert (added["input_tokens"], added["output_tokens"]) == (7 * 700, 7 * 480)
    assert added["usd"] == pytest.approx(7 * 0.000393, abs=1e-9)
    (line,) = [each for each in found["lines"] if each["course"] == "physical-ai"]
    assert (line["writer"], line["model"]) == ("openai", "gpt-4o-mini")
    assert sum(each["usd"] for each in found["lines"]) == pytest.approx(found["total"]["usd"], abs=1e-9)
    printed = command(story, "cost", "report", "--month", "2031-05")
    assert f"{found['total']['usd']:.6f}" in printed.splitlines()[-1]


def test_a33_many_readers_at_once_spend_no_more_than_the_day_allows(story: World) -> None:
    assert story.model
    settings = importlib.import_module("attune.settings").settings
    budget = importlib.import_module("attune.domain.budget")
    story.clock.move("2031-05-06T09:00:00Z")
    vars(settings)["limits"] = budget.Limits(day=10_000, month=None)
    before = story.calls
    slugs = [lesson.slug for lesson in read(COURSES / "physical-ai").lessons]
    readers = [onboarded(story, robotics_background=turn % 2 > 0) for turn in range(20)]
    places = [slugs[turn % 10 + 2] for turn in range(20)]
    try:
        with ThreadPoolExecutor(20) as pool:
            first = list(pool.map(ask, readers, places))
        assert {reply.status for reply in first} <= {200, 202}
        last = [ready(reader, slug) for reader, slug in zip(readers, places, strict=True)]
        assert {reason for reply in last for reason in reasons(reply)} == {"budget", None}
        (day,) = [each for each in report(story)["days"] if each["day"] == "2031-05-06"]
        assert day["calls"] == story.calls - before > 0
        assert day["usd"] <= 0.01
        # From then on nobody is refused, and nothing is paid for.
        late = ready(onboarded(story, programming_experience="advanced"), slugs[1])
        assert (late.status, reasons(late)) == (200, {"budget"})
        assert story.calls - before == day["calls"]
        assert report(story)["set_aside"] == 0
    finally:
        del vars(settings)["limits"]


# ---- A model that writes badly, and one that is gone


FLAWS: dict[str, dict[str, Any]] = {
    "dropped_token": {"programming_experience": "intermediate"},
    "changed_number": {"programming_experience": "advanced"},
    "added_html": {"preferred_language": "ur"},
}
"""What the model does to a section, and readers whose text nobody has asked for yet."""


@pytest.mark.parametrize("flaw", FLAWS)
def test_a28_a_flawed_section_is_mended_once_and_never_kept(story: World, flaw: str) -> None:
    assert story.model
    title, before = "Why bodies matter", story.calls
    known = {row["pk"]["S"] for row in story.scan() if row["pk"]["S"].startswith("SECTION#")}
    story.model.behave(flaw, section=title)
    reader = onboarded(story, robotics_background=True, **FLAWS[flaw])
    assert ask(reader).status == 202
    found = ready(reader)
    story.model.behave_well()
    assert story.calls - before == 7
    assert [call.asked.title for call in story.model.calls[before:]].count(title) == 2
    states = {section["title"]: (section["state"], section.get("reason")) for section in found.json["sections"]}
    assert states.pop(title) == ("original", "gate_failed")
    assert set(states.values()) == {("written", None)}
    rows = [row for row in story.scan() if row["pk"]["S"].startswith("SECTION#") and row["pk"]["S"] not in known]
    assert sorted("data" in row for row in rows) == [False] + [True] * 5
    assert "Evil" not in found.json["personalized_content"]


def test_a30_while_the_model_is_gone_there_are_originals_and_then_texts(story: World) -> None:
    """Told to stay away for an hour, nobody asks for an hour; what is asked for later is written once."""
    assert story.model
    lesson = "foundations/actuators"
    headers: dict[str, Any] = {"Retry-After": "3600"}
    story.model.behave("status", status=503, code="overloaded", **headers)
    reader = onboarded(story, programming_experience="intermediate", preferred_language="ur")
    assert ask(reader, lesson).status == 202
    original = story.client().get(f"/api/content/lessons/{lesson}")
    found = ready(reader, lesson)
    assert (original.status, found.status, reasons(found)) == (200, 200, {"writer_down"})
    assert found.json["adapted_by"] is None
    story.model.behave_well()
    before = story.calls
    story.clock.advance(seconds=3_700)
    assert ask(reader, lesson).status == 200

    def written() -> bool:
        return reasons(look(reader, lesson)) == {None}

    # A message comes back after its time; nobody's time may run out while they are at work.
    for _ in range(8):
        if soon(written, 5):
            break
        assert story.model.wait_until_idle()
        story.clock.advance(seconds=80)
    assert written()
    titles = [call.asked.title for call in story.model.calls[before:]]
    assert sorted(titles) == sorted(set(titles))
    assert len(titles) == len(found.json["sections"])


def test_b51_without_its_model_everything_else_goes_on(story: World) -> None:
    assert story.model
    story.publish("poker")
    story.model.behave("status", status=500, code="error")
    player = story.account("ada")
    attempts = answers(story, [item.id for item in course("poker").items][:3])
    for path, body in (
        (
            "/api/training/sessions",
            {"session_id": an_id("no model"), "started_at": attempts[0]["at"], "attempts": attempts},
        ),
        ("/api/personalization/skills/postflop/claims", {"level": "advanced"}),
        ("/api/personalize", {"lesson_slug": "scenarios/pot-odds"}),
    ):
        assert player.send("POST", f"{path}?course=poker", body).status in (200, 201, 202)
    for path in ("/api/personalization/recommendations", "/api/user/profile", "/api/content/book", "/api/onboarding"):
        assert player.get(f"{path}?course=poker").status == 200
    assert player.put("/api/personalization/preferences?course=poker", {"time_availability": 45}).status == 200
    assert player.get("/api/personalize/scenarios/pot-odds?course=poker").status in (200, 202)
    story.model.behave_well()
