"""What is out of date, poisoned or forged gets nothing written, and harms nothing beside it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from attune.actions import publish_course
from attune.domain.lesson_text import LessonText
from attune.domain.section import Draft, SectionRequest, Style
from attune.writers import style
from tests.builders import a_key
from tests.functions.actions import Actions
from tests.functions.conftest import World, invoke
from tests.functions.writing import Script, ask, deliver, marked, queued, script, stored

__all__ = ["script"]


# ---- Out of date


def test_f02_a_message_for_a_text_that_is_no_longer_published_has_no_effect(world: World, script: Script) -> None:
    bodies = queued(world)
    text = LessonText(world.course.texts[world.slug].content.replace("error", "fault"), {})
    replace(world, course=replace(world.course, texts={world.slug: text})).publish()
    assert [deliver(body) for body in bodies] == [["ok"]] * 3
    assert script.asked == []
    assert [stored(world, body) for body in bodies] == [None] * 3


def test_f14_a_text_published_while_a_section_is_written_is_never_answered_with_it(
    world: World, script: Script
) -> None:
    who = world.reader()
    bodies = queued(world, who)
    text = LessonText(world.course.texts[world.slug].content.replace("error", "fault"), {})

    def meanwhile(request: SectionRequest) -> Draft:
        with Actions.aside():
            replace(world, course=replace(world.course, texts={world.slug: text})).publish()
        return marked("old")(request)

    script.steps = [meanwhile]
    for body in bodies:
        assert deliver(body) == ["ok"]
    assert ask(world, who).status == 202
    assert world.work() == []
    content = ask(world, who).json["personalized_content"]
    assert "old sensor" not in content
    assert content.count("fault of its own") == 3


def test_f15_a_message_for_a_persona_that_nobody_has_any_more_has_no_effect(world: World, script: Script) -> None:
    bodies = queued(world)
    instructions = {"level": {"new": "Go very slowly."}}
    world.publish(writing={**world.course.manifest["writing"], "instructions": instructions})
    assert [deliver(body) for body in bodies] == [["ok"]] * 3
    assert script.asked == []


def test_a_message_for_another_prompt_has_no_effect_and_the_reader_asks_for_the_new_one(
    world: World, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = world.reader()
    bodies = queued(world, who)
    monkeypatch.setattr(style, "current", lambda _: Style("rules", None, None, "2"))
    assert [deliver(body) for body in bodies] == [["ok"]] * 3
    assert script.asked == []
    assert ask(world, who).status == 202
    assert world.work() == []
    assert ask(world, who).json["provenance"]["prompt_version"] == "2"


def test_a_lesson_that_is_gone_is_not_written(world: World, script: Script) -> None:
    bodies = queued(world)
    part = {**world.course.manifest["parts"][0], "chapters": [{"id": "only", "lessons": []}]}
    publish_course.publish(world.course.id, {**world.course.manifest, "parts": [part], "items": []}, world.clock.now())
    assert deliver(bodies[0]) == ["ok"]
    assert script.asked == []


# ---- Poison


def test_f03_a_poisoned_message_fails_alone(world: World, script: Script) -> None:
    good = queued(world)[0]
    sound = json.loads(good)
    poison = [
        "",
        "not JSON",
        "[]",
        "null",
        "[" * 2000,
        json.dumps({**sound, "type": "another"}),
        json.dumps({**sound, "schema": 2}),
        json.dumps({name: value for name, value in sound.items() if name != "section"}),
        json.dumps({**sound, "variant": "../x"}),
    ]
    assert deliver(*poison, good) == ["failed"] * len(poison) + ["ok"]
    assert len(script.asked) == 1


def test_f05_all_of_a_batch_may_fail(world: World, script: Script) -> None:
    assert deliver("a", "b", "c") == ["failed"] * 3


@pytest.mark.parametrize("event", [{"Records": []}, {}])
def test_an_empty_batch_is_done(world: World, event: dict[str, Any]) -> None:
    assert invoke("write_section", event) == {"batchItemFailures": []}


def test_f20_a_forged_message_gets_nothing_written(world: World, script: Script) -> None:
    sound = json.loads(queued(world)[0])
    assert deliver(json.dumps({**sound, "variant": a_key()})) == ["ok"]
    assert deliver(json.dumps({**sound, "section": a_key()})) == ["ok"]
    assert deliver(json.dumps({**sound, "persona": {"level": "me"}, "user_id": "me", "prompt": "leak"})) == ["ok"]
    assert [dict(request.persona) for request, _, _ in script.asked] == [{"level": "new", "hardware": "false"}]
