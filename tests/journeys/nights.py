"""A night of a running Attune: the schedule, and all that follows from it."""

import importlib
import json
from collections.abc import Sequence
from typing import Any

from tests.journeys.conftest import World, until
from tools.client import Client

SHARDS = 16


def fall_asleep(world: World, day: str) -> None:
    """Two in the morning of a day."""
    world.clock.move(f"{day}T02:00:00Z")


def refresh(world: World) -> Any:
    """The schedule fires; what the owner sees of the run once it is over."""
    world.stack.fire("PlanRefresh")
    until(lambda: is_over(world))
    settle(world)
    return seen(world)


def seen(world: World) -> Any:
    return world.owner.get("/api/health?deep=true").json["refresh"]


def is_over(world: World) -> bool:
    """Whether every partition of tonight's run was gone through."""
    run = f"REFRESH#{world.clock.now().date().isoformat()}"
    shards = [row for row in world.scan() if row["pk"]["S"] == run and row["sk"]["S"].startswith("SHARD#")]
    return len(shards) == SHARDS and not any(row["more"]["BOOL"] or "members" in row for row in shards)


def waiting(world: World) -> int:
    """Messages that a worker could take now."""
    wanted = "ApproximateNumberOfMessages"
    asked = {"QueueUrl": world.stack.queue("JobQueue"), "AttributeNames": [wanted]}
    return int(world.stack.client("sqs").get_queue_attributes(**asked)["Attributes"][wanted])


def settle(world: World) -> None:
    """Nothing waits and nobody works."""
    poller = world.poller("JobQueue")
    while True:
        until(lambda: waiting(world) == 0)
        with poller.resting():
            until(poller.idle)
            if waiting(world) == 0:
                return


def say(world: World, **job: Any) -> None:
    """A message of the queue, once more."""
    world.stack.client("sqs").send_message(QueueUrl=world.stack.queue("JobQueue"), MessageBody=json.dumps(job))


def found(world: World, clients: Sequence[Client], end: str) -> list[dict[str, Any]]:
    """The rows of learners whose key ends so."""
    rows = {each["pk"]["S"].rpartition(".")[2]: each for each in world.scan() if each["sk"]["S"].endswith(end)}
    return [rows[client.get("/api/user/me").json["id"]] for client in clients]


def broken(world: World, one: Client, data: bytes | None = None) -> bytes:
    """Put other bytes in the place of what is stored of a player's practice; what was there."""
    (row,) = found(world, [one], "#PROFILE")
    world.stack.client("dynamodb").update_item(
        TableName=world.stack.table,
        Key={"pk": row["pk"], "sk": row["sk"]},
        UpdateExpression="SET #data = :data",
        ExpressionAttributeNames={"#data": "data"},
        ExpressionAttributeValues={":data": {"B": b"not what it was" if data is None else data}},
    )
    return bytes(row["data"]["B"])


def refreshed(world: World, clients: Sequence[Client]) -> list[str | None]:
    """The run that each learner was refreshed in last."""
    rows = found(world, clients, "#RECOMMENDATIONS")
    return [row["refreshed"]["S"] if "refreshed" in row else None for row in rows]


def store(world: World) -> Any:
    """What the store sends its calls with."""
    return importlib.import_module("attune.store.items").Item
