"""What faults happen to: every function of the template, called with its event, where each finds the rows it needs."""

import base64
import importlib
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from tests import backends, guests
from tests.backends import Backend
from tests.doubles.clock import Clock
from tests.functions.actions import allowed
from tests.guests import KEY_PARAMETER, PRIVATE_KEY
from tools import course as folder
from tools import endpoints
from tools.code import Context
from tools.template import ROOT

with pytest.MonkeyPatch.context() as _importing:
    backends._set(_importing, backends.ENVIRONMENT)
    from attune import deadline
    from attune.actions import publish_course
    from attune.domain.lesson_text import LessonText
    from attune.edge import aws, log, verifier
    from attune.edge.clock import clock as the_clock
    from attune.store import courses, keys, parameters, table
    from attune.store.packed import unpack

Json = dict[str, Any]
COURSE = "physical-ai"
STRANGER = "6f1c2a90-5d1e-4a77-8a53-0c5f1f2b7e11"
KEY = "2f0b7f0c6d1e4a778a530c5f1f2b7e11"
BEGAN = datetime(2026, 11, 21, 7, 50, tzinfo=UTC)
"""Shortly after the session that the event of `record_session` tells of."""
FUNCTIONS = {function.name: function for function in backends.TEMPLATE.functions.values()}
CONTRACT: Json = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
OPERATIONS = {found["operationId"]: found for _, _, found in endpoints.operations(CONTRACT)}


def taking(header: str) -> set[str]:
    """The operations that take a header."""
    return {
        name for name, found in OPERATIONS.items() if header in [each["name"] for each in found.get("parameters", ())]
    }


KEYED = taking("Idempotency-Key")
STORING = sorted(
    name for name, function in FUNCTIONS.items() if any(each.startswith("dynamodb:") for each in allowed(function.id))
)
"""The functions that touch the table, as the template says."""


UNLIKE = frozenset(
    {"pk", "sk", "write_id", "owner", "fence", "attempts", "calls", "lease_until", "written_at", "expires_at"}
)
"""What differs from one write to the next, and from the first claim of a section to the second."""


@dataclass(frozen=True)
class Site:
    """A deployment with the course of the events and the learner whom they come from."""

    backend: Backend
    clock: Clock
    sections: str
    jobs: str
    rows: Any = None
    sent: Mapping[str, Json] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()

    @property
    def sqs(self) -> Any:
        return aws.client("sqs")

    def reset(self) -> None:
        """Everything as it was in the beginning."""
        self.backend.empty(self.rows)
        self.rewind()

    def rewind(self, seconds: float = 0) -> None:
        """The time as it was in the beginning, or so much later; which version is current is not remembered."""
        self.clock.advance(BEGAN - self.clock.now() + timedelta(seconds=seconds))
        courses._recent.clear()

    def event(self, name: str) -> Json:
        """The event of a function; it names what is there."""
        found: Json = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
        found = json.loads(json.dumps({**found, **self.sent.get(name, {})}))
        return found

    def call(self, name: str, event: Json | None = None) -> Any:
        """What a function's handler returns."""
        handler = importlib.import_module(f"functions.{name}.app").lambda_handler
        return handler(event or self.event(name), Context.of(FUNCTIONS[name], "an-invocation"))

    def state(self) -> Json:
        """Every row as a reader would know it, without what a write is recognised by."""
        found: Json = {}
        for row in self.backend.kept().values():
            key = f"{row['pk']['S']} {row['sk']['S']}"
            kept = {name: value for name, value in row.items() if name not in UNLIKE}
            if not key.startswith(("COURSE#", "SECTION#", "VARIANT#")):
                kept = {name: self.known(_plain(value)) for name, value in kept.items()}
            found[self.known(key)] = kept
        return found

    def known(self, text: str) -> str:
        """A text without the ids that were made since the beginning: they are others each time."""
        return _UUID.sub(lambda found: found[0] if found[0] in self.ids else "(new id)", text)


def _rows_of(kept: Mapping[str, Any]) -> Iterator[Json]:
    """The learner's rows among those that were kept."""
    return (row for row in kept.values() if row["pk"]["S"].startswith("USER#"))


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def _plain(value: Json) -> str:
    """An attribute as text, unpacked."""
    if "B" in value:
        with suppress(zlib.error, ValueError):
            return json.dumps(unpack(base64.b64decode(value["B"])), sort_keys=True)
    return str(value)


