"""The model writer against a real socket: whatever the provider and the network do, a draft or a stable reason."""

import logging
import random
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from attune.domain.fidelity.gate import check
from attune.domain.placeholders import Tampered
from attune.domain.section import SectionRequest, Style, Term, WriterFault
from attune.writers.openai import OpenAIWriter
from attune.writers.prompts import PROMPT_VERSION
from tests.doubles.clock import Clock
from tests.doubles.model import ModelServer

KEY = "sk-canary-0123456789"
SOURCE = """## Reading a sensor

An IMU reports 100 samples a second. Subscribe with `create_subscription` and keep the callback short, because a late
callback loses messages; the [documentation](/ros2/nodes-and-topics) explains why, and $v = a t$ says what is lost.

```python
node.create_subscription(Imu, "imu", callback, 10)
```

| rate | delay |
|---|---|
| 100 Hz | 10 ms |

1. Start the node.
2. Watch the topic.
"""
REQUEST = SectionRequest(
    lesson_title="Sensors",
    title="Reading a sensor",
    outline=("Reading a sensor",),
    source=SOURCE,
    source_language="en",
    language="en",
    persona={"programming": "new", "robotics": "false"},
    instructions=("Explain syntax in simple words.", "Use everyday comparisons."),
    glossary=(Term("IMU", "an inertial measurement unit"), Term("node"), Term("topic")),
    define_terms=False,
    style=Style("openai", "double", "chat", PROMPT_VERSION),
)
URDU = replace(REQUEST, language="ur")


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def model(server: ModelServer) -> ModelServer:
    """The server as if it were new: nobody has called it, and it behaves well."""
    server.begin_anew()
    return server


@pytest.fixture
def alone() -> Iterator[ModelServer]:
    """A server of the test's own: calls that are given up may still arrive at it later."""
    with ModelServer() as running:
        yield running


