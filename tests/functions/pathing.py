"""What a learner does with paths, in a course with enough to practise."""

from typing import Any

from attune.domain.principal import Principal
from tests.builders import NOW, a_uuid
from tests.functions.conftest import Reply, World
from tests.functions.practising import at

Json = dict[str, Any]
ITEMS = [
    {"id": f"{skill}-{number}", "skills": [skill], "difficulty": 1 + number % 5, "minutes": 5}
    for skill in ("sense", "act")
    for number in range(8)
]
GOAL: Json = {"skills": {"act": 1050}}


def practice_ground(world: World) -> None:
    """The world's course with eight items for each of its two skills."""
    world.publish(items=ITEMS)


def create(world: World, who: Principal, key: str | None = None, **body: Any) -> Reply:
    headers: Json = {} if key is None else {"idempotency_key": key}
    return world.call("create_learning_path", who, {"goal": GOAL, **body}, **headers)


def a_path(world: World, who: Principal, **body: Any) -> Json:
    """A path that was started."""
    made = create(world, who, **body)
    assert made.status == 201, made.body
    found: Json = act(world, who, made.json["path_id"], "start").json["path"]
    return found


def act(world: World, who: Principal, id_: str, action: str, headers: Json | None = None, **more: Any) -> Reply:
    return world.call("update_learning_path", who, {"path_id": id_, "action": action, **more}, **(headers or {}))


def read(world: World, who: Principal, id_: str, **query: str) -> Reply:
    return world.call("list_learning_paths", who, query={"path_id": id_, **query})


def listed(world: World, who: Principal, **query: str) -> list[Json]:
    reply = world.call("list_learning_paths", who, query=query)
    assert reply.status == 200
    found: list[Json] = reply.json["items"]
    return found


def steps(path: Json) -> list[Json]:
    return [step for stage in path["stages"] for step in stage["steps"]]


def practise(
    world: World, who: Principal, items: list[str], *, correct: bool = True, recommendation: str = ""
) -> Reply:
    """A session with one answer to each item, seconds apart, the last one just now."""
    attempts = [
        {"attempt_id": f"a{n}", "item_id": item, "correct": correct, "at": at_now(world, len(items) - n)}
        for n, item in enumerate(items)
    ]
    body: Json = {"session_id": a_uuid(), "started_at": attempts[0]["at"], "attempts": attempts}
    if recommendation:
        body["recommendation_id"] = recommendation
    reply = world.call("record_session", who, body)
    assert reply.status == 201, reply.body
    return reply


def at_now(world: World, seconds: float) -> str:
    """A moment so many seconds before the world's now."""
    return at(seconds=seconds - (world.clock.now() - NOW).total_seconds())
