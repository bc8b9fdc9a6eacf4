"""The embedded services start, keep what they should, and leave nothing behind."""

import socket
from pathlib import Path

import pytest

from tools import services
from tools.errors import OperatorError
from tools.services import Services
from tools.template import Template


def test_data_outlives_the_process_and_the_process_does_not_outlive_us(tmp_path: Path, template: Template) -> None:
    for run in ("first", "second"):
        started = Services(tmp_path)
        try:
            physical = started.provision(template)
            sqs, dynamodb = started.client("sqs"), started.client("dynamodb")
            attributes = sqs.get_queue_attributes(QueueUrl=physical["WorkQueue"], AttributeNames=["All"])["Attributes"]
            table = dynamodb.describe_table(TableName=physical["Table"])["Table"]
            if run == "first":
                dynamodb.put_item(TableName="attune", Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
            assert started.parameter("/key", run, replace=False) == "first"
            assert dynamodb.scan(TableName="attune")["Count"] == 1
        finally:
            started.stop()
        assert not services.is_healthy(started.endpoint)
    assert attributes["VisibilityTimeout"] == "1"
    assert '"maxReceiveCount": 2' in attributes["RedrivePolicy"]
    assert [each["IndexName"] for each in table["GlobalSecondaryIndexes"]] == ["gsi1"]
    assert table["StreamSpecification"]["StreamEnabled"]


def test_an_ephemeral_stack_has_no_folder_afterwards() -> None:
    started = Services()
    scratch = started._scratch
    assert scratch
    assert scratch.is_dir()
    started.stop()
    assert not scratch.exists()


def test_the_services_end_when_our_end_of_the_pipe_closes() -> None:
    started = Services()
    assert started._process.stdin
    started._process.stdin.close()
    assert started._process.wait(timeout=10) == 0
    started.stop()


def test_nothing_but_loopback_listens() -> None:
    started = Services()
    try:
        port = int(started.endpoint.rpartition(":")[2])
        with socket.socket() as probe:
            probe.bind(("127.0.0.2", port))
    finally:
        started.stop()


def test_a_taken_port_is_said_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not services.is_free(port)
        with pytest.raises(OperatorError, match=f"Port {port} on 127.0.0.1 is taken"):
            Services(port=port)


def test_a_missing_environment_names_the_command_that_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "VENV", tmp_path)
    with pytest.raises(OperatorError, match="make run"):
        Services()


def test_what_the_services_say_when_they_do_not_start_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\necho first; echo the last word; exit 3\n")
    python.chmod(0o700)
    monkeypatch.setattr(services, "VENV", tmp_path)
    with pytest.raises(OperatorError, match="did not start: the last word"):
        Services()
