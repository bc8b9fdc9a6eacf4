"""Records of a stream are handed over in order by the rules of Lambda's event source mapping."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.streams import Reader, event_of
from tools.template import Streamed, Template

(STREAMED,) = Template().streamed
ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/attune/stream/now"


def record(place: int, kind: str = "session") -> dict[str, Any]:
    return {"eventID": f"id {place}", "dynamodb": {"SequenceNumber": str(place), "NewImage": {"kind": {"S": kind}}}}


class Stream:
    """Stands for the service: one shard that holds these records."""

    def __init__(self, *records: dict[str, Any], page: int = 3) -> None:
        self.records, self.page, self.broken = list(records), page, False

    def describe_stream(self, StreamArn: str) -> Any:
        assert StreamArn == ARN
        return {"StreamDescription": {"Shards": [{"ShardId": "shard"}]}}

    def get_shard_iterator(self, **asked: str) -> Any:
        assert asked == {"StreamArn": ARN, "ShardId": "shard", "ShardIteratorType": "TRIM_HORIZON"}
        return {"ShardIterator": "0"}

    def get_records(self, ShardIterator: str) -> Any:
        if self.broken:
            raise ClientError({"Error": {"Code": "ExpiredIteratorException"}}, "GetRecords")
        start = int(ShardIterator)
        found = self.records[start : start + self.page]
        return {"Records": found, "NextShardIterator": str(start + len(found))}


class Function:
    """Remembers the batches that it gets; fails at some places."""

    def __init__(self, *fails: int, reports: bool = True) -> None:
        self.fails, self.reports = {str(place) for place in fails}, reports
        self.batches: list[list[str]] = []

    def __call__(self, function: str, event: dict[str, Any]) -> Any:
        assert function == "FoldMetrics"
        places = [one["dynamodb"]["SequenceNumber"] for one in event["Records"]]
        self.batches.append(places)
        bad = [place for place in places if place in self.fails]
        if bad and not self.reports:
            raise RuntimeError("the whole batch")
        return {"batchItemFailures": [{"itemIdentifier": place} for place in bad[:1]]}


def read(stream: Stream, function: Function, **changes: Any) -> list[str]:
    """Everything handed over; what was told to the failure queue."""
    failed: list[str] = []
    rules: Streamed = replace(STREAMED, **{"retries": 2, **changes})
    reader = Reader(stream, ARN, rules, function, failed.append)
    assert reader.drain() == len(stream.records)
    assert reader.drain() == 0
    return failed


def test_what_the_filter_does_not_let_through_is_not_handed_over() -> None:
    function = Function()
    gone = {"eventID": "gone", "dynamodb": {"SequenceNumber": "9", "OldImage": {"kind": {"S": "session"}}}}
    assert read(Stream(record(1), record(2, "metric"), gone, record(4, "user"), record(5)), function) == []
    assert function.batches == [["1"], ["5"]]


def test_a_batch_holds_as_many_as_the_template_says() -> None:
    function = Function()
    assert read(Stream(*map(record, range(5)), page=5), function, batch_size=2) == []
    assert function.batches == [["0", "1"], ["2", "3"], ["4"]]


def test_what_comes_behind_a_failure_comes_again_with_it_and_is_not_held_up_for_ever() -> None:
    function = Function(2)
    (told,) = read(Stream(*map(record, range(1, 5)), page=4), function)
    assert function.batches == [["1", "2", "3", "4"], ["2", "3", "4"], ["2", "3", "4"], ["3", "4"]]
    assert '"startSequenceNumber": "2"' in told


def test_a_function_that_raises_gets_the_whole_batch_again(caplog: pytest.LogCaptureFixture) -> None:
    function = Function(1, reports=False)
    assert len(read(Stream(record(1), record(2)), function)) == 1
    assert function.batches == [["1", "2"]] * 3 + [["2"]]
    assert "failed with the whole batch" in caplog.text


def test_an_iterator_that_is_too_old_begins_again() -> None:
    stream, function = Stream(record(1)), Function()
    reader = Reader(stream, ARN, STREAMED, function)
    assert reader.drain() == 1
    stream.broken = True
    with pytest.raises(ClientError):
        reader.drain()
    stream.broken = False
    assert reader.drain() == 1
    assert function.batches == [["1"], ["1"]]


def test_a_record_is_plain_json_as_lambda_has_it() -> None:
    told = {"dynamodb": {"NewImage": {"data": {"B": b"\x00\xff"}}, "at": datetime(2026, 11, 2, tzinfo=UTC)}}
    assert event_of(told, ARN) == {
        "dynamodb": {"NewImage": {"data": {"B": "AP8="}}, "at": 1_793_577_600},
        "eventSourceARN": ARN,
    }
