"""The short way of a call is botocore's way: the same signature, the same answer, and the same end of every fault."""

import base64
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import ClientError, HTTPClientError
from hypothesis import given
from hypothesis import strategies as st

from attune.store import table, wire
from attune.store.items import Item
from attune.store.signature import Signer, learned
from tests.backends import Backend
from tests.builders import a_key, a_uuid
from tests.doubles.tap import Send, Tap
from tools.services import TABLE

TARGET = "DynamoDB_20120810.GetItem"
KIND = "application/x-amz-json-1.0"
words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=20)
identities = st.builds(ReadOnlyCredentials, words, words, st.none() | words)


@pytest.fixture
def client(backend: Backend) -> Any:
    """The store's client, after its first call."""
    del backend
    client = table._connection().client
    client._make_api_call("GetItem", {"TableName": TABLE, "Key": key("none", "none")})
    assert isinstance(client, wire.Client)
    return client


def key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def signed(url: str, body: bytes, who: ReadOnlyCredentials, region: str = "eu-west-1", **more: str) -> AWSRequest:
    """A request that botocore has signed."""
    headers = {"X-Amz-Target": TARGET, "Content-Type": KIND, "User-Agent": "somebody", **more}
    request = AWSRequest("POST", url, headers, body)
    SigV4Auth(who, "dynamodb", region).add_auth(request)
    return request


# The signature --------------------------------------------------------------------------------------------------------


@given(
    url=st.sampled_from(["https://dynamodb.eu-west-1.amazonaws.com/", "http://127.0.0.1:4566/"]),
    bodies=st.lists(st.binary(min_size=1), min_size=1, max_size=3),
    who=identities,
    later=identities,
    region=st.sampled_from(["eu-west-1", "us-east-1"]),
)
def test_a_call_is_signed_as_botocore_signs_it(
    url: str, bodies: list[bytes], who: ReadOnlyCredentials, later: ReadOnlyCredentials, region: str
) -> None:
    signer = learned(signed(url, b"{}", who, region), who)
    assert signer is not None
    for body, by in [(body, by) for body in bodies for by in (who, later)]:
        wanted = signed(url, body, by, region)
        stamp = datetime.strptime(wanted.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        found = signer.headers(TARGET, body, by, stamp)
        assert found.pop("Content-Length") == str(len(body))
        assert found == dict(wanted.headers)


def test_a_day_has_a_key_of_its_own() -> None:
    who = ReadOnlyCredentials("a", "b", None)
    signer = Signer("https://here/", "eu-west-1", "dynamodb", KIND, "somebody")
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (28, 29, 28)]
    first, second, again = (signer.headers(TARGET, b"{}", who, day)["Authorization"] for day in days)
    assert first == again != second


@pytest.mark.parametrize("change", ["a header", "a query", "another secret", "no signature", "a file"])
def test_what_is_signed_in_another_way_teaches_nothing(change: str) -> None:
    who = ReadOnlyCredentials("a", "b", None)
    url = "https://here/?a=b" if change == "a query" else "https://here/"
    request = signed(url, b"{}", who, **({"X-Amz-More": "1"} if change == "a header" else {}))
    if change == "no signature":
        del request.headers["Authorization"]
    if change == "a file":
        request.data = "{}"
    known = ReadOnlyCredentials("a", "c", None) if change == "another secret" else who
    assert learned(request, known) is None


# What goes over it ----------------------------------------------------------------------------------------------------


class Requests(Tap):
    """The requests as they are sent, and how many of them botocore made."""

    def __init__(self) -> None:
        self.sent: list[AWSPreparedRequest] = []
        self.whole = 0

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        self.sent.append(request)
        return go_on()

    def count(self, **_: Any) -> None:
        self.whole += 1


@pytest.fixture
def requests(client: Any) -> Iterator[Requests]:
    seen = Requests()
    client.meta.events.register("request-created.dynamodb", seen.count)
    with seen.on(Item):
        yield seen
    client.meta.events.unregister("request-created.dynamodb", seen.count)


VALUES: dict[str, Any] = {
    "text": {"S": "é \ud83d\ude00 ‮"},
    "number": {"N": "-1.50"},
    "bytes": {"B": b"\x00\xff"},
    "many": {"BS": [b"a", b"b"]},
    "map": {"M": {"bytes": {"B": b"\x01"}, "list": {"L": [{"B": b"\x02"}, {"M": {"b": {"B": b""}}}]}}},
    "names": {"SS": ["a"]},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
}


