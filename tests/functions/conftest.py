"""Each function is called with its event, on a table in this process, at a time that stands still.

The course is the test's own.
"""

import importlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from typing import Any

import boto3
import pytest

from tests import backends, guests
from tests.backends import Backend
from tests.builders import (
    NOW,
    CourseFiles,
    a_course,
    a_guest,
    an_account,
    an_id,
    answers,
    http_event,
    sqs_event,
)
from tests.doubles.clock import Clock
from tests.functions.actions import Actions, allowed
from tests.guests import KEY_PARAMETER, PRIVATE_KEY
from tools.code import Context
from tools.services import Services

with pytest.MonkeyPatch.context() as _importing:
    backends._set(_importing, backends.ENVIRONMENT)
    from attune.actions import prepare_lesson, publish_course
    from attune.domain.principal import Principal
    from attune.edge import log, queue, verifier
    from attune.edge.clock import clock as the_clock
    from attune.store import courses, learner_settings, users
    from attune.store.items import Item

FUNCTIONS = {function.name: function for function in backends.TEMPLATE.functions.values()}
ROUTES = {route.function: route for route in backends.TEMPLATE.routes}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a function answered."""

    status: int
    headers: Mapping[str, str]
    json: Any
    body: str

    def problem(self, status: int, code: str) -> Any:
        """The problem that it must be."""
        assert (self.status, self.json["code"]) == (status, code)
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.json["instance"] == self.headers["X-Request-Id"]
        return self.json


@dataclass(frozen=True, slots=True)
class World:
    """A deployment with one course, and what came of it."""

    course: CourseFiles
    clock: Clock
    sqs: Any
    queue: str
    jobs: str

    @property
    def slug(self) -> str:
        return self.course.slugs[0]

    def call(
        self,
        function: str,
        caller: Principal | None = None,
        body: object = None,
        *,
        path: str | None = None,
        query: Mapping[str, str] | None = None,
        **headers: str,
    ) -> Reply:
        """Call a function by its own route, with the headers that every answer has looked at."""
        route = ROOTED[function]
        headers.setdefault("x_request_id", f"request-{an_id().replace('.', '-').replace('_', '-')}")
        event = http_event(route.method, path or route.path, caller, body, query, **headers)
        found = invoke(function, event)
        reply = Reply(found["statusCode"], found["headers"], _json(found), found.get("body") or "")
        assert reply.headers["X-Request-Id"] == headers["x_request_id"]
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"]
        assert reply.headers.get("Vary", "").startswith("Authorization" if route.authorizer else "")
        return reply

    def guest(self, **told: Any) -> Principal:
        """A guest that exists, and has told its answers if any are given."""
        who = a_guest()
        users.create(who, NOW, None)
        if told:
            learner_settings.submit_answers(who, self.course.id, told, NOW)
        return who

    def reader(self, **told: Any) -> Principal:
        """An account that is onboarded."""
        who = an_account()
        learner_settings.submit_answers(who, self.course.id, answers(**told), NOW)
        return who

    def publish(self, **changes: Any) -> publish_course.Published:
        """The course as it is now, as the next version."""
        return publish(self.course, **changes)

    def messages(self, queue: str | None = None) -> list[dict[str, Any]]:
        """All that waits in a queue, that of the sections if none is named, taken out of it."""
        taken: list[dict[str, Any]] = []
        options: dict[str, Any] = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "WaitTimeSeconds": 0}
        while found := self.sqs.receive_message(QueueUrl=queue or self.queue, **options).get("Messages"):
            taken += found
        return taken

    def work(self) -> list[str]:
        """Have the worker write all that is queued; the ids of those that failed."""
        bodies = [message["Body"] for message in self.messages()]
        failed: list[str] = []
        for body in bodies:
            failed += invoke("write_section", sqs_event(body))["batchItemFailures"]
        return failed


def publish(course: CourseFiles, **changes: Any) -> publish_course.Published:
    """A course with its texts, as the next version."""
    for slug, text in course.texts.items():
        publish_course.stage(course.id, slug, text, NOW)
    return publish_course.publish(course.id, {**course.manifest, **changes}, NOW)


ROOTED = {name: ROUTES[function.id] for name, function in FUNCTIONS.items() if function.id in ROUTES}


def invoke(name: str, event: dict[str, Any]) -> Any:
    """What a function's handler returns; it may make no call that its policy in the template does not allow."""
    handler = importlib.import_module(f"functions.{name}.app").lambda_handler
    if "AWS_DEFAULT_REGION" not in os.environ:
        return handler(event, Context.of(FUNCTIONS[name], "an-invocation"))
    seen = Actions()
    with seen.on(Item):
        found = handler(event, Context.of(FUNCTIONS[name], "an-invocation"))
    assert seen.actions <= allowed(FUNCTIONS[name].id)
    return found


def _json(found: Mapping[str, Any]) -> Any:
    body = found.get("body")
    kind = str({name.lower(): value for name, value in found["headers"].items()}.get("content-type"))
    return json.loads(body) if body and "json" in kind and "ndjson" not in kind else None


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with backends.memory() as used:
        yield used


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    running = Services()
    running.provision(backends.TEMPLATE)
    yield running
    running.stop()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What stands in the log from here on, a line of JSON each."""
    stream = StringIO()
    monkeypatch.setattr(log.logger.registered_handler, "stream", stream)
    return stream


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queues of this process have one server: nothing comes by waiting."""
    monkeypatch.setattr(queue, "LISTENS", 0)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The time of all functions."""
    was, the_clock.source = the_clock.source, Clock(NOW)
    yield the_clock.source
    the_clock.source = was


@pytest.fixture(scope="module")
def sqs(backend: Backend) -> Iterator[Any]:
    """A client of the queues; the key that signs tokens is in place too."""
    with closing(boto3.client("ssm", endpoint_url=backend.endpoint)) as ssm:
        ssm.put_parameter(Name=KEY_PARAMETER, Value=PRIVATE_KEY, Type="SecureString", Overwrite=True)
    with closing(boto3.client("sqs", endpoint_url=backend.endpoint)) as client:
        yield client


@pytest.fixture(scope="module")
def published(backend: Backend) -> tuple[CourseFiles, Mapping[str, Any]]:
    """A course, and the rows of its first version, which every test in this process begins with."""
    course = a_course(lessons=1)
    if backend.endpoint:
        return course, {}
    backend.empty()
    publish(course)
    return course, backend.kept()


@pytest.fixture
def world(
    sqs: Any, backend: Backend, published: tuple[CourseFiles, Mapping[str, Any]], clock: Clock
) -> Iterator[World]:
    course, rows = published
    backend.empty(rows)
    courses._recent.clear()
    prepare_lesson.forget()
    if backend.endpoint:
        course = a_course(lessons=1)
        publish(course)
    queue, jobs = (
        sqs.create_queue(QueueName=f"{name}-{an_id().replace('.', '-')}")["QueueUrl"] for name in ("sections", "jobs")
    )
    changes = {
        "DEFAULT_COURSE": course.id,
        "SECTION_QUEUE_URL": queue,
        "SECTION_DLQ_URL": queue,
        "JOB_QUEUE_URL": jobs,
        "JOB_DLQ_URL": jobs,
        **guests.ENVIRONMENT,
    }
    with backends.configured(changes):
        verifier.verifier.cache_clear()
        verifier.guests.cache_clear()
        yield World(course, clock, sqs, queue, jobs)
    verifier.verifier.cache_clear()
