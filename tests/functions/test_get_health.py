"""Alive without asking anybody; for admins each part by name."""

import math
from typing import Any

import pytest

from attune.edge import http
from tests.backends import Backend
from tests.builders import an_admin
from tests.functions.conftest import World

DEEP = {"deep": "true"}


def test_l5_it_answers_without_the_store(world: World, backend: Backend) -> None:
    with backend.watched() as calls:
        reply = world.call("get_health")
    assert (reply.status, reply.json["status"], calls.operations) == (200, "ok", {})


def test_l5_only_an_admin_looks_deep(world: World) -> None:
    world.call("get_health", query=DEEP).problem(401, "token_missing")
    world.call("get_health", query=DEEP, authorization="Bearer x").problem(401, "token_malformed")
    token = world.call("create_user", None, {}).json["token"]
    world.call("get_health", query=DEEP, authorization=f"Bearer {token}").problem(403, "admin_only")
    # The gateway has no authorizer here: what an event claims of its caller is not believed.
    world.call("get_health", an_admin(), query=DEEP).problem(401, "token_missing")


def test_l5_an_admin_sees_each_part(world: World, backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "require_admin", lambda *_: None)
    whole = world.call("get_health", query=DEEP)
    none = {"waiting": 0, "dead": 0}
    parts: dict[str, Any] = {
        "table": "ok",
        "queue": none,
        "jobs": none,
        "model": "built_in",
        "refresh": None,
        "batches": [],
    }
    assert whole.json == {"status": "ok", "version": whole.json["version"], **parts}
    with backend.faulty("throttle", times=math.inf):
        ill = world.call("get_health", query=DEEP)
    assert (ill.status, ill.json["status"], ill.json["table"], ill.json["queue"]) == (
        200,
        "degraded",
        "down",
        parts["queue"],
    )
