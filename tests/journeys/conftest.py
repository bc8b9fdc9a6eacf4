"""A whole Attune for each story: embedded services, real HTTP, a clock that the story moves, both writers in turn."""

import importlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.faults import Recorder
from tests.doubles.model import ModelServer
from tools.client import Client, Reply
from tools.course import read
from tools.local import Stack
from tools.publish import publish
from tools.queues import Poller

COURSES = Path(__file__).parents[2] / "courses"


class ShiftedClock:
    """Runs with the machine's clock, as far ahead of it as the story says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def advance(self, **by: float) -> None:
        self.ahead += timedelta(**by)

    def move(self, at: str) -> None:
        self.ahead += datetime.fromisoformat(at) - self.now()


class StandingClock(ShiftedClock):
    """Stands at the moment that the story has come to, and moves only with it."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self._start = datetime.fromisoformat(at)

    def now(self) -> datetime:
        return self._start + self.ahead


@dataclass
class World:
    """One running Attune and what a story keeps of it: replies by name, and the model that counts its calls."""

    stack: Stack
    clock: ShiftedClock
    model: ModelServer | None
    said: dict[str, Any] = field(default_factory=dict)

    def client(self, token: str | None = None) -> Client:
        return self.stack.api(token)

    @property
    def owner(self) -> Client:
        return self.client(self.stack.admin(**self._times()))

    def account(self, subject: str) -> Client:
        """Somebody who signed in just now, and stays so."""
        return self.client(self.stack.account(subject, **self._times()))

    def _times(self) -> dict[str, Any]:
        now = int(self.clock.now().timestamp())
        return {"iat": now, "exp": now + 400 * 86_400}

    def publish(self, course: str) -> dict[str, Any]:
        """A shipped course published by the owner."""
        return publish(self.owner, read(COURSES / course))

    def keep(self, name: str, reply: Reply) -> Reply:
        self.said[name] = reply
        return reply

    def __getitem__(self, name: str) -> Any:
        return self.said[name]

    @property
    def calls(self) -> int:
        """The model calls so far; none with the built-in writer."""
        return self.model.count if self.model else 0

    def poller(self, queue: str) -> Poller:
        """Who takes the messages of a queue of the template."""
        mapped = [each.queue for each in self.stack.template.mapped]
        return self.stack.pollers[mapped.index(queue)]

    def scan(self) -> list[dict[str, Any]]:
        """Every row of the table."""
        pages = self.stack.client("dynamodb").get_paginator("scan").paginate(TableName=self.stack.table)
        return [item for page in pages for item in page["Items"]]

    def rows(self) -> list[str]:
        """Every row of the table as text, in one order."""
        return sorted(json.dumps(item, sort_keys=True, default=bytes.hex) for item in self.scan())

    @contextmanager
    def counted(self) -> Iterator[Recorder]:
        """Counts the round trips to the table."""
        with Recorder().on(importlib.import_module("attune.store.items").Item) as recorder:
            yield recorder


def soon(done: Callable[[], bool], seconds: float = 8) -> bool:
    """Whether it becomes so while we look again and again, less and less often; the queue works in real time."""
    ends, pause = time.monotonic() + seconds, 0.02
    while not (is_so := done()) and time.monotonic() < ends:
        time.sleep(pause)
        pause = min(pause * 1.25, 0.2)
    return is_so


def until(done: Callable[[], bool], seconds: float = 30) -> None:
    """Look until it is so."""
    assert soon(done, seconds), "not in time"


@pytest.fixture(scope="module", params=["rules", "openai"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with ExitStack() as opened:
        model = opened.enter_context(ModelServer()) if request.param == "openai" else None
        env: Mapping[str, str] = {"DEFAULT_COURSE": getattr(request.module, "COURSE", "physical-ai"), "WAITERS": "100"}
        if model is not None:
            env = {
                **env,
                "WRITER": "openai",
                "LLM_BASE_URL": model.url,
                "LLM_MODEL": "gpt-4o-mini",
                "OPENAI_API_KEY": "canary-key",
            }
        stack = opened.enter_context(Stack(env=env))
        clock = ShiftedClock()
        importlib.import_module("attune.edge.clock").clock.source = clock
        yield World(stack, clock, model)


@contextmanager
def standing(course: str, begins: str) -> Iterator[World]:
    """With the built-in writer alone and this course, at this moment; time stands until the story moves it."""
    with Stack(env={"DEFAULT_COURSE": course}) as stack:
        clock = StandingClock(begins)
        importlib.import_module("attune.edge.clock").clock.source = clock
        world = World(stack, clock, None)
        world.publish(course)
        yield world


@pytest.fixture(scope="module")
def still(request: pytest.FixtureRequest) -> Iterator[World]:
    """A story in which time stands, from its `BEGINS` on."""
    with standing(request.module.COURSE, request.module.BEGINS) as world:
        yield world
