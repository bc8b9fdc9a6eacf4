"""The store's stand-in for trouble does what it says: before or after the commit, and counted."""

import math
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from moto import mock_aws

from tests.doubles.faults import Faults, Recorder

KEY = {"pk": {"S": "a"}}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    config = Config(retries={"total_max_attempts": 3, "mode": "standard"})
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1", config=config)
        client.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


def add(client: Any) -> None:
    client.update_item(
        TableName="t", Key=KEY, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}}
    )


def count(client: Any) -> int:
    return int(client.get_item(TableName="t", Key=KEY).get("Item", {}).get("n", {}).get("N", 0))


@pytest.mark.parametrize(
    ("kind", "after"),
    [("lost_before", 1), ("lost_after", 2), ("error_after", 2), ("throttle", 1), ("server_error", 1), ("reset", 1)],
)
def test_client_tries_again_and_only_a_lost_answer_counts_twice(table: Any, kind: str, after: int) -> None:
    faults = Faults()
    faults.plan(kind, "UpdateItem")
    with faults.on(table), Recorder().on(table) as recorded:
        add(table)
    assert count(table) == after
    assert recorded.round_trips == 2
    assert faults.met == {kind: 1}


@pytest.mark.parametrize(
    ("kind", "raises", "code"),
    [
        ("lost_before", ConnectionClosedError, None),
        ("hang", ReadTimeoutError, None),
        ("throttle", ClientError, "ProvisionedThroughputExceededException"),
        ("denied", ClientError, "AccessDeniedException"),
        ("conflict", ClientError, "TransactionConflictException"),
    ],
)
def test_fault_for_ever_reaches_the_caller(table: Any, kind: str, raises: type[Exception], code: str | None) -> None:
    faults = Faults()
    faults.plan(kind, times=math.inf)
    with faults.on(table), pytest.raises(raises) as caught:
        add(table)
    if isinstance(caught.value, ClientError):
        assert caught.value.response["Error"]["Code"] == code
    faults.clear()
    assert count(table) == 0


def test_conflicting_transaction_names_its_items(table: Any) -> None:
    faults = Faults()
    faults.plan("conflict", "TransactWriteItems", times=math.inf)
    put = {"Put": {"TableName": "t", "Item": KEY}}
    other = {"Put": {"TableName": "t", "Item": {"pk": {"S": "b"}}}}
    with faults.on(table), pytest.raises(table.exceptions.TransactionCanceledException) as caught:
        table.transact_write_items(TransactItems=[put, other])
    assert [reason["Code"] for reason in caught.value.response["CancellationReasons"]] == [
        "TransactionConflict",
        "None",
    ]


def test_nth_call_and_predicate(table: Any) -> None:
    faults = Faults()
    faults.plan("denied", "UpdateItem", nth=2, when=lambda body: body["Key"] == KEY)
    with faults.on(table):
        add(table)
        with pytest.raises(ClientError):
            add(table)
        add(table)
    assert count(table) == 2


def test_probability_is_seeded(table: Any) -> None:
    met = []
    for _ in range(2):
        faults = Faults()
        faults.plan("throttle", "GetItem", probability=0.3)
        with faults.on(table):
            for _ in range(20):
                count(table)
        met.append(faults.met["throttle"])
    assert met[0] == met[1] > 0


def test_unprocessed_and_small_pages(table: Any) -> None:
    faults = Faults(page_size=1)
    faults.plan("unprocessed", "BatchWriteItem")
    wanted = {"t": [{"PutRequest": {"Item": {"pk": {"S": str(n)}}}} for n in range(3)]}
    with faults.on(table), Recorder().on(table) as recorded:
        assert table.batch_write_item(RequestItems=wanted)["UnprocessedItems"] == wanted
        assert table.batch_write_item(RequestItems=wanted)["UnprocessedItems"] == {}
        pages = list(table.get_paginator("scan").paginate(TableName="t"))
    assert sum(len(page["Items"]) for page in pages) == 3
    assert max(len(page["Items"]) for page in pages) == 1
    assert recorded.operations["Scan"] >= 3


def test_capacity_is_recorded_and_taps_come_off(table: Any) -> None:
    with Recorder().on(table) as recorded:
        add(table)
        count(table)
        assert [call.operation for call in recorded.calls] == ["UpdateItem", "GetItem"]
        assert (recorded.read_units > 0, recorded.write_units > 0) == (True, True)
        recorded.reset()
    add(table)
    assert recorded.round_trips == 0


def test_unknown_kind() -> None:
    with pytest.raises(KeyError):
        Faults().plan("bad luck")