def test_every_operation_is_answered_as_botocore_answers_it(client: Any, requests: Requests, backend: Backend) -> None:
    pk, other = a_key(), a_key()
    row, asked = {**key(pk, "1"), **VALUES}, {"TableName": TABLE}
    writes = [
        ("PutItem", {**asked, "Item": row}),
        (
            "UpdateItem",
            {
                **asked,
                "Key": key(pk, "1"),
                "UpdateExpression": "SET n = :n",
                "ExpressionAttributeValues": {":n": {"B": b"\x05"}},
                "ReturnValues": "ALL_NEW",
            },
        ),
        ("BatchWriteItem", {"RequestItems": {TABLE: [{"PutRequest": {"Item": {**row, **key(pk, "2")}}}]}}),
        (
            "TransactWriteItems",
            {
                "ClientRequestToken": a_uuid(),
                "TransactItems": [{"Put": {**asked, "Item": {**key(other, "1"), "bytes": VALUES["bytes"]}}}],
            },
        ),
    ]
    reads = [
        ("GetItem", {**asked, "Key": key(pk, "1"), "ConsistentRead": True}),
        ("GetItem", {**asked, "Key": key(pk, "none")}),
        ("BatchGetItem", {"RequestItems": {TABLE: {"Keys": [key(pk, "2"), key(other, "1")]}}}),
        (
            "Query",
            {**asked, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": pk}}},
        ),
    ]
    for operation, parameters in writes:
        # A second time the row is as it was left, whoever writes it.
        by_us, whole = (
            client._make_api_call(operation, parameters),
            client._client._make_api_call(operation, parameters),
        )
        assert by_us == without_metadata(whole)
    for operation, parameters in reads:
        by_us, whole = (
            client._make_api_call(operation, parameters),
            client._client._make_api_call(operation, parameters),
        )
        assert ordered(by_us) == ordered(without_metadata(whole))
    client._make_api_call("DeleteItem", {**asked, "Key": key(pk, "1")})
    assert [row["sk"]["S"] for row in backend.rows(pk)] == ["2"]
    assert (requests.whole, len(requests.sent)) == (8, 17)


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def ordered(answer: dict[str, Any]) -> dict[str, Any]:
    """A batch comes in any order."""
    batch = {name: sorted(rows, key=str) for name, rows in answer.get("Responses", {}).items()}
    return {**answer, "Responses": batch}


def test_a_transaction_without_a_name_is_botocores(client: Any, requests: Requests) -> None:
    client._make_api_call(
        "TransactWriteItems", {"TransactItems": [{"Delete": {"TableName": TABLE, "Key": key("a", "b")}}]}
    )
    assert requests.whole == 1
    assert b"ClientRequestToken" in cast("bytes", requests.sent[0].body)


def test_new_credentials_sign_at_once(client: Any, requests: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client._request_signer, "_credentials", Credentials("fresh", "secret", "token"))
    client._make_api_call("GetItem", {"TableName": TABLE, "Key": key("a", "b")})
    headers = requests.sent[0].headers
    assert headers["x-amz-security-token"] == "token"
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=fresh/")
    assert requests.whole == 0


def test_a_client_that_is_built_otherwise_is_left_as_it_is() -> None:
    connection = SimpleNamespace(client=SimpleNamespace(_endpoint=None))
    assert wire.quick(connection) is connection.client


# Faults ---------------------------------------------------------------------------------------------------------------


READ = {"TableName": TABLE, "Key": key("a", "b")}


@pytest.mark.parametrize("kind", ["lost_before", "lost_after", "error_after", "garbled", "throttle", "reset", "hang"])
def test_every_fault_ends_as_it_ends_with_botocore(client: Any, backend: Backend, kind: str) -> None:
    """As often tried, and with the same to tell."""
    ends = []
    for one in (client, client._client):
        with backend.faulty(kind, "GetItem", attempts=(1,)) as once:
            assert "Item" not in one._make_api_call("GetItem", READ)
        with backend.faulty(kind, "GetItem", times=math.inf) as faults:
            ends.append((end_of(one), once.met[kind], faults.met[kind]))
    assert ends[0] == ends[1]
    assert ends[0][-2:] == (1, 3)


def end_of(client: Any) -> tuple[type, str]:
    """How a call ends; botocore takes an answer that stays broken for an empty one."""
    try:
        found = client._make_api_call("GetItem", READ)
    except (ClientError, HTTPClientError) as error:
        return type(error), str(error)
    return type(found), str(without_metadata(found))


def test_a_refusal_is_told_as_botocore_tells_it(client: Any) -> None:
    asked = {"TableName": TABLE, "Item": key(a_key(), "1"), "ConditionExpression": "attribute_exists(pk)"}
    told = []
    for one in (client, client._client):
        with pytest.raises(ClientError) as refused:
            one._make_api_call("PutItem", asked)
        told.append(refused.value)
    ours, whole = told
    assert type(ours) is type(whole)
    assert (str(ours), ours.response["Error"]) == (str(whole), whole.response["Error"])
    assert ours.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_who_is_refused_after_a_lost_answer_is_told_that_it_was_tried_again(client: Any, backend: Backend) -> None:
    pk = a_key()
    asked = {"TableName": TABLE, "Item": key(pk, "1"), "ConditionExpression": "attribute_not_exists(pk)"}
    with backend.faulty("lost_after", "PutItem", attempts=(1,)), pytest.raises(ClientError) as refused:
        client._make_api_call("PutItem", asked)
    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert refused.value.response["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(backend.rows(pk)) == 1


def test_bytes_are_sent_as_text() -> None:
    assert wire._text(b"\xff") == base64.b64encode(b"\xff").decode()