@pytest.fixture(params=["chat", "responses"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


OPEN: list[OpenAIWriter] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def made(model: ModelServer, clock: Clock | None = None, **changes: Any) -> OpenAIWriter:
    """A writer whose waits cost nothing; with a clock, whose time does not pass."""
    clock = clock or Clock()
    settings: dict[str, Any] = {"model": "double", "api_key": KEY, "base_url": model.url, "rng": random.Random(1)}
    settings |= {"sleep": clock.sleep, "now": clock.timestamp}
    OPEN.append(OpenAIWriter(**(settings | changes)))
    return OPEN[-1]


def fault(writer: OpenAIWriter, deadline: float = 20, request: SectionRequest = REQUEST) -> WriterFault:
    with pytest.raises(WriterFault) as caught:
        writer.write(request, (), deadline)
    assert KEY not in f"{caught.value!r}{caught.value.__cause__!r}"
    assert caught.value.__cause__ is None
    return caught.value


@pytest.mark.parametrize("request_", [REQUEST, URDU], ids=["same language", "translated"])
def test_good_answer_passes_the_gate(model: ModelServer, api: str, request_: SectionRequest) -> None:
    draft = made(model, api=api).write(request_, (), 10)
    assert check(request_, draft.text) == []
    assert "programming new" in draft.text
    assert (draft.model, draft.input_tokens, draft.output_tokens) == ("double", 700, 480)
    assert model.count == 1


def test_what_is_sent(model: ModelServer, api: str) -> None:
    made(model, api=api).write(REQUEST, (), 10)
    call = model.calls[0]
    assert call.path == ("/v1/chat/completions" if api == "chat" else "/v1/responses")
    assert call.headers["authorization"] == f"Bearer {KEY}"
    assert call.headers["accept-encoding"] == "identity"
    assert call.headers["x-client-request-id"] == REQUEST.key[:32]
    assert not {"tools", "user", "stream"} & call.body.keys()
    assert "create_subscription(" not in call.asked.source
    assert call.asked.persona == REQUEST.persona


def test_complaints_reach_the_model(model: ModelServer) -> None:
    made(model).write(REQUEST, ["A formula of the source is missing or changed."], 10)
    assert model.calls[0].asked.complaints == ("A formula of the source is missing or changed.",)


FAULTS = [
    ("g01", "429", "overloaded", False, 3),
    ("g02", "insufficient_quota", "quota_exhausted", True, 1),
    ("g03", "500", "provider_error", False, 3),
    ("g03", "502_html", "provider_error", False, 3),
    ("g03", "503", "provider_error", False, 3),
    ("g03", "504", "provider_error", False, 3),
    ("g03", "408", "provider_error", False, 3),
    ("g03", "409", "provider_error", False, 3),
    ("g04", "401", "unauthorized", True, 1),
    ("g04", "403", "unauthorized", True, 1),
    ("g04", "404", "unknown_model", True, 1),
    ("g04", "400", "bad_request", True, 1),
    ("g04", "422", "bad_request", True, 1),
    ("g04", "413", "context_length", True, 1),
    ("g04", "context_length", "context_length", True, 1),
    ("g04", "policy", "filtered", True, 1),
    ("g05", "reset_before", "unreachable", False, 3),
    ("g05", "reset_after", "unreachable", False, 3),
    ("g05", "reset_inside", "unreachable", False, 3),
    ("g05", "closed", "unreachable", False, 3),
    ("g05", "truncated", "unreachable", False, 3),
    ("g07", "no_finish", "provider_protocol_error", False, 2),
    ("g07", "event_stream", "provider_protocol_error", False, 2),
    ("g08", "html_200", "provider_protocol_error", False, 2),
    ("g08", "empty_body", "provider_protocol_error", False, 2),
    ("g08", "bad_utf8", "provider_protocol_error", False, 2),
    ("g08", "error_body", "provider_protocol_error", False, 2),
    ("g08", "no_choices", "provider_protocol_error", False, 2),
    ("g08", "null_choices", "provider_protocol_error", False, 2),
    ("g08", "array", "provider_protocol_error", False, 2),
    ("g08", "wrong_type", "provider_protocol_error", False, 2),
    ("g08", "deep_body", "provider_protocol_error", False, 2),
    ("g08", "long_number", "provider_protocol_error", False, 2),
    ("g09", "gzip_bomb", "provider_protocol_error", False, 2),
    ("g09", "big", "answer_too_large", False, 1),
    ("g10", "redirect", "redirected", True, 1),
    ("g11", "empty", "empty", False, 1),
    ("g11", "whitespace", "empty", False, 1),
    ("g11", "null", "empty", False, 1),
    ("g11", "empty_markdown", "empty", False, 1),
    ("g12", "refusal", "refused", True, 1),
    ("g12", "tool_call", "refused", True, 1),
    ("g12", "filtered", "filtered", True, 1),
    ("g13", "length", "truncated", True, 1),
    ("g18", "invisible_only", "empty", False, 1),
]


@pytest.mark.parametrize(
    ("behaviour", "reason", "final", "calls"), [row[1:] for row in FAULTS], ids=[f"{row[0]}-{row[1]}" for row in FAULTS]
)
def test_g01_to_g13_a_fault_has_a_reason_and_bounded_tries(
    model: ModelServer, api: str, behaviour: str, reason: str, final: bool, calls: int
) -> None:
    if behaviour == "error_body" and api == "responses":
        reason, calls = "provider_error", 3
    model.behave(behaviour)
    clock = Clock()
    caught = fault(made(model, clock, api=api))
    assert (caught.reason, caught.final, model.count) == (reason, final, calls)
    assert len(clock.slept) == calls - 1
    assert all(0 <= waited <= 4 for waited in clock.slept)


@pytest.mark.parametrize("tries", [1, 2])
def test_no_more_is_tried_than_is_allowed(model: ModelServer, tries: int) -> None:
    model.behave("500")
    with pytest.raises(WriterFault) as caught:
        made(model).write(REQUEST, (), 20, tries)
    assert caught.value.calls == model.count == tries


def test_a_draft_says_how_many_calls_it_took(model: ModelServer) -> None:
    model.script("500", "bad_utf8", "well")
    with pytest.raises(WriterFault) as caught:
        made(model).write(REQUEST, (), 20)
    assert (caught.value.reason, caught.value.calls) == ("provider_protocol_error", 2)
    assert made(model).write(REQUEST, (), 20).calls == 1


@pytest.mark.parametrize("behaviour", ["500", "429", "reset_before", "truncated", "html_200", "bad_utf8"])
def test_g03_g05_and_g08_what_passes_by_itself_is_tried_again(model: ModelServer, behaviour: str) -> None:
    model.script(behaviour, "well")
    assert check(REQUEST, made(model).write(REQUEST, (), 20).text) == []
    assert model.count == 2


@pytest.mark.parametrize(
    "behaviour",
    [
        "broken_json",
        "wrong_schema",
        "duplicate_keys",
        "nan",
        "deep_nesting",
        "not_json",
        "dropped_token",
        "doubled_token",
    ],
)
def test_g14_an_answer_of_another_shape_is_for_one_repair(model: ModelServer, behaviour: str) -> None:
    model.script(behaviour)
    writer = made(model)
    caught = fault(writer)
    assert isinstance(caught, Tampered)
    assert (caught.reason, caught.final, model.count) == ("gate_failed", False, 1)
    # What a provider counts is believed as far as it can be: nobody writes 100,000 brackets in 480 tokens.
    assert caught.usage.input_tokens == 700
    assert (caught.usage.output_tokens == 480) == (behaviour != "deep_nesting")
    assert caught.complaints
    assert check(REQUEST, writer.write(REQUEST, caught.complaints, 10).text) == []
    assert model.calls[1].asked.complaints == caught.complaints


def test_leaked_prompt_is_refused(model: ModelServer) -> None:
    model.behave("leak")
    caught = fault(made(model))
    assert isinstance(caught, Tampered)
    assert caught.complaints == ("The text repeats its instructions.",)


@pytest.mark.parametrize(
    "behaviour", ["fenced_json", "outer_fence", "usage_missing", "control_characters", "lone_surrogate"]
)
def test_g14_and_g18_harmless_faults_are_mended(model: ModelServer, behaviour: str) -> None:
    model.behave(behaviour)
    assert check(REQUEST, made(model).write(REQUEST, (), 10).text) == []
    assert model.count == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        "changed_number",
        "added_html",
        "invented_link",
        "javascript_link",
        "preamble",
        "wrong_language",
    ],
)
def test_g15_the_gate_refuses_what_the_writer_cannot_see(model: ModelServer, behaviour: str) -> None:
    model.behave(behaviour)
    assert check(URDU, made(model).write(URDU, (), 10).text)


