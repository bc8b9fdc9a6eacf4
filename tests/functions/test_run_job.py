"""Jobs from the queue: each done once in effect, each failing alone; a whole night through the real functions."""

import json
import re
from fnmatch import fnmatchcase
from io import StringIO
from typing import Any

import pytest

from attune.domain.course import Course
from attune.domain.erasure import SETTLES
from attune.domain.jobs import (
    EraseUser,
    LinkUser,
    RebuildProfile,
    Reestimate,
    RefreshLearner,
    RefreshPage,
    StartRefresh,
    job,
)
from attune.edge import http, tokens
from attune.store import courses, keys, parameters
from tests.backends import TEMPLATE, Backend
from tests.builders import GUESTS, an_account, sqs_event
from tests.contract.declared import PAID, resources
from tests.functions.conftest import World, invoke
from tests.functions.night import at, books, look, poisoned, practise, to
from tests.guests import PRIVATE_KEY
from tools.schedules import event


@pytest.fixture
def course(world: World) -> Course:
    parameters.forget()
    return courses.load_current(world.course.id, world.clock.now())


def deliver(*bodies: str) -> list[str]:
    """Deliver messages one by one; what became of each."""
    return ["failed" if invoke("run_job", sqs_event(body))["batchItemFailures"] else "ok" for body in bodies]


def work(world: World) -> list[str]:
    """Deliver until the queue is empty; those that failed."""
    failed: list[str] = []
    while bodies := [message["Body"] for message in world.messages(world.jobs)]:
        failed += [body for body, became in zip(bodies, deliver(*bodies), strict=True) if became == "failed"]
    return failed


