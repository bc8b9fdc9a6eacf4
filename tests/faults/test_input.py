"""B: what is sent wrongly, strangely or with a trick, on every route that there is."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from attune.store.items import Item
from tests.doubles.tap import Send, Tap
from tests.faults.conftest import CONTRACT, OPERATIONS, STORING, Site, taking
from tools import endpoints

Json = dict[str, Any]
METHODS = {found["operationId"]: method for method, _, found in endpoints.operations(CONTRACT)}
READS = sorted(name for name, method in METHODS.items() if method == "GET")
CANARY = "zqcanaryqz"


def asked(site: Site, name: str, **headers: str) -> Any:
    """What a function answers to its event with other headers; `if_match` stands for `if-match`."""
    event = site.event(name)
    changed = {key.replace("_", "-"): value for key, value in headers.items()}
    return site.call(name, {**event, "headers": {**event["headers"], **changed}})


@pytest.fixture(autouse=True)
def _new(site: Site) -> None:
    site.reset()


# ---- Conditions


@pytest.mark.parametrize("name", sorted(taking("If-None-Match")))
def test_b16_who_has_it_already_is_spared_the_body(site: Site, name: str) -> None:
    first = asked(site, name)
    if first["statusCode"] != 200:
        # Nothing is there yet that could be had already.
        assert "ETag" not in first["headers"]
        return
    etag = first["headers"]["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = asked(site, name, if_none_match=known)
        assert (again["statusCode"], again.get("body") or "", again["headers"]["ETag"]) == (304, "", etag)
    assert asked(site, name, if_none_match='"other"')["body"] == first["body"]


REVISED = {
    "put_preferences": "get_preferences",
    "reset_preferences": "get_preferences",
    "update_answers": "get_answers",
}


@pytest.mark.parametrize("name", REVISED)
def test_b15_a_change_is_of_any_of_the_revisions_that_are_named(site: Site, name: str) -> None:
    reader = REVISED[name]
    for named, status in {
        "{}": 200,
        '"999", {}': 200,
        "*": 200,
        "W/{}": 412,
        '"999"': 412,
        "999": 400,
        '{}, "x': 400,
    }.items():
        site.reset()
        etag = asked(site, reader)["headers"]["ETag"]
        before = site.state()
        told = asked(site, name, if_match=named.format(etag))
        assert told["statusCode"] == status, named
        assert status == 200 or site.state() == before
    site.reset()
    # It is nowhere required: who changes a field at a time overwrites no other.
    assert asked(site, name)["statusCode"] == 200


# ---- What every answer is


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("accept", ["text/html;q=1, application/json;q=0", "\x00"])
def test_b17_whatever_is_accepted_the_answer_is_json(site: Site, name: str, accept: str) -> None:
    documented = {*OPERATIONS[name]["responses"]["200"]["content"], "application/problem+json"}
    told = asked(site, name, accept=accept)
    kind = {key.lower(): value for key, value in told["headers"].items()}["content-type"]
    assert kind.partition(";")[0] in documented


@pytest.mark.parametrize("name", OPERATIONS)
def test_b21_b22_every_answer_is_told_to_be_read_as_what_it_is_and_its_times_are_utc(site: Site, name: str) -> None:
    told = asked(site, name)
    headers = {key.lower(): value for key, value in told["headers"].items()}
    assert told["statusCode"] < 500
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    if OPERATIONS[name]["security"] == [{"bearer": []}]:
        assert headers["cache-control"] in ("private, no-store", "private, no-cache")
        assert headers["vary"].startswith("Authorization")
    for text in re.findall(r'"(\d{4}-\d\d-\d\d[T ][^"]*)"', told.get("body") or ""):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", text), text


@pytest.mark.parametrize("name", READS)
def test_b6_parameters_that_nobody_knows_are_nobodys(site: Site, name: str) -> None:
    """Campaigns and caches add theirs to an address; only bodies are strict."""
    event = site.event(name)
    query = {**(event.get("queryStringParameters") or {}), "utm_source": CANARY, "fbclid": CANARY}
    plain, strange = site.call(name, event), site.call(name, {**event, "queryStringParameters": query})
    assert (strange["statusCode"], strange.get("body")) == (plain["statusCode"], plain.get("body"))


# ---- The log


BAD_IDS = ["x" * 65, "x" * 10_000, "abc\r\nx-injected: 1", "\x1b[31mabcdefgh", "short", "abcdefgh\n", "abcdefgh\u2028"]


@pytest.mark.parametrize("place", range(len(BAD_IDS)))
def test_b18_a_request_is_one_line_of_the_log_whatever_it_is_called(
    site: Site, logged: Callable[[], list[Json]], place: int
) -> None:
    told = asked(site, "get_answers", x_request_id=BAD_IDS[place], user_agent=f"{CANARY}\n{CANARY}")
    (line,) = logged()
    assert line["request_id"] == told["headers"]["X-Request-Id"] != BAD_IDS[place]
    assert CANARY not in json.dumps(line)


class Broken(Tap):
    """The store breaks in a way that nobody thought of."""

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        raise RuntimeError(CANARY)


@pytest.mark.parametrize("name", [name for name in STORING if name in OPERATIONS])
def test_b19_l1_what_nobody_thought_of_is_500_and_one_error_in_the_log(
    site: Site, logged: Callable[[], list[Json]], name: str
) -> None:
    if name in ("get_health", "link_user"):
        # One asks nobody, the other nobody for a token that is none.
        return
    with Broken().on(Item):
        told = asked(site, name)
    problem = json.loads(told["body"])
    assert (told["statusCode"], problem["code"]) == (500, "internal")
    assert problem["instance"] == told["headers"]["X-Request-Id"]
    lines = logged()
    (error,) = [line for line in lines if line["level"] == "ERROR"]
    assert (error["error"], error["request_id"]) == ("RuntimeError", problem["instance"])
    assert CANARY not in told["body"] + json.dumps(lines)