@pytest.mark.parametrize("behaviour", ["unrelated", "soft_refusal", "half"])
def test_g12_and_g15_a_text_without_its_tokens_is_refused(model: ModelServer, behaviour: str) -> None:
    model.behave(behaviour)
    assert fault(made(model)).reason == "gate_failed"


@pytest.mark.parametrize("behaviour", ["usage_missing", "usage_negative", "usage_huge", "usage_text", "usage_low"])
def test_g16_unbelievable_usage_is_replaced_by_an_estimate(model: ModelServer, api: str, behaviour: str) -> None:
    model.behave(behaviour)
    draft = made(model, api=api).write(REQUEST, (), 10)
    assert 500 < draft.input_tokens < 10_000
    assert 50 < draft.output_tokens < 10_000


def test_g17_another_model_is_reported_or_refused(model: ModelServer) -> None:
    model.behave("other_model")
    assert made(model).write(REQUEST, (), 10).model == "somebody-else-1"
    assert made(model, models=["somebody-else-1"]).write(REQUEST, (), 10).model == "somebody-else-1"
    assert fault(made(model, models=[])).reason == "wrong_model"
    model.behave("well", model="double-2026-01-01")
    assert made(model, models=[]).write(REQUEST, (), 10).model == "double-2026-01-01"


# Waiting.


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"Retry_After": "2"}, 2.0),
        ({"retry_after_ms": "1500", "Retry_After": "9"}, 1.5),
        ({"Retry_After": "date"}, 4.0),
    ],
)
def test_g01_retry_after_is_kept_inside_the_deadline(
    model: ModelServer, headers: dict[str, str], waited: float
) -> None:
    clock = Clock()
    date = formatdate(clock.timestamp() + 4, usegmt=True)
    headers = {name: date if value == "date" else value for name, value in headers.items()}
    model.behave("status", times=1, status=429, code="rate_limit", **headers)
    made(model, clock).write(REQUEST, (), 20)
    assert clock.slept == [pytest.approx(waited)]


