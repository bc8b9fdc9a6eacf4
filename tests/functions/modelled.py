"""Sections that a model writes over HTTP: one server or two, which behave as they are told."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from attune.domain.budget import Price
from attune.domain.principal import Principal
from attune.domain.supplier import Supplier
from attune.settings import settings
from attune.store import budgets
from attune.writers.openai import OpenAIWriter
from tests.backends import Backend
from tests.builders import CourseFiles, a_course
from tests.doubles.model import ModelServer
from tests.functions.conftest import Reply, World, publish
from tests.functions.line import Line
from tests.functions.writing import supplies
from tools.services import TABLE

KEY = "sk-canary-0123456789"
PRICE = Price(0.15, 0.60)
SECTIONS = 2
DOWN = "writer_down"


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[ModelServer, ModelServer]]:
    with ModelServer() as first, ModelServer() as second:
        yield first, second


@pytest.fixture(scope="module")
def published(backend: Backend) -> tuple[CourseFiles, Mapping[str, Any]]:
    """A lesson of two sections, since each costs its calls."""
    course = a_course(lessons=1, sections=SECTIONS)
    backend.empty()
    publish(course)
    return course, backend.kept()


OPEN: list[OpenAIWriter] = []


def supplied(world: World, server: ModelServer, name: str, **changes: Any) -> Supplier:
    """A model behind this server; its writer waits on the clock of the functions."""
    server.begin_anew()
    waits: dict[str, Any] = {"sleep": world.clock.sleep, "now": world.clock.timestamp, "rng": random.Random(1)}
    OPEN.append(OpenAIWriter(model=name, api_key=KEY, base_url=server.url, **(waits | changes)))
    return Supplier(name, OPEN[-1], PRICE, name)


@pytest.fixture
def openai(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The deployment has a model."""
    budgets.forget()
    for name, value in {"writer": "openai", "model": "double", "model_api": "chat"}.items():
        monkeypatch.setitem(vars(settings), name, value)
    yield
    while OPEN:
        OPEN.pop().close()


@pytest.fixture
def model(
    world: World, openai: None, servers: tuple[ModelServer, ModelServer], monkeypatch: pytest.MonkeyPatch
) -> ModelServer:
    supplies(monkeypatch, supplied(world, servers[0], "double"))
    return servers[0]


@pytest.fixture
def second(
    world: World, openai: None, servers: tuple[ModelServer, ModelServer], monkeypatch: pytest.MonkeyPatch
) -> tuple[ModelServer, ModelServer]:
    """Two models, of which the first is asked first."""
    supplies(monkeypatch, supplied(world, servers[0], "double"), supplied(world, servers[1], "other"))
    return servers


def post(world: World, who: Principal) -> Reply:
    return world.call("personalize_lesson", who, {"lesson_slug": world.slug})


def get(world: World, who: Principal) -> Reply:
    return world.call("get_personalized", who, path=f"/api/personalize/{world.slug}")


def read(world: World, line: Line, who: Principal) -> Reply:
    """Ask, let the queue work for a minute, and look: two ways that must agree, and neither is ever a 5xx."""
    assert post(world, who).status in (200, 202)
    line.run(60)
    asked, looked = post(world, who), get(world, who)
    assert asked.status == looked.status == 200
    assert asked.json["personalized_content"] == looked.json["personalized_content"]
    assert not line.dead
    return looked


def reasons(reply: Reply) -> set[str | None]:
    return {section.get("reason") for section in reply.json["sections"]}


def rows(backend: Backend, kind: str = "section") -> list[dict[str, Any]]:
    """Every row of a kind, whatever is in it."""
    return [row for row in backend.raw.scan(TableName=TABLE)["Items"] if row["kind"]["S"] == kind]


def calls_of(model: ModelServer) -> Counter[str]:
    """How often each section was asked for."""
    return Counter(call.asked.title for call in model.calls)
