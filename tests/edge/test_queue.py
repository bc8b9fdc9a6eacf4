"""Messages go out in tens until all are taken, and every record that comes in stands or falls by itself."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attune.domain.errors import Unavailable
from attune.edge import log, queue
from attune.edge.queue import BATCH, Later, handler, sender, withdraw

pytestmark = pytest.mark.disable_socket

URL = "https://queue.example/sections"
Json = dict[str, Any]


@dataclass(frozen=True)
class Note:
    """A message that is its own text."""

    text: str

    def to_json(self) -> str:
        return json.dumps(self.text)


class Queue:
    """A queue that takes what it is told to take."""

    def __init__(self) -> None:
        self.batches: list[list[Json]] = []
        self.taken: list[str] = []
        self.refusals: list[set[str]] = []
        self.fault: Exception | None = None
        self.postponed: list[Json] = []
        self.hidden: list[str] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[Json]) -> Json:
        assert QueueUrl == URL
        if self.fault:
            raise self.fault
        self.batches.append(Entries)
        refused = self.refusals.pop(0) if self.refusals else set()
        self.taken += [entry["MessageBody"] for entry in Entries if entry["Id"] not in refused]
        return {"Successful": [], "Failed": [{"Id": id_, "SenderFault": False} for id_ in refused]} if refused else {}

    def receive_message(self, MaxNumberOfMessages: int, WaitTimeSeconds: int, **_: Any) -> Json:
        """What is waited for comes from all servers; else the one that is asked here may have nothing."""
        if self.fault:
            raise self.fault
        there = [body for body in self.taken if body not in self.hidden] if WaitTimeSeconds else []
        self.hidden += there[:MaxNumberOfMessages]
        return {"Messages": [{"Body": body, "ReceiptHandle": body} for body in there[:MaxNumberOfMessages]]}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:
        self.taken.remove(ReceiptHandle)

    def change_message_visibility(self, **asked: Any) -> None:
        if self.fault:
            raise self.fault
        self.postponed.append(asked)


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Queue:
    made = Queue()
    monkeypatch.setattr(queue, "client", lambda service: {"sqs": made}[service])
    return made


def _send(messages: Sequence[Note]) -> None:
    sender(lambda: URL, lambda: "request-1")(messages)


def _notes(count: int) -> list[Note]:
    return [Note(str(number)) for number in range(count)]


FAULTS = [ClientError({"Error": {"Code": "Throttled", "Message": "x"}}, "SendMessageBatch"), BotoCoreError()]


@settings(derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 45))
def test_messages_go_out_in_tens_in_their_order(sqs: Queue, count: int) -> None:
    sqs.batches, sqs.taken = [], []
    _send(_notes(count))
    assert [len(batch) for batch in sqs.batches] == [BATCH] * (count // BATCH) + (
        [count % BATCH] if count % BATCH else []
    )
    assert sqs.taken == [note.to_json() for note in _notes(count)]
    assert all(len({entry["Id"] for entry in batch}) == len(batch) for batch in sqs.batches)


def test_e1_what_is_picked_is_taken_out_of_every_server_of_a_queue(sqs: Queue) -> None:
    _send(_notes(25))
    assert withdraw(lambda: URL, lambda body: int(json.loads(body)) % 3 == 0) == 9
    assert sqs.taken == [note.to_json() for note in _notes(25) if int(note.text) % 3]
    sqs.fault = BotoCoreError()
    with pytest.raises(Unavailable):
        withdraw(lambda: URL, lambda _: True)


def test_l2_a_message_says_whose_request_it_comes_from(sqs: Queue) -> None:
    _send(_notes(1))
    assert sqs.batches[0][0]["MessageAttributes"] == {
        "correlation_id": {"DataType": "String", "StringValue": "request-1"}
    }


def test_nothing_to_send_sends_nothing(sqs: Queue) -> None:
    sqs.fault = BotoCoreError()
    _send([])
    assert sqs.batches == []


def test_what_was_refused_is_sent_again_and_nothing_else(sqs: Queue) -> None:
    sqs.refusals = [{"1", "3"}]
    _send(_notes(5))
    assert [[entry["MessageBody"] for entry in batch] for batch in sqs.batches] == [
        ['"0"', '"1"', '"2"', '"3"', '"4"'],
        ['"1"', '"3"'],
    ]
    assert sorted(sqs.taken) == [f'"{n}"' for n in range(5)]


def test_what_is_refused_twice_is_a_queue_that_is_down(sqs: Queue) -> None:
    sqs.refusals = [{"1", "3"}, {"3"}]
    with pytest.raises(Unavailable) as caught:
        _send(_notes(5))
    assert caught.value.code == "queue_unavailable"


@pytest.mark.parametrize("fault", FAULTS, ids=["refused", "unreachable"])
def test_a_queue_that_does_not_answer_is_unavailable(sqs: Queue, fault: Exception) -> None:
    sqs.fault = fault
    with pytest.raises(Unavailable) as caught:
        _send(_notes(1))
    assert caught.value.code == "queue_unavailable"


def _record(body: str, number: int = 0) -> Json:
    return {
        "messageId": f"m{number}",
        "receiptHandle": f"r{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "2"},
        "messageAttributes": {"correlation_id": {"stringValue": "request-1", "dataType": "String"}},
    }


def _act(body: str) -> str:
    if body == "bad":
        raise RuntimeError("secret-text-of-a-learner")
    if body.startswith("later"):
        raise Later(int(body.removeprefix("later")))
    return "done"


def _failed(*bodies: str) -> list[str]:
    event = {"Records": [_record(body, number) for number, body in enumerate(bodies)]}
    answer = handler("work", _act, lambda: URL)(event, None)
    assert set(answer) == {"batchItemFailures"}
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@settings(derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["good", "bad", "later30"]), max_size=10))
def test_f04_exactly_the_records_that_failed_come_back(sqs: Queue, bodies: list[str]) -> None:
    assert _failed(*bodies) == [f"m{number}" for number, body in enumerate(bodies) if body != "good"]


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"Records": None}], ids=str)
def test_an_empty_batch_is_done(event: Json) -> None:
    assert handler("work", _act, lambda: URL)(event, None) == {"batchItemFailures": []}


def test_a_record_without_a_body_fails_alone(sqs: Queue) -> None:
    broken = {"messageId": "m9"}
    answer = handler("work", _act, lambda: URL)({"Records": [_record("good"), broken]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m9"}]}


def test_the_records_of_a_batch_are_worked_on_at_the_same_time() -> None:
    together = Barrier(BATCH, timeout=10)

    def act(_: str) -> str:
        together.wait()
        return "done"

    event = {"Records": [_record("good", number) for number in range(BATCH)]}
    assert handler("work", act, lambda: URL)(event, None) == {"batchItemFailures": []}


def test_a_record_may_ask_to_come_back_when_it_suits(sqs: Queue) -> None:
    assert _failed("later30", "later999999") == ["m0", "m1"]
    assert sorted(sqs.postponed, key=lambda asked: str(asked["ReceiptHandle"])) == [
        {"QueueUrl": URL, "ReceiptHandle": "r0", "VisibilityTimeout": 30},
        {"QueueUrl": URL, "ReceiptHandle": "r1", "VisibilityTimeout": 43_200},
    ]


@pytest.mark.parametrize("fault", FAULTS, ids=["refused", "unreachable"])
def test_a_record_that_cannot_be_postponed_comes_back_in_its_time(sqs: Queue, fault: Exception) -> None:
    sqs.fault = fault
    assert _failed("good", "later30") == ["m1"]


def test_a_record_that_cannot_be_postponed_for_any_reason_fails_alone(sqs: Queue) -> None:
    broken = {name: value for name, value in _record("later30", 1).items() if name != "receiptHandle"}
    answer = handler("work", _act, lambda: URL)({"Records": [_record("good"), broken]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_l1_l3_a_fault_is_logged_by_its_class_and_place_and_never_by_its_text(
    sqs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[tuple[str, Json]] = []
    monkeypatch.setattr(log.logger, "error", lambda message, extra: lines.append((message, extra)))
    _failed("bad")
    ((message, fields),) = lines
    assert (message, fields["error"], fields["request_id"]) == ("work", "RuntimeError", "request-1")
    assert fields["receives"] == "2"
    assert any("_act" in place for place in fields["where"])
    assert "secret-text" not in str(fields)
