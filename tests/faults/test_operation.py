"""L: what an operator sees: a line for each failure, one id from the request to the last line about it, no secrets."""

import importlib
import json
import logging
import math
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from attune.domain.errors import Unavailable
from attune.edge import secrets
from attune.store.items import Item
from tests.doubles.clock import Clock
from tests.doubles.faults import Faults
from tests.faults.conftest import FUNCTIONS, STORING, Site
from tests.faults.test_every_call import Timed
from tests.guests import KEY_PARAMETER, PRIVATE_KEY
from tools.code import Context

Json = dict[str, Any]
Log = Callable[[], list[Json]]
LEARNER = "550e8400-e29b-41d4-a716-446655440000"
CANARY = "zqcanaryqz"
CAUSES = {
    "throttle": "ProvisionedThroughputExceededException",
    "server_error": "InternalServerError",
    "denied": "AccessDeniedException",
    "missing": "ResourceNotFoundException",
    "hang": "ReadTimeoutError",
    "reset": "HTTPClientError",
}
FIELDS = {
    "level",
    "location",
    "message",
    "timestamp",
    "service",
    "request_id",
    "status",
    "ms",
    "caller",
    "code",
    "cause",
}


@pytest.fixture(autouse=True)
def _new(site: Site) -> None:
    site.reset()


@pytest.mark.parametrize("kind", CAUSES)
def test_l1_d9_a_table_that_fails_is_one_warning_that_names_the_cause(
    site: Site, stopwatch: Clock, logged: Log, kind: str
) -> None:
    faults = Timed(watch=stopwatch)
    faults.plan(kind, times=math.inf)
    with faults.on(Item):
        told = site.call("get_answers")
    (line,) = logged()
    assert (line["level"], line["message"], line["status"]) == ("WARNING", "get_answers", 503)
    assert (line["code"], line["cause"]) == ("store_unavailable", CAUSES[kind])
    assert line["request_id"] == told["headers"]["X-Request-Id"]
    assert line.keys() <= FIELDS
    assert LEARNER not in json.dumps(line)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"requestContext": {"http": {"method": "PUT"}}}, 401, "token_missing"),
        ({"body": CANARY}, 400, "malformed_json"),
        ({"body": json.dumps({CANARY: CANARY})}, 422, "invalid"),
        ({"body": json.dumps({"user_id": LEARNER[::-1]})}, 404, "not_found"),
        ({"headers": {"content-type": CANARY}}, 415, "unsupported_media_type"),
        ({"headers": {"content-type": "application/json", "if-match": '"77"'}}, 412, "precondition_failed"),
    ],
)
def test_l1_a_refusal_is_one_line_with_its_code(site: Site, logged: Log, changes: Json, status: int, code: str) -> None:
    assert site.call("put_preferences", {**site.event("put_preferences"), **changes})["statusCode"] == status
    (line,) = logged()
    assert (line["level"], line["status"], line["code"]) == ("INFO", status, code)
    assert line.keys() <= FIELDS
    assert CANARY not in json.dumps(line)


@pytest.mark.parametrize("name", STORING)
def test_l1_whatever_a_function_does_is_a_line_and_no_line_names_a_learner(site: Site, logged: Log, name: str) -> None:
    site.call(name)
    lines = logged()
    assert [line["message"] for line in lines].count(name) >= 1
    assert all("request_id" in line for line in lines)
    assert LEARNER not in json.dumps(lines)


def test_l1_a_message_that_fails_is_one_error_with_its_cause(site: Site, stopwatch: Clock, logged: Log) -> None:
    faults = Timed(watch=stopwatch)
    faults.plan("denied", times=math.inf)
    with faults.on(Item):
        failed = site.call("write_section")
    assert len(failed["batchItemFailures"]) == 1
    (line,) = logged()
    assert (line["level"], line["error"], line["cause"]) == ("ERROR", "Unavailable", "AccessDeniedException")


def test_l2_one_id_leads_from_the_request_to_the_worker(site: Site, logged: Log) -> None:
    """The id that a site sends, or the gateway's, goes with the message and stands in the worker's line."""
    id_ = "abcdefgh-0123"
    # The messages that were sent in the beginning are due to be sent again.
    site.rewind(100)
    event = site.event("personalize_lesson")
    told = site.call("personalize_lesson", {**event, "headers": {**event["headers"], "x-request-id": id_}})
    assert told["headers"]["X-Request-Id"] == id_
    options: Json = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
    found = [
        message
        for _ in range(30)
        for message in site.sqs.receive_message(QueueUrl=site.sections, **options).get("Messages", ())
        if message["MessageAttributes"]["correlation_id"]["StringValue"] == id_
    ]
    if not found:
        pytest.fail("nothing was sent under the request's id")
    attribute = {"dataType": "String", "stringValue": id_}
    record = site.event("write_section")["Records"][0]
    record |= {"body": found[0]["Body"], "messageAttributes": {"correlation_id": attribute}}
    assert site.call("write_section", {"Records": [record]}) == {"batchItemFailures": []}
    assert {line["request_id"] for line in logged()} == {id_}


def test_l3_no_secret_and_no_word_of_a_learner_is_in_the_log_of_any_fault(
    site: Site, stopwatch: Clock, logged: Log, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "attune")
    never = {line for line in PRIVATE_KEY.splitlines() if "KEY" not in line} | {
        "sample.guest.token",
        "building_projects",
    }
    for name in STORING:
        faults = Timed(watch=stopwatch)
        faults.plan("denied", nth=2, times=math.inf)
        site.reset()
        with faults.on(Item, site.sqs), suppress(Unavailable):
            body = (site.call(name) or {}).get("body") or ""
            never |= set(re.findall(r'"token":"([^"]+)"', body))
    text = json.dumps(logged()) + caplog.text
    assert len(text) > 5_000
    assert not [secret for secret in never if secret in text]


def test_l4_a_new_key_signs_within_five_minutes_and_an_outage_of_the_secrets_is_not_noticed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(secrets, "time", type("time", (), {"monotonic": staticmethod(lambda: now)}))
    secrets.forget()
    ssm = importlib.import_module("attune.edge.aws").client("ssm")
    assert secrets.read(KEY_PARAMETER) == PRIVATE_KEY
    try:
        ssm.put_parameter(Name=KEY_PARAMETER, Value="another", Type="SecureString", Overwrite=True)
        assert secrets.read(KEY_PARAMETER) == PRIVATE_KEY
        now += secrets.KEPT_FOR
        faults = Faults()
        faults.plan("server_error", "GetParameter", times=math.inf)
        with faults.on(ssm):
            assert secrets.read(KEY_PARAMETER) == PRIVATE_KEY
        assert secrets.read(KEY_PARAMETER) == "another"
    finally:
        ssm.put_parameter(Name=KEY_PARAMETER, Value=PRIVATE_KEY, Type="SecureString", Overwrite=True)
        secrets.forget()


def test_l5_health_needs_nobody(site: Site) -> None:
    faults = Faults()
    faults.plan("denied", times=math.inf)
    with faults.on(Item, site.sqs):
        told = site.call("get_health")
    assert (told["statusCode"], json.loads(told["body"])["status"], faults.met) == (200, "ok", {})


def test_l6_every_handler_can_be_imported_and_called_by_its_name() -> None:
    for name, function in FUNCTIONS.items():
        assert callable(importlib.import_module(f"functions.{name}.app").lambda_handler)
        assert Context.of(function, "x").aws_request_id == "x"
