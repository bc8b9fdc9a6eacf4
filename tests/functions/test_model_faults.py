"""The model is a hostile, slow and costly supplier: whatever it does, readers have a correct lesson (faults G1-G24)."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import pytest

from attune.actions import write_section
from attune.actions.write_section import ALL_CALLS
from attune.domain.breaker import mended
from attune.domain.budget import Usage
from attune.domain.section import Draft, SectionRequest
from attune.domain.supplier import Supplier
from attune.store import breakers, budgets, sections
from attune.writers.openai import OpenAIWriter
from tests.backends import Backend
from tests.doubles.model import ModelServer
from tests.functions.conftest import World
from tests.functions.line import Line
from tests.functions.modelled import (
    DOWN,
    KEY,
    OPEN,
    PRICE,
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
from tests.functions.writing import supplies
from tools.services import TABLE

__all__ = ["model", "openai", "published", "second", "servers"]


# ---- Each fault by itself: the original stands, says why, and nothing bad is kept


FAULTS: list[tuple[str, str, dict[str, Any], str, int]] = [
    ("g01", "status", {"status": 429, "code": "rate_limit", "Retry_After": "1"}, DOWN, 8),
    ("g02", "status", {"status": 429, "code": "rate_limit", "Retry_After": "86400"}, DOWN, 1),
    ("g03", "502_html", {}, DOWN, 8),
    ("g04", "404", {}, DOWN, 1),
    ("g04", "400", {}, DOWN, 2),
    ("g04", "policy", {}, "filtered", 2),
    ("g05", "reset_inside", {}, DOWN, 8),
    ("g07", "event_stream", {}, DOWN, 6),
    ("g08", "wrong_type", {}, DOWN, 6),
    ("g09", "big", {}, DOWN, 4),
    ("g11", "empty", {}, DOWN, 4),
    ("g12", "soft_refusal", {}, "gate_failed", 4),
    ("g13", "length", {}, "truncated", 2),
    ("g14", "nan", {}, "gate_failed", 4),
    ("g15", "unrelated", {}, "gate_failed", 4),
    ("g18", "invisible_only", {}, DOWN, 4),
]


@pytest.mark.parametrize(
    ("behaviour", "options", "reason", "most"),
    [row[1:] for row in FAULTS],
    ids=[f"{row[0]}-{row[1]}" for row in FAULTS],
)
def test_g01_to_g18_the_original_stands_with_a_reason_and_nothing_bad_is_kept(
    world: World, model: ModelServer, backend: Backend, behaviour: str, options: dict[str, Any], reason: str, most: int
) -> None:
    model.behave(behaviour, **options)
    who, line = world.reader(), Line(world)
    found = read(world, line, who)
    assert {section["state"] for section in found.json["sections"]} == {"original"}
    assert reasons(found) == {reason}
    assert "It is read 21 times a second" in found.json["personalized_content"]
    assert model.count <= most
    assert not [row for row in rows(backend) if "data" in row or row["state"]["S"] != "original"]


@pytest.mark.parametrize("behaviour", ["fenced_json", "outer_fence", "control_characters", "lone_surrogate"])
def test_g14_and_g18_what_can_be_mended_is_mended(world: World, model: ModelServer, behaviour: str) -> None:
    model.behave(behaviour)
    found = read(world, Line(world), world.reader())
    assert {section["state"] for section in found.json["sections"]} == {"written"}
    assert found.json["personalized_content"].encode().isascii()
    assert model.count == SECTIONS


def test_g15_another_language_is_refused(world: World, model: ModelServer) -> None:
    """The author's translation is what an Urdu reader's text is made from; the model answers in English."""
    model.behave("saying", content=json.dumps({"markdown": "## Part 1\n\nA Sensor turns a quantity into a number."}))
    found = read(world, Line(world), world.reader(language="ur"))
    assert reasons(found) == {"gate_failed"}
    assert found.json["language"] == "ur"


# ---- Waiting and trying again


@pytest.mark.parametrize("headers", [{"Retry_After": "1"}, {"retry_after_ms": "1000"}, {"Retry_After": "date"}])
def test_g01_a_short_rest_is_kept_and_the_section_is_written(
    world: World, model: ModelServer, headers: dict[str, str]
) -> None:
    date = formatdate(world.clock.timestamp() + 1, usegmt=True)
    told = {name: date if value == "date" else value for name, value in headers.items()}
    model.behave("status", times=1, status=429, code="rate_limit", **told)
    found = read(world, Line(world), world.reader())
    assert reasons(found) == {None}
    assert world.clock.slept == [pytest.approx(1.0)]
    assert model.count == SECTIONS + 1


def test_g01_a_rest_beyond_the_deadline_is_the_queues(
    world: World, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_section, "BUDGET", 10.0)
    model.behave("status", times=1, status=429, code="rate_limit", Retry_After="25")
    who, line = world.reader(), Line(world)
    assert post(world, who).status == 202
    line.run(24)
    assert (len(line.waiting), world.clock.slept) == (1, [])
    line.run(5)
    assert reasons(post(world, who)) == {None}
    assert line.delivered == model.count == SECTIONS + 1


def test_g02_a_spent_account_is_told_to_the_owner_once(
    world: World, model: ModelServer, capfd: pytest.CaptureFixture[str]
) -> None:
    model.behave("insufficient_quota")
    read(world, Line(world), world.reader())
    told = [json.loads(line) for line in capfd.readouterr().out.splitlines() if "_aws" in line]
    assert [(each["ModelNotAsked"], each["reason"]) for each in told] == [([1.0], "quota_exhausted")]
    assert model.count == 1


def test_g04_the_key_is_in_no_row_and_no_log(
    world: World, model: ModelServer, backend: Backend, capfd: pytest.CaptureFixture[str]
) -> None:
    model.behave("401")
    read(world, Line(world), world.reader())
    assert KEY in str(model.calls[0].headers), "the provider had it, and quoted it in its answer"
    written = capfd.readouterr()
    assert KEY not in f"{backend.raw.scan(TableName=TABLE)['Items']}{written.out}{written.err}"


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_g06_whoever_never_ends_is_left_after_the_deadline(
    world: World, openai: None, monkeypatch: pytest.MonkeyPatch, behaviour: str
) -> None:
    monkeypatch.setattr(write_section, "BUDGET", 0.15)
    # A server of its own: calls that were given up may still arrive at it later.
    with ModelServer() as alone:
        supplies(monkeypatch, supplied(world, alone, "double"))
        alone.behave(behaviour)
        waited = Clocked(OPEN[-1])
        supplies(monkeypatch, Supplier("double", waited, PRICE))
        found = read(world, Line(world), world.reader())
        assert reasons(found) == {DOWN}
        assert len(waited.seconds) == 2 * SECTIONS
        assert max(waited.seconds) < 5


@dataclass
class Clocked:
    """A writer, and how long each of its calls took."""

    inner: OpenAIWriter
    seconds: list[float] = field(default_factory=list)

    def most(self, request: SectionRequest, complaints: Sequence[str]) -> Usage:
        return self.inner.most(request, complaints)

    def write(self, request: SectionRequest, complaints: Sequence[str], deadline: float, tries: int) -> Draft:
        began = time.monotonic()
        try:
            return self.inner.write(request, complaints, deadline, tries)
        finally:
            self.seconds.append(time.monotonic() - began)


def test_g08_an_answer_that_is_none_is_tried_once_more(world: World, model: ModelServer) -> None:
    model.script("error_body", "html_200", "well")
    found = read(world, Line(world), world.reader())
    assert reasons(found) == {None}
    assert calls_of(model)["Part 1"] == 3, "twice, and once more by the next delivery"


def test_g10_a_redirect_leads_nowhere(world: World, second: tuple[ModelServer, ModelServer]) -> None:
    model, elsewhere = second
    model.behave("redirect", to=f"{elsewhere.url}/chat/completions")
    read(world, Line(world), world.reader())
    assert model.count == 1
    assert {call.headers["authorization"] for call in elsewhere.calls} == {f"Bearer {KEY}"}
    assert {call.body["model"] for call in elsewhere.calls} == {"other"}, "only as the second, by its own name"


def test_g12_a_refusal_is_not_paid_for_on_each_view(world: World, model: ModelServer) -> None:
    model.behave("refusal")
    who, line = world.reader(), Line(world)
    read(world, line, who)
    for _ in range(2):
        world.clock.advance(40_000)
        assert reasons(read(world, line, who)) == {"refused"}
    assert model.count == SECTIONS
    world.clock.advance(86_400 - 2 * 40_060)
    model.behave_well()
    assert reasons(read(world, line, who)) == {None}
    assert model.count == 2 * SECTIONS


def test_g12_what_is_refused_for_ever_is_asked_six_times(world: World, model: ModelServer) -> None:
    model.behave("filtered", section="Part 2")
    who, line = world.reader(), Line(world)
    for _ in range(8):
        assert reasons(read(world, line, who)) == {None, "filtered"}
        world.clock.advance(86_401)
    assert calls_of(model) == {"Part 1": 1, "Part 2": ALL_CALLS}


@pytest.mark.parametrize("behaviour", ["usage_missing", "usage_negative", "usage_huge", "usage_low"])
def test_g16_a_usage_that_cannot_be_is_replaced_by_an_estimate(
    world: World, model: ModelServer, behaviour: str
) -> None:
    model.behave(behaviour)
    read(world, Line(world), world.reader())
    spent = budgets.spending(world.clock.now())
    assert spent.calls == SECTIONS
    assert SECTIONS * 700 < spent.input_tokens < SECTIONS * 3_000
    assert SECTIONS * 100 < spent.output_tokens < SECTIONS * 1_000
    assert spent.spent == spent.committed > 0


def test_g17_the_name_that_answers_is_recorded(world: World, model: ModelServer) -> None:
    model.behave("other_model", section="Part 2")
    found = read(world, Line(world), world.reader())
    assert found.json["provenance"]["model"] == "double, somebody-else-1"


def test_g17_a_name_that_is_not_allowed_is_refused(
    world: World, model: ModelServer, servers: tuple[ModelServer, ModelServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    supplies(monkeypatch, supplied(world, servers[0], "double", models=["double-eu"]))
    model.behave("other_model")
    assert reasons(read(world, Line(world), world.reader())) == {DOWN}
    assert model.count == 1, "no further answer of it is paid for"


# ---- Down for long


def test_g19_down_for_ten_minutes_it_is_probed_and_no_message_is_given_up(
    world: World, model: ModelServer, backend: Backend
) -> None:
    model.behave("503")
    readers = [world.reader(experience=experience) for experience in ("none", "much")]
    line = Line(world)
    began, opened_at = world.clock.timestamp(), 0
    while world.clock.timestamp() - began < 600:
        for who in readers:
            assert post(world, who).status in (200, 202)
        line.run(40)
        (known,) = breakers.all_known(world.clock.now())
        if not opened_at and not known.state.closed():
            opened_at = model.count
    assert line.dead == []
    assert line.waiting == []
    assert 5 <= opened_at <= 15, "five deliveries, of which each may try three times"
    assert model.count - opened_at <= 4, "one call at the end of each rest: after 60, 120, 240 seconds"
    assert {section["state"] for who in readers for section in get(world, who).json["sections"]} == {"original"}
    model.behave_well()
    for _ in range(5):
        world.clock.advance(900)
        for who in readers:
            post(world, who)
        line.run()
    assert {reason for who in readers for reason in reasons(get(world, who))} == {None}
    assert breakers.all_known(world.clock.now())[0].state.closed()
    assert max(int(row["calls"]["N"]) for row in rows(backend)) <= ALL_CALLS


def test_i08_down_for_ever_a_section_costs_six_calls_until_the_owner_acts(
    world: World, model: ModelServer, backend: Backend
) -> None:
    model.behave("500")
    who, line = world.reader(), Line(world)
    for _ in range(8):
        read(world, line, who)
        world.clock.advance(3_601)
    assert calls_of(model) == {f"Part {n}": ALL_CALLS for n in (1, 2)}
    world.clock.advance(5 * 86_400)
    read(world, line, who)
    assert model.count == SECTIONS * ALL_CALLS
    model.behave_well()
    for known in breakers.all_known(world.clock.now()):
        breakers.change(known, mended, world.clock.now())
    world.clock.advance(3_600)
    assert reasons(read(world, line, who)) == {None}
    assert model.count == SECTIONS * (ALL_CALLS + 1)


def test_i08_a_worker_that_dies_counts_as_well(world: World, model: ModelServer) -> None:
    body = json.loads
    who, line = world.reader(), Line(world)
    assert post(world, who).status == 202
    (first, *_) = (message["Body"] for message in world.messages())
    key = body(first)["section"]
    for deaths in range(1, 4):
        held = sections.claim(key, 75.0, world.clock.now(), calls=3)
        assert isinstance(held, sections.Claim)
        assert held.used == 3 * (deaths - 1)
        world.clock.advance(75)
    get(world, who)
    line.run(10)
    assert calls_of(model)["Part 1"] == 0
