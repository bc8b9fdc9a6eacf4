"""An operator sees which models are not asked, has them asked again, and sends back what was given up."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import boto3
import pytest

from tests import backends
from tests.backends import Backend
from tests.builders import NOW
from tests.doubles.clock import Clock
from tests.tools.test_cli import attune
from tools import deployment

with pytest.MonkeyPatch.context() as _importing:
    backends._set(_importing, backends.ENVIRONMENT)
    from attune.domain import breaker
    from attune.domain.breaker import FAILURES, FIRST_REST
    from attune.edge.clock import clock
    from attune.store import breakers, reading

Said = pytest.CaptureFixture[str]
TABLE = ("--table", "attune")


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with backends.memory() as used:
        yield used


@pytest.fixture(autouse=True)
def time(backend: Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Clock]:
    backend.empty()
    monkeypatch.setattr(deployment, "LOCAL", tmp_path)
    for name in ("ATTUNE_TABLE", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    was, clock.source = clock.source, Clock(NOW)
    yield clock.source
    clock.source = was


def fail(place: int, times: int, reason: str = "timeout") -> None:
    known = breakers.of(place, "a supplier", None)
    for _ in range(times):
        known, _ = breakers.change(
            known, lambda state: breaker.failed(state, state.turn, reason, None, NOW.timestamp()), NOW
        )


def test_nothing_is_told_of_models_that_never_failed(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    assert attune(monkeypatch, "model", "status", *TABLE) == 0
    assert capsys.readouterr().out == "No model has failed.\n"


def test_a_model_that_is_not_asked_is_shown_and_reset(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, time: Clock
) -> None:
    fail(0, FAILURES)
    fail(1, 1, "provider_error")
    assert attune(monkeypatch, "model", "status", *TABLE) == 1
    assert capsys.readouterr().out.splitlines() == [
        "first not asked timeout until 2031-05-05T12:01:00Z",
        "second asked provider_error",
    ]
    time.advance(FIRST_REST)
    assert attune(monkeypatch, "model", "status", *TABLE, "--json") == 0
    assert [each["state"] for each in json.loads(capsys.readouterr().out)] == ["to be probed", "asked"]
    assert attune(monkeypatch, "model", "reset", *TABLE) == 0
    assert capsys.readouterr().out == "2 reset\n"
    assert {(known.state.closed(), known.state.generation) for known in breakers.all_known(NOW)} == {(True, 1)}


def test_sections_get_their_calls_back_where_no_model_has_failed(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    assert attune(monkeypatch, "model", "reset", *TABLE, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"reset": 1}
    _, (known,) = reading.work("0" * 64, ["a supplier"], NOW)
    assert (known.state.closed(), known.state.generation > 0) == (True, True)


def test_a_table_that_cannot_be_used_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, backend: Backend
) -> None:
    with backend.faulty("denied"):
        assert attune(monkeypatch, "model", "status", *TABLE) == 2
    assert "The table cannot be used" in capsys.readouterr().err


def test_f17_what_was_given_up_is_sent_back_by_a_command(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    with closing(boto3.client("sqs")) as sqs:
        queue, dead = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("sections", "dead"))
        sqs.send_message(QueueUrl=dead, MessageBody="a message")
        urls = ("--queue", queue, "--dead", dead)
        assert attune(monkeypatch, "queue", "redrive", "sections", *urls) == 0
        assert capsys.readouterr().out == "sections: 1 sent back\n"
        assert attune(monkeypatch, "queue", "redrive", *urls, "--json") == 0
        assert json.loads(capsys.readouterr().out) == {"queue": "sections", "moved": 0}
        assert [each["Body"] for each in sqs.receive_message(QueueUrl=queue)["Messages"]] == ["a message"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["letters"], "Say sections or jobs."),
        (["sections", "--queue", "x"], "Give both"),
        (["jobs"], "start `make run`"),
    ],
)
def test_a_queue_that_is_not_known_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, arguments: list[str], said: str
) -> None:
    assert attune(monkeypatch, "queue", "redrive", *arguments) == 2
    assert said in capsys.readouterr().err
