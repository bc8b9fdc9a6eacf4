"""`attune retention sweep`: what is kept too long is told first, and goes when it is wanted; nobody else's goes."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests import backends
from tests.backends import Backend
from tests.builders import NOW, a_guest, a_key, an_account, answers
from tests.doubles.clock import Clock
from tests.tools.test_cli import attune
from tools.services import TABLE

with pytest.MonkeyPatch.context() as _importing:
    backends._set(_importing, backends.ENVIRONMENT)
    from attune.domain.erasure import SETTLES
    from attune.domain.jobs import EraseUser, job
    from attune.domain.principal import GUEST_TOKEN, Principal
    from attune.edge import tombs
    from attune.edge.clock import clock
    from attune.store import learner_settings, pointers, retention, users
    from tests.store.test_erasures import work

LONG_AGO = NOW - GUEST_TOKEN - timedelta(days=2)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    with backends.memory() as used:
        assert used.engine is not None
        monkeypatch.setattr(tombs, "use", lambda: None)
        # The command's own client finds the table in this process too.
        resource = boto3.resource("dynamodb")
        monkeypatch.setattr("tools.retention.boto3.resource", lambda service: resource)
        was, clock.source = clock.source, Clock(NOW)
        with used.engine.on(resource.meta.client):
            yield used
        clock.source = was


def somebody(who: Principal, at: Any) -> Principal:
    """One who came at a moment, told something and asked for a lesson."""
    if who.learner.startswith("g."):
        users.create(who, at, None)
    learner_settings.submit_answers(who, "course", answers(), at)
    pointers.put(who, "course", "lesson", pointers.Pointer(a_key(), 1, 1, "s", 0, False), at)
    return who


def rows(backend: Backend) -> list[Any]:
    return sorted(backend.raw.scan(TableName=TABLE)["Items"], key=lambda row: (row["pk"]["S"], row["sk"]["S"]))


def test_e7_a_guest_whose_last_token_has_run_out_goes_and_is_told_of_before(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = somebody(a_guest(), LONG_AGO)
    renewed, account = somebody(a_guest(), LONG_AGO), somebody(an_account(), LONG_AGO - retention.TEXTS)
    fresh = somebody(a_guest(), NOW)
    users.seen(renewed, NOW - GUEST_TOKEN)
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="jobs-of-the-sweep")["QueueUrl"]
    before = rows(backend)

    def sweep(*more: str) -> Any:
        asked = ["retention", "sweep", "--table", TABLE, "--queue", queue, "--json", *more]
        with backends.configured({"JOB_QUEUE_URL": queue}):
            assert attune(monkeypatch, *asked) == 0
        return json.loads(capsys.readouterr().out)

    told = sweep("--dry-run")
    assert rows(backend) == before
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    # The guest's three rows, and what the account was shown half a year ago.
    assert (told["guests"], told["gone_guests"], told["total"]) == (3, 1, 4)
    assert told["of_gone_guests"] == {"user": 1, "settings": 1, "pointer": 1}
    assert told["expired"] == {"pointer": 1}
    assert sweep() == told
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    erased = job(message["Body"])
    assert isinstance(erased, EraseUser)
    work(erased.receipt, NOW)
    work(erased.receipt, NOW + SETTLES)
    left = {row["pk"]["S"] for row in rows(backend)}
    assert f"USER#{gone.learner}" not in left
    assert {f"USER#{who.learner}" for who in (renewed, account, fresh)} <= left
    assert sweep()["total"] == 0


def test_e7_a_guest_of_an_earlier_release_has_the_time_of_a_token_from_the_first_sweep_on(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That guest may have renewed a token yesterday: the row does not say."""
    old = somebody(a_guest(), LONG_AGO)
    key = {"pk": {"S": f"USER#{old.learner}"}, "sk": {"S": "USER"}}
    backend.raw.update_item(TableName=TABLE, Key=key, UpdateExpression="REMOVE token_at")
    told = []
    for later, more in ((0, ["--dry-run"]), (0, []), (GUEST_TOKEN.days, []), (GUEST_TOKEN.days + 2, ["--dry-run"])):
        clock.source = Clock(NOW + timedelta(days=later))
        assert attune(monkeypatch, "retention", "sweep", "--table", TABLE, "--queue", "q", "--json", *more) == 0
        found = json.loads(capsys.readouterr().out)
        told.append((found["undated_guests"], found["gone_guests"]))
    assert told == [(1, 0), (1, 0), (0, 0), (0, 1)]


def test_a_table_that_is_named_needs_its_queue(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert attune(monkeypatch, "retention", "sweep", "--table", TABLE) == 2
    assert "--queue" in capsys.readouterr().err
    somebody(a_guest(), LONG_AGO)
    assert attune(monkeypatch, "retention", "sweep", "--table", TABLE, "--dry-run") == 0
    assert "1 guests, 1 of them gone; 3 rows would go" in capsys.readouterr().out