@pytest.mark.parametrize("value", ["30", "86400", "1e300"])
def test_g02_a_long_retry_after_goes_back_to_the_caller(model: ModelServer, value: str) -> None:
    model.behave("status", status=429, code="rate_limit", Retry_After=value)
    clock = Clock()
    caught = fault(made(model, clock), deadline=10)
    assert (caught.reason, caught.final, caught.retry_after) == ("overloaded", False, float(value))
    assert clock.slept == []
    assert model.count == 1


@pytest.mark.parametrize("value", ["soon", "nan", "inf", "-5", ""])
def test_unreadable_retry_after_does_no_harm(model: ModelServer, value: str) -> None:
    model.behave("status", times=1, status=503, code="error", Retry_After=value)
    made(model).write(REQUEST, (), 20)
    assert model.count == 2


@pytest.mark.parametrize(
    ("behaviour", "options"),
    [
        ("hang", {}),
        ("stall", {}),
        ("drip", {}),
        ("drip", {"status": 500}),
        ("drip_headers", {}),
        ("slow", {"seconds": 30}),
    ],
)
def test_g06_the_total_deadline_holds(alone: ModelServer, behaviour: str, options: dict[str, Any]) -> None:
    alone.behave(behaviour, **options)
    began = time.monotonic()
    assert fault(made(alone), deadline=0.4).reason == "timeout"
    # The machine may be busy; whoever waited for the answer would wait for half a minute.
    assert time.monotonic() - began < 5


def test_no_try_begins_after_the_deadline(model: ModelServer) -> None:
    clock = Clock()
    model.behave("500")
    writer = made(model, clock, monotonic=clock.monotonic)
    assert fault(writer, deadline=0).reason == "timeout"
    assert model.count == 0
    assert fault(writer, deadline=0.5).reason == "provider_error"
    assert clock.monotonic() <= 0.5


def test_g05_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    writer = OpenAIWriter(model="double", api_key=KEY, base_url=f"http://127.0.0.1:{port}/v1", sleep=lambda _: None)
    assert fault(writer).reason == "unreachable"


# The network's traps.


def test_g10_a_redirect_is_not_followed(model: ModelServer) -> None:
    with ModelServer() as elsewhere:
        model.behave("redirect", to=f"{elsewhere.url}/chat/completions")
        assert fault(made(model)).reason == "redirected"
        assert elsewhere.count == 0


@pytest.mark.parametrize("status", [200, 500])
def test_g09_a_packed_answer_is_not_unpacked(model: ModelServer, status: int) -> None:
    model.behave("gzip_bomb", status=status, megabytes=8)
    assert fault(made(model)).reason == "provider_protocol_error"


def test_g04_the_key_is_in_no_log(model: ModelServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    model.behave("401")
    fault(made(model))
    assert KEY not in caplog.text


# What servers can do.


@pytest.mark.parametrize(
    ("refuses", "answer", "calls"),
    [(("json_schema",), "well", 2), (("json_schema", "json_object"), "plain", 3), (("json_schema",), "fenced_json", 2)],
)
def test_server_without_schemas(
    model: ModelServer, api: str, refuses: tuple[str, ...], answer: str, calls: int
) -> None:
    model.behave("no_schema", refuses=refuses, answer=answer)
    writer = made(model, api=api)
    assert check(REQUEST, writer.write(REQUEST, (), 10).text) == []
    assert model.count == calls
    writer.write(REQUEST, (), 10)
    assert model.count == calls + 1, "what the server cannot do is remembered"


def test_server_that_knows_only_max_tokens(model: ModelServer) -> None:
    model.behave("max_tokens_only")
    made(model).write(REQUEST, (), 10)
    assert model.calls[-1].body["max_tokens"] == 8_192


def test_api_is_one_of_two() -> None:
    with pytest.raises(ValueError, match="chat or responses"):
        OpenAIWriter(model="m", api_key="k", api="graphql")


def test_many_threads_share_one_writer(alone: ModelServer) -> None:
    alone.hold()
    writer = made(alone)
    with ThreadPoolExecutor(8) as pool:
        drafts = [pool.submit(writer.write, REQUEST, (), 20) for _ in range(8)]
        assert alone.wait_for(8)
        threading.Timer(0.05, alone.release).start()
        assert len({draft.result().text for draft in drafts}) == 1
    assert alone.max_in_flight == 8
