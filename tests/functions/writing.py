"""The worker that writes sections, with a writer that does what a test says."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from attune.domain.budget import NOTHING_USED, Usage
from attune.domain.principal import Principal
from attune.domain.section import Draft, SectionRequest, WriterFault
from attune.domain.supplier import Supplier
from attune.store import sections
from attune.writers.choice import FREE
from attune.writers.rules import RulesWriter
from tests.builders import sqs_event
from tests.functions.conftest import Reply, World, invoke
from tests.functions.night import Died

Step = Callable[[SectionRequest], Draft]


@dataclass
class Script:
    """A writer that does its steps in order, and writes by the rules when there are none left."""

    steps: list[Step] = field(default_factory=list)
    asked: list[tuple[SectionRequest, Sequence[str], float]] = field(default_factory=list)

    def most(self, request: SectionRequest, complaints: Sequence[str]) -> Usage:
        return NOTHING_USED

    def write(self, request: SectionRequest, complaints: Sequence[str], deadline: float, tries: int) -> Draft:
        self.asked.append((request, complaints, deadline))
        return self.steps.pop(0)(request) if self.steps else by_rules(request)


def by_rules(request: SectionRequest) -> Draft:
    return RulesWriter().write(request)


def marked(mark: str) -> Step:
    """What the rules write, and a word by which to know it."""
    return lambda request: Draft(
        by_rules(request).text.replace("A Sensor", f"{mark} sensor of the Sensor kind"), "m-1", 7, 9
    )


def bad(_: SectionRequest) -> Draft:
    return Draft("I'm sorry, I cannot help with that.", "m-1", 7, 9)


def failing(fault: WriterFault) -> Step:
    def step(_: SectionRequest) -> Draft:
        raise fault

    return step


def down() -> Step:
    return failing(WriterFault("unreachable", final=False))


def dying(_: SectionRequest) -> Draft:
    raise Died


def supplies(monkeypatch: pytest.MonkeyPatch, *suppliers: Supplier) -> None:
    """These write, in this order."""
    monkeypatch.setattr("functions.write_section.app.suppliers", lambda *_: list(suppliers))


@pytest.fixture
def script(world: World, monkeypatch: pytest.MonkeyPatch) -> Script:
    """The writer of the worker."""
    made = Script()
    supplies(monkeypatch, Supplier("script", made, FREE))
    return made


def ask(world: World, who: Principal) -> Reply:
    return world.call("personalize_lesson", who, {"lesson_slug": world.slug})


def queued(world: World, who: Principal | None = None) -> list[str]:
    """The messages of a lesson that somebody asks for."""
    assert ask(world, who or world.reader()).status == 202
    return [message["Body"] for message in world.messages()]


def deliver(*bodies: str) -> list[str]:
    """Deliver a batch; what became of each: ok or failed."""
    event = sqs_event(*bodies)
    failed = {each["itemIdentifier"] for each in invoke("write_section", event)["batchItemFailures"]}
    return ["failed" if record["messageId"] in failed else "ok" for record in event["Records"]]


def stored(world: World, body: str) -> sections.StoredSection | None:
    key = json.loads(body)["section"]
    return sections.get_many([key], world.clock.now()).get(key)


def text_of(world: World, body: str) -> str:
    found = stored(world, body)
    assert found is not None
    assert found.text is not None
    return found.text
