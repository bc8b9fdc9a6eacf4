"""C: the same request again, under a key or a condition, on every route that takes one."""

import json
import math
from collections.abc import Mapping
from typing import Any

import pytest

from attune.store import retention
from attune.store.items import Item
from tests.doubles.clock import Clock
from tests.faults.conftest import BEGAN, KEYED, Site
from tests.faults.test_every_call import Timed
from tests.faults.test_input import asked

Json = dict[str, Any]
DAY = int(retention.REPEATED.total_seconds())


@pytest.fixture(autouse=True)
def _new(site: Site) -> None:
    site.reset()


def sent(site: Site, name: str, body: object = None, **headers: str | None) -> tuple[int, Json, Mapping[str, str]]:
    """The event of a function with another body or other headers, None for none: status, body and headers."""
    event = site.event(name)
    told = {**event["headers"], **{key.replace("_", "-"): value for key, value in headers.items()}}
    event["headers"] = {key: value for key, value in told.items() if value is not None}
    found = site.call(name, event if body is None else {**event, "body": json.dumps(body)})
    answer = {key: value for key, value in json.loads(found["body"]).items() if not key.startswith("token")}
    return found["statusCode"], answer, found["headers"]


def another(site: Site, name: str) -> Json:
    """A body that fits and is another one: what can be left out is."""
    body: Json = json.loads(site.event(name)["body"])
    return dict(list(body.items())[:-1])


@pytest.mark.parametrize("name", sorted(KEYED))
def test_c1_the_same_again_is_answered_the_same_and_done_once(site: Site, name: str) -> None:
    status, answer, headers = sent(site, name)
    assert status < 300
    assert "Idempotency-Replayed" not in headers
    state = site.state()
    site.clock.advance(DAY - 1)
    again = sent(site, name)
    assert again[:2] == (status, answer)
    assert again[2]["Idempotency-Replayed"] == "true"
    assert site.state() == state


@pytest.mark.parametrize("name", sorted(KEYED))
def test_c2_another_body_under_the_key_is_refused(site: Site, name: str) -> None:
    sent(site, name)
    state = site.state()
    status, problem, _ = sent(site, name, another(site, name))
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    assert site.state() == state


@pytest.mark.parametrize("name", sorted(KEYED))
def test_c5_no_key_is_not_one_key_for_all(site: Site, name: str) -> None:
    assert sent(site, name, idempotency_key=None)[0] < 300
    status, answer, headers = sent(site, name, another(site, name), idempotency_key=None)
    assert status < 300 or answer["code"] != "idempotency_key_reused"
    assert "Idempotency-Replayed" not in headers
    for bad in ("", "x" * 256, "a b" * 20, "\xe9" * 30):
        state = site.state()
        status, problem, _ = sent(site, name, idempotency_key=bad)
        assert (status, problem["code"]) == (400, "malformed_idempotency_key")
        assert site.state() == state


@pytest.mark.parametrize("name", sorted(KEYED))
def test_c9_what_was_refused_uses_up_no_key(site: Site, name: str) -> None:
    state = site.state()
    assert sent(site, name, {"surplus": 1})[0] == 422
    assert site.state() == state
    status, _, headers = sent(site, name)
    assert status < 300
    assert "Idempotency-Replayed" not in headers


@pytest.mark.parametrize("name", sorted(KEYED))
def test_c10_after_a_day_a_key_is_new_though_its_row_lies_there_still(site: Site, name: str) -> None:
    sent(site, name)
    site.clock.advance(DAY)
    status, answer, headers = sent(site, name, another(site, name))
    assert status < 300 or answer["code"] != "idempotency_key_reused"
    assert "Idempotency-Replayed" not in headers


# ---- Conditions


def preferences(site: Site) -> tuple[str, Json]:
    found = asked(site, "get_preferences")
    return found["headers"]["ETag"], json.loads(found["body"])["preferences"]


def test_c12_a_change_whose_answer_is_lost_is_a_change(site: Site, stopwatch: Clock) -> None:
    """The client's own try again knows its write."""
    etag, _ = preferences(site)
    faults = Timed(watch=stopwatch)
    faults.plan("lost_after", "UpdateItem")
    with faults.on(Item):
        assert asked(site, "put_preferences", if_match=etag)["statusCode"] == 200
    assert faults.met


def test_c12_who_was_told_503_and_sends_the_old_tag_is_told_412_and_finds_what_was_sent(
    site: Site, stopwatch: Clock
) -> None:
    etag, _ = preferences(site)
    faults = Timed(watch=stopwatch)
    faults.plan("lost_after", "UpdateItem", times=math.inf)
    with faults.on(Item):
        assert asked(site, "put_preferences", if_match=etag)["statusCode"] == 503
    assert asked(site, "put_preferences", if_match=etag)["statusCode"] == 412
    later, found = preferences(site)
    assert later != etag
    assert found.items() >= json.loads(site.event("put_preferences")["body"]).items()


def test_c12_a_change_that_was_done_and_overwritten_is_not_said_to_be_refused(site: Site, stopwatch: Clock) -> None:
    etag, _ = preferences(site)
    faults = Timed(watch=stopwatch)
    faults.plan("lost_after", "UpdateItem")

    def meanwhile(seconds: float) -> float:
        """Before the client tries again, another one changes the same."""
        faults.clear()
        assert site.call("reset_preferences")["statusCode"] == 200
        return 0

    faults.delay = meanwhile  # type: ignore[method-assign]
    with faults.on(Item):
        assert asked(site, "put_preferences", if_match=etag)["statusCode"] == 503
    assert preferences(site)[1]["feedback_style"] == "detailed"


def test_c13_a_reset_again_is_the_same_and_brings_nothing_back(site: Site) -> None:
    asked(site, "put_preferences")
    chosen, _ = preferences(site)
    first = asked(site, "reset_preferences", if_match=chosen)
    second = asked(site, "reset_preferences")
    assert (first["statusCode"], second["statusCode"]) == (200, 200)
    assert first["body"] == second["body"]
    assert asked(site, "reset_preferences", if_match=chosen)["statusCode"] == 412
    assert asked(site, "put_preferences", if_match=chosen)["statusCode"] == 412
    assert preferences(site)[1]["feedback_style"] == "detailed"


def test_d18_a_revision_rises_though_the_clock_steps_back(site: Site) -> None:
    asked(site, "put_preferences")
    etag, _ = preferences(site)
    site.clock.advance(-3600)
    told = asked(site, "reset_preferences", if_match=etag)
    assert told["statusCode"] == 200
    assert int(told["headers"]["ETag"].strip('"')) == int(etag.strip('"')) + 1
    assert site.clock.now() < BEGAN
