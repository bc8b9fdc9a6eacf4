"""Batches are invoked and acknowledged by the rules of Lambda's event source mapping."""

import json
import threading
from dataclasses import replace
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError
from mypy_boto3_sqs import SQSClient
from mypy_boto3_sqs.type_defs import MessageTypeDef

from tools import queues
from tools.queues import Poller
from tools.template import Template


class Queue:
    """Stands for the queue: hands nothing out, remembers what was deleted."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def get_queue_attributes(self, **_: object) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:WorkQueue"}}

    def delete_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> None:
        assert len(Entries) <= 10
        self.deleted += [each["ReceiptHandle"].removeprefix("handle-") for each in Entries]


def messages(*ids: str) -> list[MessageTypeDef]:
    return [{"MessageId": each, "ReceiptHandle": f"handle-{each}", "Body": each, "MD5OfBody": "-"} for each in ids]


def deleted(template: Template, result: Any, *ids: str) -> list[str]:
    """What is acknowledged when a function answers `result`, or raises it."""
    queue = Queue()

    def invoke(function: str, event: dict[str, Any]) -> Any:
        assert (function, len(event["Records"])) == ("Work", len(ids))
        if isinstance(result, Exception):
            raise result
        return result

    Poller(cast(SQSClient, queue), "url", template.mapped[0], invoke).handle(messages(*ids))
    return queue.deleted


def failures(*ids: object) -> dict[str, list[dict[str, object]]]:
    return {"batchItemFailures": [{"itemIdentifier": each} for each in ids]}


@pytest.mark.parametrize("result", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_answer_acknowledges_everything(template: Template, result: object) -> None:
    assert deleted(template, result, "a", "b") == ["a", "b"]


def test_only_what_did_not_fail_is_acknowledged(template: Template) -> None:
    assert deleted(template, failures("b"), "a", "b", "c") == ["a", "c"]
    assert deleted(template, failures("a", "b"), "a", "b") == []


@pytest.mark.parametrize(
    "result",
    [
        RuntimeError("boom"),
        "fine",
        failures(""),
        failures(None),
        failures("z"),
        {"batchItemFailures": [{"id": "a"}]},
        {"batchItemFailures": "a"},
    ],
)
def test_a_malformed_answer_fails_the_whole_batch(template: Template, result: object) -> None:
    assert deleted(template, result, "a", "b") == []


def test_a_batch_of_more_than_ten_is_acknowledged_in_parts(template: Template) -> None:
    ids = [str(number) for number in range(23)]
    assert deleted(template, None, *ids) == ids


def test_a_record_is_what_lambda_hands_over(template: Template) -> None:
    poller = Poller(cast(SQSClient, Queue()), "url", template.mapped[0], lambda function, event: None)
    message: MessageTypeDef = {
        "MessageId": "1",
        "ReceiptHandle": "handle",
        "Body": "{}",
        "MD5OfBody": "md5",
        "Attributes": {"ApproximateReceiveCount": "2"},
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "x"}},
    }
    assert poller._record(message) == {
        "messageId": "1",
        "receiptHandle": "handle",
        "body": "{}",
        "md5OfBody": "md5",
        "attributes": {"ApproximateReceiveCount": "2"},
        "messageAttributes": {"kind": {"dataType": "String", "stringValue": "x"}},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:WorkQueue",
        "awsRegion": "us-east-1",
    }
    assert json.dumps(message)


class Line(Queue):
    """A queue that hands out what it is given, a request at a time, and then fails once."""

    def __init__(self, *answers: list[str]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[int] = []

    def receive_message(self, *, MaxNumberOfMessages: int, **_: object) -> dict[str, Any]:
        self.asked.append(MaxNumberOfMessages)
        if self.answers:
            return {"Messages": messages(*self.answers.pop(0))}
        raise EndpointConnectionError(endpoint_url="http://queue")


def test_a_window_gathers_what_follows_up_to_the_batch_size(template: Template) -> None:
    line = Line(["a", "b"], ["c"])
    mapped = replace(template.mapped[0], batch_size=3, window=60)
    batch = Poller(cast(SQSClient, line), "url", mapped, lambda function, event: None)._receive()
    assert [each["MessageId"] for each in batch] == ["a", "b", "c"]
    assert line.asked == [3, 1]


def test_no_request_asks_for_more_than_ten(template: Template) -> None:
    line = Line(["a"])
    mapped = replace(template.mapped[0], batch_size=100)
    Poller(cast(SQSClient, line), "url", mapped, lambda function, event: None)._receive()
    assert line.asked == [10]


def test_a_queue_that_cannot_be_reached_is_asked_again(
    template: Template, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(queues, "_WAIT", 0.01)
    mapped = replace(template.mapped[0], concurrency=1)
    asked_again = threading.Event()

    class Reached(Line):
        def receive_message(self, **arguments: Any) -> dict[str, Any]:
            if len(self.asked) > 2:
                asked_again.set()
            return super().receive_message(**arguments)

    line = Reached(["a"])
    poller = Poller(cast(SQSClient, line), "url", mapped, lambda function, event: None)
    poller.start()
    assert asked_again.wait(10)
    poller.stop()
    assert line.deleted == ["a"]
    assert "WorkQueue cannot be polled" in caplog.text


def test_a_stopped_poller_says_nothing_of_a_queue_that_is_gone(
    template: Template, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line()
    poller = Poller(cast(SQSClient, line), "url", template.mapped[0], lambda function, event: None)
    poller._stopping.set()
    poller.start()
    poller.stop()
    assert (line.asked, caplog.text) == ([], "")