def health(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(http, "require_admin", lambda *_: None)
    return world.call("get_health", query={"deep": "true"}).json["refresh"]


def test_j11_a_night_from_the_schedule_to_the_last_learner(
    world: World, course: Course, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "SHARDS", 2)
    assert health(world, monkeypatch) is None
    made = [practise(course, world.clock) for _ in range(3)]
    to(world.clock, at(6))
    (schedule,) = (each for each in TEMPLATE.schedules if each.function.id == "PlanRefresh")
    for _ in range(2):
        invoke("plan_refresh", event(schedule, at(6)))
    begun = {"run": "2031-05-06", "learners": 0, "done": 0, "failed": 0, "lag_seconds": None}
    assert health(world, monkeypatch) == begun
    world.clock.advance(210)
    with poisoned(backend, made[0], course.id):
        (failed,) = set(work(world))
        assert health(world, monkeypatch) == {**begun, "learners": 3, "done": 2, "failed": 1, "lag_seconds": 210}
    world.clock.advance(90)
    assert deliver(failed, failed) == ["ok", "ok"]
    assert health(world, monkeypatch) == {**begun, "learners": 3, "done": 3, "lag_seconds": 300}
    assert books(backend, at(6)) == {"learners": 3, "done": 3, "failed": 0}


def test_j11_the_next_messages_are_known_by_the_id_of_the_first(world: World, course: Course) -> None:
    to(world.clock, at(6))
    sent = sqs_event(StartRefresh("2031-05-06T02:00:00Z").to_json())
    assert invoke("run_job", sent) == {"batchItemFailures": []}
    wanted = sent["Records"][0]["messageAttributes"]["correlation_id"]["stringValue"]
    found = world.messages(world.jobs)
    assert len(found) == keys.SHARDS
    assert {each["MessageAttributes"]["correlation_id"]["StringValue"] for each in found} == {wanted}


def test_a_rebuild_comes_twice(world: World, course: Course) -> None:
    who = practise(course, world.clock)
    body = RebuildProfile(who.learner, course.id).to_json()
    assert deliver(body, body) == ["ok", "ok"]
    assert deliver(RebuildProfile(an_account().learner, course.id).to_json()) == ["ok"]


def test_a_course_nobody_practises_has_nothing_to_estimate(world: World, course: Course) -> None:
    assert deliver(Reestimate("2031-05-06", course.id).to_json()) == ["ok"]


def test_a_learner_who_is_unknown_has_nothing_to_refresh(world: World, course: Course) -> None:
    assert deliver(RefreshLearner("2031-05-06", 1, an_account().learner, course.id).to_json()) == ["ok"]


def test_a_poisoned_message_fails_alone(world: World, course: Course) -> None:
    who = practise(course, world.clock)
    look(course, world.clock, who)
    good = [RefreshPage("2031-05-06", shard).to_json() for shard in range(keys.SHARDS)]
    sound = json.loads(good[0])
    poison = [
        "",
        "null",
        "[]",
        "[" * 2000,
        "{}",
        json.dumps({**sound, "job": "Another"}),
        json.dumps({**sound, "shard": "0"}),
        json.dumps({**sound, "shard": True}),
        json.dumps({**sound, "more": 1}),
        json.dumps({**sound, "run": "today"}),
        json.dumps({"job": "RefreshPage"}),
        json.dumps({"job": "RefreshLearner", "run": "2031-05-06", "shard": 0, "learner": "x", "course": course.id}),
    ]
    assert deliver(*poison, *good) == ["failed"] * len(poison) + ["ok"] * len(good)


@pytest.mark.parametrize("nothing", [{"Records": []}, {}])
def test_an_empty_batch_is_done(world: World, nothing: dict[str, Any]) -> None:
    assert invoke("run_job", nothing) == {"batchItemFailures": []}


def test_j12_a_page_that_was_refreshed_is_counted_and_a_fault_too(
    world: World,
    course: Course,
    backend: Backend,
    monkeypatch: pytest.MonkeyPatch,
    written: StringIO,
) -> None:
    """The lines that the metric filters of the template look for are those that are written."""
    monkeypatch.setattr(keys, "SHARDS", 1)
    filters = resources(PAID)
    pages, faults = (filters[name]["Properties"]["FilterPattern"] for name in ("RefreshedPages", "WorkerFaults"))
    made = practise(course, world.clock)
    to(world.clock, at(6))
    deliver(StartRefresh("2031-05-06T02:00:00Z").to_json())
    with poisoned(backend, made, course.id):
        assert len(work(world)) == 1
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert sum(matches(pages, line) for line in lines) == 1
    assert sum(matches(faults, line) for line in lines) >= 1
    assert not [line for line in lines if matches(pages, line) and matches(faults, line)]


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Whether CloudWatch finds a line by a pattern of equal fields, of which the ends may be open."""
    wanted = re.findall(r'\$\.(\w+) = "([^"]+)"', pattern)
    assert len(wanted) == pattern.count("$")
    return all(fnmatchcase(str(line.get(name)), value) for name, value in wanted)


def test_the_night_finds_what_was_begun_and_never_sent(world: World, course: Course) -> None:
    """Whoever asked to join a guest or to be erased may have ended before the job was sent."""
    guest, joined, leaving = world.guest(), an_account(), world.guest()
    token, _ = tokens.mint(guest.subject, PRIVATE_KEY, GUESTS, world.clock.now())
    assert world.call("link_user", joined, {"guest_token": token}).status == 202
    assert world.call("erase_user", leaving, path="/api/user/me").status == 202
    assert len(world.messages(world.jobs)) == 2
    first = RefreshPage("2031-05-06", 0).to_json()
    assert deliver(first) == ["ok"]
    assert world.messages(world.jobs) == []
    world.clock.advance(3601)
    assert deliver(first) == ["ok"]
    lost = [message["Body"] for message in world.messages(world.jobs)]
    assert {type(job(body)) for body in lost} == {LinkUser, EraseUser}
    deliver(*lost)
    assert world.call("link_user", joined, {"guest_token": token}).json["status"] == "linked"
    world.clock.advance(SETTLES.total_seconds() + 1)
    deliver(*(body for body in lost if isinstance(job(body), EraseUser)))
    world.messages(world.jobs)
    world.clock.advance(3601)
    assert deliver(first) == ["ok"]
    assert world.messages(world.jobs) == []
