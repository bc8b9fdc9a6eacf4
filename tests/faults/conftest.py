"""What faults happen to: every function of the template, called with its event, where each finds the rows it needs."""

import importlib
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from tests import backends
from tests.backends import Backend
from tests.builders import GUESTS, a_key
from tests.doubles.clock import Clock
from tests.functions.actions import allowed
from tools import course as folder
from tools.code import Context
from tools.issuer import new_key, public_jwk
from tools.template import ROOT

with pytest.MonkeyPatch.context() as _importing:
    backends._set(_importing, backends.ENVIRONMENT)
    from attune import deadline
    from attune.actions import publish_course
    from attune.domain.section_requests import LessonText
    from attune.edge import aws, verifier
    from attune.edge.clock import clock as the_clock
    from attune.store import courses, keys, parameters, table

Json = dict[str, Any]
COURSE = "physical-ai"
STRANGER = "6f1c2a90-5d1e-4a77-8a53-0c5f1f2b7e11"
BEGAN = datetime(2026, 11, 21, 7, 50, tzinfo=UTC)
"""Shortly after the session that the event of `record_session` tells of."""
PRIVATE_KEY = new_key()
KEY_PARAMETER = "/attune/guest-signing-key"
FUNCTIONS = {function.name: function for function in backends.TEMPLATE.functions.values()}
STORING = sorted(
    name for name, function in FUNCTIONS.items() if any(each.startswith("dynamodb:") for each in allowed(function.id))
)
"""The functions that touch the table, as the template says."""


UNLIKE = frozenset({"pk", "sk", "write_id", "owner", "fence", "attempts", "lease_until", "written_at", "expires_at"})
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
        for pk, partition in self.backend.kept().items():
            for sk, item in partition.items():
                row = item.to_json()["Attributes"]
                found[f"{pk} {sk}"] = {name: value for name, value in row.items() if name not in UNLIKE}
        return found


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with backends.moto() as used:
        yield used


@pytest.fixture(scope="module")
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
        "GUEST_ISSUER": GUESTS,
        "GUEST_KEY_PARAMETER": KEY_PARAMETER,
        "GUEST_PUBLIC_KEYS": json.dumps({"keys": [public_jwk(PRIVATE_KEY)]}),
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
    sent: dict[str, Json] = {
        "create_user": {"body": json.dumps({"user_id": STRANGER}), "headers": _keyed(site)},
        # Who waits looks again and again, and each time the same way.
        "personalize_lesson": {"headers": {"content-type": "application/json"}},
        "write_section": {"Records": [{**site.event("write_section")["Records"][0], "body": message}]},
        "answer_recommendation": {"body": json.dumps({"recommendation_id": offered, "action": "accept"})},
        "act_on_experiment": {"body": json.dumps({"action": "pause"})},
        "put_experiment": {"rawPath": "/api/admin/experiments/another"},
        "complete_recommendation": {"body": json.dumps({"recommendation_id": offered, "completion_time": 24})},
    }
    return Site(site.backend, site.clock, site.sections, site.jobs, site.backend.kept(), sent)


def _keyed(site: Site) -> Mapping[str, str]:
    return {**site.event("create_user")["headers"], "idempotency-key": a_key()}


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time that calls take: their waiting is done there, and the site's clock stands still meanwhile."""
    watch = Clock()
    monkeypatch.setattr(deadline, "time", SimpleNamespace(monotonic=watch.monotonic))
    monkeypatch.setattr(table, "time", SimpleNamespace(sleep=watch.sleep))
    return watch
