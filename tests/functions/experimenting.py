"""An experiment over the API, as its owner and its learners meet it."""

from typing import Any

from attune.domain.experiments.buckets import place
from attune.domain.principal import Principal
from attune.store import courses
from tests.builders import an_account, an_admin
from tests.functions.conftest import Reply, World

Json = dict[str, Any]
NAME, SEED = "rec-spacing", "rec-spacing-1"
ADMIN = f"/api/admin/experiments/{NAME}"
MINE = f"/api/experiments/{NAME}"
DROPOUT = "dropout_14d"


def a_definition(**changes: Any) -> Json:
    """Two arms that differ in how much may be a review."""
    told: Json = {
        "layer": "ranking",
        "seed": SEED,
        "arms": [
            {"key": "A", "weight": 0.5, "params": {"review_share": 0.3}},
            {"key": "B", "weight": 0.5, "params": {"algorithm": "baseline"}},
        ],
        "primary": {"metric": "subscribed"},
        "guardrails": [{"metric": DROPOUT, "max_increase": 0.03}],
    }
    return told | changes


def put(world: World, path: str = ADMIN, owner: Principal | None = None, **changes: Any) -> Reply:
    return world.call("put_experiment", owner or an_admin(), a_definition(**changes), path=path)


def act(world: World, action: str, path: str = ADMIN, **more: Any) -> Reply:
    return world.call("act_on_experiment", an_admin(), {"action": action, **more}, path=f"{path}/actions")


def started(world: World, **changes: Any) -> Json:
    """One that runs, and is known to every function."""
    assert put(world, **changes).status == 200
    reply = act(world, "start")
    assert reply.status == 200
    courses.forget()
    found: Json = reply.json
    return found


def results(world: World) -> Json:
    reply = world.call("get_experiment_results", an_admin(), path=f"{ADMIN}/results")
    assert reply.status == 200
    found: Json = reply.json
    return found


def enrolments(world: World, who: Principal) -> list[Json]:
    reply = world.call("list_experiments", who)
    assert reply.status == 200
    found: list[Json] = reply.json["items"]
    return found


def leave(world: World, who: Principal, path: str = MINE) -> Reply:
    return world.call("leave_experiment", who, path=path)


def outcome(world: World, who: Principal, event: str, value: float = 1, metric: str = "subscribed") -> Reply:
    body = {"event_id": event, "metric": metric, "value": value}
    return world.call("record_outcome", who, body, path=f"{MINE}/outcomes")


def exposed(world: World, arm: str | None = None) -> Principal:
    """A newcomer who was shown recommendations, in this arm if one is named."""
    who = an_account()
    while arm is not None and (place(SEED, who.learner) < 0.5) != (arm == "A"):
        who = an_account()
    assert world.call("list_recommendations", who).status == 200
    return who
