"""A second model stands in for the first, and each text is known by what shaped it."""

from dataclasses import replace

import pytest

from attune.actions.write_section import ALL_CALLS
from attune.domain.budget import Limits
from attune.domain.lesson_text import LessonText
from attune.domain.section import GATE_VERSION
from attune.settings import settings
from attune.store import budgets
from tests.backends import Backend
from tests.doubles.model import ModelServer
from tests.functions.conftest import World
from tests.functions.line import Line
from tests.functions.modelled import (
    DOWN,
    SECTIONS,
    calls_of,
    get,
    model,
    openai,
    post,
    published,
    read,
    reasons,
    rows,
    second,
    servers,
    supplied,
)
from tests.functions.writing import deliver, supplies

__all__ = ["model", "openai", "published", "second", "servers"]


# ---- Two suppliers


def test_g20_the_second_writes_when_the_first_fails_from_one_budget(
    world: World, second: tuple[ModelServer, ModelServer]
) -> None:
    first, other = second
    first.behave("503")
    who, line = world.reader(), Line(world)
    found = read(world, line, who)
    assert reasons(found) == {None}
    assert found.json["provenance"]["model"] == "other"
    assert (first.count, other.count) == (2 * SECTIONS, SECTIONS)
    spent = budgets.spending(world.clock.now())
    assert (spent.calls, spent.input_tokens) == (SECTIONS, 700 * SECTIONS)
    assert {line for _, line in spent.lines} == {"openai other"}, "what failed for free is in no book"
    # Three more failures open the breaker: then the second is asked without a detour.
    for told in ({"experience": "much"}, {"hardware": True}):
        read(world, line, world.reader(**told))
    assert first.count == 5 * 2
    assert other.count == 3 * SECTIONS


def test_g20_a_limit_holds_for_both(
    world: World, second: tuple[ModelServer, ModelServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(settings), "limits", Limits(day=1, month=None))
    assert reasons(read(world, Line(world), world.reader())) == {"budget"}
    assert [server.count for server in second] == [0, 0]


def test_g20_if_both_fail_the_original_stands(world: World, second: tuple[ModelServer, ModelServer]) -> None:
    for server in second:
        server.behave("500")
    who, line = world.reader(), Line(world)
    for _ in range(8):
        assert reasons(read(world, line, who)) == {DOWN}
        world.clock.advance(3_601)
    total = calls_of(second[0]) + calls_of(second[1])
    assert set(total.values()) == {ALL_CALLS}
    assert min(server.count for server in second) > 0


def test_g20_a_refusal_is_not_taken_to_another(world: World, second: tuple[ModelServer, ModelServer]) -> None:
    second[0].behave("refusal")
    assert reasons(read(world, Line(world), world.reader())) == {"refused"}
    assert second[1].count == 0


@pytest.mark.disable_socket
def test_g21_without_a_key_and_a_network_the_rules_write(world: World) -> None:
    found = read(world, Line(world), world.reader())
    assert found.json["provenance"]["writer"] == "rules"
    assert found.json["provenance"]["model"] is None
    assert reasons(found) == {None}


# ---- What a text is called


def changed(world: World, monkeypatch: pytest.MonkeyPatch, what: str, server: ModelServer) -> None:
    if what == "model":
        monkeypatch.setitem(vars(settings), "model", "newer")
        supplies(monkeypatch, supplied(world, server, "newer"))
    elif what == "api":
        monkeypatch.setitem(vars(settings), "model_api", "responses")
        supplies(monkeypatch, supplied(world, server, "double", api="responses"))
    elif what == "prompt":
        monkeypatch.setattr("attune.writers.style.PROMPT_VERSION", "another")
    else:
        for module in ("domain.section", "actions.personalize_lesson", "actions.assemble_lesson"):
            monkeypatch.setattr(f"attune.{module}.GATE_VERSION", "another")


@pytest.mark.parametrize("what", ["model", "api", "prompt", "gate"])
def test_g22_what_shaped_a_text_is_in_its_key_and_on_its_label(
    world: World, model: ModelServer, backend: Backend, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    who, line = world.reader(), Line(world)
    before = read(world, line, who).json
    kept = {row["pk"]["S"]: row for row in rows(backend)}
    with monkeypatch.context() as patch:
        changed(world, patch, what, model)
        assert post(world, who).status == 202
        after = read(world, line, who).json
        assert before["provenance"] != after["provenance"] or what == "api"
        assert before["generated_at"] != after["generated_at"]
        assert after["provenance"]["model"] == ("newer" if what == "model" else "double")
    assert before["provenance"]["gate"] == GATE_VERSION
    now = {row["pk"]["S"]: row for row in rows(backend)}
    assert len(now) == 2 * len(kept)
    assert {pk: now[pk] for pk in kept} == kept
    again = read(world, line, who).json
    assert {**again, "cached": None} == {**before, "cached": None}


def test_g22_a_text_of_the_second_keeps_its_name_when_the_first_is_back(
    world: World, second: tuple[ModelServer, ModelServer]
) -> None:
    second[0].behave("500", section="Part 2")
    who, line = world.reader(), Line(world)
    assert read(world, line, who).json["provenance"]["model"] == "double, other"
    second[0].behave_well()
    world.clock.advance(30 * 86_400)
    found = read(world, line, who)
    assert found.json["provenance"]["model"] == "double, other"
    assert second[1].count == 1


def test_g23_what_is_served_again_is_the_same_to_the_last_bit(world: World, model: ModelServer) -> None:
    who, line = world.reader(), Line(world)
    read(world, line, who)
    replies = [get(world, who) for _ in range(3)]
    world.clock.advance(86_400)
    replies.append(get(world, who))
    assert len({reply.body for reply in replies}) == 1
    assert len({reply.headers["ETag"] for reply in replies}) == 1
    assert (
        world.call(
            "get_personalized", who, path=f"/api/personalize/{world.slug}", if_none_match=replies[0].headers["ETag"]
        ).status
        == 304
    )
    other = read(world, line, world.reader())
    assert other.json["personalized_content"] == replies[0].json["personalized_content"]
    assert model.count == SECTIONS


def test_g24_a_lesson_published_just_after_it_was_ready_is_read_anew(world: World, model: ModelServer) -> None:
    who, line = world.reader(), Line(world)
    old = read(world, line, who)
    text = world.course.texts[world.slug].content.replace("It is read 22 times", "It is measured 22 times")
    replace(world, course=replace(world.course, texts={world.slug: LessonText(text, {})})).publish()
    pending = get(world, who)
    assert pending.status == 202
    assert [section["title"] for section in pending.json["sections"]] == ["Part 1"]
    line.run(10)
    new = get(world, who)
    assert "It is measured 22 times" in new.json["personalized_content"]
    assert "It is read 22 times" not in new.json["personalized_content"]
    assert new.headers["ETag"] != old.headers["ETag"]
    assert model.count == SECTIONS + 1


# ---- What it costs while all is well


def test_a_section_that_is_written_without_trouble_takes_no_round_trip_for_the_breaker(
    world: World, model: ModelServer, backend: Backend
) -> None:
    assert post(world, world.reader()).status == 202
    first, *_ = (message["Body"] for message in world.messages())
    with backend.watched() as calls:
        assert deliver(first) == ["ok"]
    # Plan and breaker together, the course's version, its manifest and text if they are new here; claim, budget (made,
    # held, settled), end; the sections so far.
    assert calls.operations["BatchGetItem"] == 2
    assert calls.operations["UpdateItem"] == 4
    assert calls.operations["PutItem"] == 1
    assert rows(backend, "breaker") == []
