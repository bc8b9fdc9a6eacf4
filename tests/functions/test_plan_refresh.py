"""The schedule begins a run: one message for each partition, named by the day on which it was due."""

from collections.abc import Iterator
from typing import Any

import pytest

from attune.domain.errors import Unavailable
from attune.domain.jobs import RefreshPage, StartRefresh, job
from attune.edge import aws
from attune.store import keys
from tests.backends import TEMPLATE, Backend
from tests.doubles.faults import Faults
from tests.functions.conftest import World, invoke
from tests.functions.night import at, plain, to
from tools.schedules import event


@pytest.fixture
def nightly() -> dict[str, Any]:
    """What the template's schedule sends."""
    (schedule,) = (each for each in TEMPLATE.schedules if each.function.id == "PlanRefresh")
    return event(schedule, at(6))


@pytest.fixture
def broken_queue() -> Iterator[Faults]:
    faults = Faults()
    faults.plan("throttle_sqs", "SendMessageBatch", times=99)
    with faults.on(aws.client("sqs")):
        yield faults


def sent(world: World) -> list[str]:
    return [message["Body"] for message in world.messages(world.jobs)]


def pages(run: str) -> set[str]:
    return {RefreshPage(run, shard).to_json() for shard in range(keys.SHARDS)}


def test_a_run_is_named_by_its_day_and_begins_in_every_partition(
    world: World, nightly: dict[str, Any], backend: Backend
) -> None:
    to(world.clock, at(6))
    assert nightly == {"job": "StartRefresh", "time": "2031-05-06T02:00:00Z"}
    assert invoke("plan_refresh", nightly) is None
    assert set(sent(world)) == pages("2031-05-06")
    (row,) = backend.rows("REFRESH")
    assert {name: row[name]["S"] for name in ("run", "scheduled_at", "started_at")} == {
        "run": "2031-05-06",
        "scheduled_at": "2031-05-06T02:00:00Z",
        "started_at": "2031-05-06T02:00:00Z",
    }


def test_j6_a_retry_after_midnight_is_still_the_run_that_was_due(world: World, nightly: dict[str, Any]) -> None:
    to(world.clock, at(7, hour=1))
    invoke("plan_refresh", nightly)
    assert set(sent(world)) == pages("2031-05-06")


def test_j1_a_second_firing_leaves_the_first_its_start(world: World, nightly: dict[str, Any], backend: Backend) -> None:
    to(world.clock, at(6))
    invoke("plan_refresh", nightly)
    first = backend.rows("REFRESH")
    world.clock.advance(60)
    invoke("plan_refresh", nightly)
    assert backend.rows("REFRESH") == first
    to(world.clock, at(7))
    invoke("plan_refresh", {**nightly, "time": "2031-05-07T02:00:00Z"})
    invoke("plan_refresh", nightly)
    assert backend.rows("REFRESH")[0]["run"] == {"S": "2031-05-07"}


def test_a_start_that_fails_is_tried_again_by_the_platform(
    world: World, nightly: dict[str, Any], broken_queue: Faults
) -> None:
    to(world.clock, at(6))
    with pytest.raises(Unavailable):
        invoke("plan_refresh", nightly)
    broken_queue.clear()
    invoke("plan_refresh", nightly)
    assert set(sent(world)) == pages("2031-05-06")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"time": "2031-05-06T02:00:00Z"},
        {"job": "StartRefresh", "time": "2031-05-06T02:00:00"},
        {"job": "StartRefresh", "time": "tomorrow"},
        {"job": "StartRefresh", "time": 1},
        {"job": "RefreshPage", "run": "2031-05-06", "shard": 0, "after": ""},
    ],
)
def test_what_no_schedule_sent_begins_nothing(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        invoke("plan_refresh", wrong)
    assert sent(world) == []


def test_an_event_that_was_given_up_can_be_sent_to_the_queue(world: World, nightly: dict[str, Any]) -> None:
    assert job(StartRefresh(nightly["time"]).to_json()) == job('{"job":"StartRefresh","time":"2031-05-06T02:00:00Z"}')
    assert plain(StartRefresh(nightly["time"]).to_json()) == nightly