@pytest.fixture(scope="package")
def backend() -> Iterator[Backend]:
    with backends.memory() as used:
        yield used


@pytest.fixture(scope="package")
def site(backend: Backend) -> Iterator[Site]:
    """Published twice, and somebody who is onboarded, has practised and was recommended something."""
    backend.empty()
    clock = Clock(BEGAN)
    was, the_clock.source = the_clock.source, clock
    with closing(boto3.client("ssm")) as ssm:
        ssm.put_parameter(Name=KEY_PARAMETER, Value=PRIVATE_KEY, Type="SecureString", Overwrite=True)
    sections, jobs = (aws.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("sections", "jobs"))
    changes = {
        "DEFAULT_COURSE": COURSE,
        "SECTION_QUEUE_URL": sections,
        "SECTION_DLQ_URL": sections,
        "JOB_QUEUE_URL": jobs,
        "JOB_DLQ_URL": jobs,
        **guests.ENVIRONMENT,
    }
    with backends.configured(changes), pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "SHARDS", 2)
        verifier.verifier.cache_clear()
        yield _furnished(Site(backend, clock, sections, jobs))
    verifier.verifier.cache_clear()
    courses.forget()
    parameters.forget()
    the_clock.source = was


def _furnished(site: Site) -> Site:
    course = folder.read(ROOT / "courses" / COURSE)
    for lesson in course.lessons:
        text = LessonText(lesson.content, lesson.translations)
        publish_course.stage(COURSE, lesson.slug, text, BEGAN)
    for title in ("First", "Second"):
        publish_course.publish(COURSE, {**course.manifest, "title": title}, BEGAN)
    site.call("create_user")
    site.call("submit_onboarding")
    site.call("personalize_lesson")
    message = site.sqs.receive_message(QueueUrl=site.sections)["Messages"][0]["Body"]
    site.call("put_experiment")
    site.call("act_on_experiment")
    offered = json.loads(site.call("list_recommendations")["body"])["items"][0]["id"]
    headers = site.event("create_user")["headers"]
    sent: dict[str, Json] = {
        "create_user": {"body": json.dumps({"user_id": STRANGER}), "headers": {**headers, "idempotency-key": KEY}},
        # Who waits looks again and again, and each time the same way.
        "personalize_lesson": {"headers": {"content-type": "application/json"}},
        "write_section": {"Records": [{**site.event("write_section")["Records"][0], "body": message}]},
        "answer_recommendation": {"body": json.dumps({"recommendation_id": offered, "action": "accept"})},
        "act_on_experiment": {"body": json.dumps({"action": "pause"})},
        "put_experiment": {"rawPath": "/api/admin/experiments/another"},
        "complete_recommendation": {"body": json.dumps({"recommendation_id": offered, "completion_time": 24})},
    }
    for name in KEYED - {"create_user"}:
        sent[name] = {"headers": {**site.event(name)["headers"], "idempotency-key": KEY}}
    rows = site.backend.kept()
    told = ["".join(map(_plain, row.values())) for row in _rows_of(rows)]
    told += [(ROOT / "events" / f"{name}.json").read_text("utf-8") for name in FUNCTIONS]
    ids = frozenset(_UUID.findall(f"{told} {sent}"))
    return Site(site.backend, site.clock, site.sections, site.jobs, rows, sent, ids)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Json]]:
    """What stands in the log since it was last asked for: one object a line, or it is no log."""
    written = StringIO()
    monkeypatch.setattr(log.logger.registered_handler, "stream", written)

    def lines() -> list[Json]:
        text = written.getvalue()
        written.seek(0)
        written.truncate()
        return [json.loads(line) for line in text.split("\n") if line]

    return lines


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time that calls take: their waiting is done there, and the site's clock stands still meanwhile."""
    watch = Clock()
    monkeypatch.setattr(deadline, "time", SimpleNamespace(monotonic=watch.monotonic))
    monkeypatch.setattr(table, "time", SimpleNamespace(sleep=watch.sleep))
    return watch
