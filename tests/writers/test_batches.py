"""Batches by OpenAI's API, against a real socket: what goes up, what comes back, what may go wrong."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attune.domain import batch
from attune.domain.batch import Seen, line_id
from attune.domain.budget import Price, Usage
from attune.domain.section import WriterFault
from attune.writers import batches
from attune.writers.batches import PAGE, OpenAIBatches
from attune.writers.openai import OpenAIWriter
from tests.doubles.behaviours import USAGE
from tests.doubles.model import ModelServer
from tests.writers.test_openai_writer import REQUEST, server

__all__ = ["server"]
OTHER = replace(REQUEST, persona={"programming": "old"})


@pytest.fixture(params=["chat", "responses"])
def provider(server: ModelServer, request: pytest.FixtureRequest) -> Iterator[OpenAIBatches]:
    server.begin_anew()
    writer = OpenAIWriter(model="double", api_key="k", base_url=server.url, api=request.param)
    yield OpenAIBatches(writer)
    writer.close()


def sent(provider: OpenAIBatches, name: str = "attune-1") -> Seen:
    return provider.send(name, [provider.line(each) for each in (REQUEST, OTHER)])


def test_what_is_asked_in_a_batch_is_what_is_asked_alone(provider: OpenAIBatches, server: ModelServer) -> None:
    provider._writer.write(REQUEST, (), 5)
    (alone,) = server.calls
    line = json.loads(provider.line(REQUEST))
    assert line == {"custom_id": line_id(REQUEST), "method": "POST", "url": alone.path, "body": alone.body}


def test_answers_come_in_any_order_and_are_those_of_calls(provider: OpenAIBatches, server: ModelServer) -> None:
    seen = sent(provider)
    assert (seen.status, seen.ended, seen.name) == ("validating", False, "attune-1")
    server.batches.work()
    ended = provider.look(seen.id)
    assert (ended.status, ended.ended) == ("completed", True)
    found = provider.answers(ended)
    assert list(found) == [line_id(OTHER), line_id(REQUEST)], "the provider turns them round"
    for request in (REQUEST, OTHER):
        body = found[line_id(request)]
        assert isinstance(body, bytes)
        draft, alone = provider.read(request, body), provider._writer.write(request, (), 5)
        assert draft == alone
        assert provider.usage(body) == Usage(USAGE["in"], USAGE["out"])
    provider.forget(ended.files)
    assert server.batches.files == {}
    provider.forget(ended.files)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("400", "bad_request"), ("500", "provider_error"), ("context_length", "context_length"), ("policy", "filtered")],
)
def test_a_line_that_failed_says_why(provider: OpenAIBatches, server: ModelServer, behaviour: str, reason: str) -> None:
    server.script(behaviour)
    seen = sent(provider)
    server.batches.work()
    found = provider.answers(provider.look(seen.id))
    fault = found[line_id(REQUEST)]
    assert isinstance(fault, WriterFault)
    assert fault.reason == reason
    assert isinstance(found[line_id(OTHER)], bytes)


def test_what_was_not_answered_in_time_says_so(provider: OpenAIBatches, server: ModelServer) -> None:
    seen = sent(provider)
    server.batches.expire(done=1)
    ended = provider.look(seen.id)
    assert (ended.status, ended.ended) == ("expired", True)
    found = provider.answers(ended)
    fault = found[line_id(OTHER)]
    assert isinstance(fault, WriterFault)
    assert (fault.reason, fault.final) == ("expired", False)
    assert isinstance(found[line_id(REQUEST)], bytes)


def test_a_file_that_the_provider_refuses_is_no_batch_that_goes_on(
    provider: OpenAIBatches, server: ModelServer
) -> None:
    seen = provider.send("attune-1", [provider.line(REQUEST)] * 2)
    server.batches.work()
    ended = provider.look(seen.id)
    assert (ended.status, ended.reason) == ("failed", "duplicate_custom_id")
    assert provider.answers(ended) == {}


def test_one_is_found_by_its_name_on_any_page(provider: OpenAIBatches, server: ModelServer) -> None:
    first = sent(provider, "attune-lost")
    for number in range(PAGE + 1):
        server.batches.made[f"batch_x{number}"] = {**server.batches.last, "id": f"batch_x{number}", "metadata": None}
    assert [each.id for each in provider.find("attune-lost", 0)] == [first.id]
    assert provider.find("attune-other", 0) == []
    server.batches.forget()
    assert provider.find("attune-lost", 0) == []


def test_a_file_that_led_to_nothing_is_deleted_before_the_next(provider: OpenAIBatches, server: ModelServer) -> None:
    server.break_at("POST /v1/batches", "before")
    with pytest.raises(WriterFault):
        sent(provider)
    assert len(server.batches.files) == 1
    sent(provider)
    assert len(server.batches.files) == 1


def test_a_batch_can_be_stopped(provider: OpenAIBatches, server: ModelServer) -> None:
    seen = sent(provider)
    provider.cancel(seen.id)
    server.batches.work(done=1)
    ended = provider.look(seen.id)
    assert (ended.status, len(provider.answers(ended))) == ("cancelled", 2)


@pytest.mark.parametrize(
    ("how", "reason"),
    [("before", "provider_error"), ("unknown", "unknown_model"), ("html", "provider_protocol_error")],
)
@pytest.mark.parametrize("path", ["GET /v1/files", "POST /v1/files", "POST /v1/batches"])
def test_whatever_a_provider_does_is_a_fault_of_its_own(
    provider: OpenAIBatches, server: ModelServer, path: str, how: str, reason: str
) -> None:
    server.break_at(path, how)
    with pytest.raises(WriterFault) as found:
        sent(provider)
    assert found.value.reason == reason


def test_a_provider_that_is_not_there_is_a_fault() -> None:
    gone = OpenAIBatches(OpenAIWriter(model="m", api_key="k", base_url="http://127.0.0.1:9/v1"))
    with pytest.raises(WriterFault) as found:
        gone.look("batch_1")
    assert found.value.reason == "unreachable"


LINES: list[Any] = [None, 1, [], {}, {"custom_id": "a"}, {"custom_id": "a", "response": 7}, {"custom_id": None}]
WRONG = st.one_of(
    st.sampled_from(LINES).map(json.dumps),
    st.text(max_size=20).map(lambda text: text.replace("\n", " ")),
    st.just('{"custom_id": "a", "custom_id": "b"}'),
    st.just('{"custom_id": "x", "response": {"status_code": "many", "body": {}}}'),
    st.just("[" * 5_000),
)


@given(junk=st.lists(WRONG, max_size=6), place=st.integers(0, 6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_lines_that_are_none_take_nothing_from_the_others(server: ModelServer, junk: list[str], place: int) -> None:
    server.begin_anew()
    writer = OpenAIWriter(model="double", api_key="k", base_url=server.url)
    provider = OpenAIBatches(writer)
    body = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
    good = json.dumps({"custom_id": "good", "response": {"status_code": 200, "body": body}, "error": None})
    lines = [*junk[:place], good, *junk[place:]]
    server.batches.content["f"] = "\n".join(lines).encode(errors="replace")
    found = provider.answers(Seen("b", "completed", output_file="f"))
    writer.close()
    kept = found["good"]
    assert isinstance(kept, bytes)
    assert provider.usage(kept) == Usage(3, 4)


def test_a_batch_costs_half_and_keeps_within_what_providers_take() -> None:
    assert batch.halved(Price(0.25, 2)) == Price(0.125, 1)
    assert batch.LINES <= 50_000
    assert batch.BYTES <= 200_000_000
    assert len(line_id(REQUEST)) <= 128
    assert batch.section_of(line_id(REQUEST)) == REQUEST.key
    assert line_id(OTHER).partition(".")[2] == line_id(REQUEST).partition(".")[2]
    assert line_id(replace(REQUEST, source="another")).partition(".")[2] != line_id(REQUEST).partition(".")[2]


def test_a_list_without_an_end_is_not_read_for_ever(
    provider: OpenAIBatches, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAGE", 1)
    monkeypatch.setattr(batches, "PAGES", 2)
    for number in range(2):
        sent(provider, f"attune-{number}")
    with pytest.raises(WriterFault, match="provider_protocol_error"):
        provider.find("attune-9", 0)
    monkeypatch.setattr(batches, "PAGES", 3)
    assert provider.find("attune-9", 0) == []
