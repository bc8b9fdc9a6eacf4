"""What paths and progress cost at the table: the same however long the history, and one read where one is enough."""

import json
from collections import Counter
from typing import Any, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from attune.store.items import Item
from tests import backends
from tests.backends import Backend
from tests.builders import an_account
from tests.doubles.tap import Send, Tap
from tests.functions import experimenting
from tests.functions.conftest import World
from tests.functions.pathing import Json, a_path, act, create, listed, practice_ground, practise, read
from tests.functions.practising import recommended

PROGRESS = "/api/progress/"

backend = backends.ministack_alone()


class Largest(Tap):
    """The most items that a transaction had."""

    items = 0

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        if operation == "TransactWriteItems":
            self.items = max(self.items, len(json.loads(cast(bytes, request.body))["TransactItems"]))
        return go_on()


def test_each_request_costs_so_much(world: World, backend: Backend) -> None:
    practice_ground(world)
    who = world.guest()
    event: Json = {"event_id": "e", "status": "started", "seconds": 30}
    path = a_path(world, who, minutes_per_day=30)
    id_, step = path["path_id"], path["stages"][0]["steps"][0]["step_id"]
    world.call("track_lesson", who, event, path=PROGRESS + world.slug)
    practise(world, who, ["sense-0", "sense-1"])
    recommended(world, who)
    world.call("get_progress", who)

    def cost(call: Any) -> tuple[Counter[str], float]:
        with backend.watched() as calls:
            call()
        return calls.operations, calls.read_units

    one_read = Counter({"GetItem": 1})
    assert cost(lambda: read(world, who, id_)) == (one_read, 0.5)
    assert cost(lambda: read(world, who, id_, agenda="true")) == (Counter({"BatchGetItem": 1}), 3.0)
    assert cost(lambda: listed(world, who)) == (Counter({"GetItem": 1, "Query": 1}), 1.0)
    assert cost(lambda: listed(world, who, status="ACTIVE")) == (one_read, 0.5)
    operations, units = cost(lambda: recommended(world, who))
    assert operations == Counter({"Query": 1})
    assert units <= 1.0
    operations, units = cost(lambda: world.call("get_progress", who))
    assert operations == Counter({"Query": 1})
    assert units <= 1.0
    operations, units = cost(lambda: world.call("get_profile", who))
    assert operations == Counter({"Query": 1})
    assert units <= 1.0
    changed = Counter({"BatchGetItem": 1, "TransactWriteItems": 1})
    put = Counter({"BatchGetItem": 1, "PutItem": 1})
    for number, (call, operations) in enumerate(
        (
            (lambda: create(world, who, key="k"), changed),
            (lambda: act(world, who, id_, "complete_step", step_id=step), put),
            (lambda: act(world, who, id_, "pause"), changed),
            (lambda: act(world, who, id_, "resume"), changed),
            (lambda: world.call("delete_learning_path", who, query={"path_id": id_}), changed),
            (
                lambda: world.call("track_lesson", who, {**event, "event_id": "other"}, path=PROGRESS + world.slug),
                changed,
            ),
        )
    ):
        assert cost(call)[0] == operations, number
    # What was counted already is found by the cheaper read, and nothing is written.
    again = lambda: world.call("track_lesson", who, event, path=PROGRESS + world.slug)  # noqa: E731
    assert cost(again) == (Counter({"BatchGetItem": 1}), 2.5)


def test_an_experiment_of_planning_costs_no_round_trip(world: World, backend: Backend) -> None:
    """The path that exposes is one transaction as any other; later ones, and reading, cost what they did."""
    practice_ground(world)
    experimenting.started(world, layer="planning", arms=[{"key": key, "weight": 0.5} for key in "AB"])
    who = an_account()
    recommended(world, who)

    def cost(call: Any) -> Counter[str]:
        with backend.watched() as calls:
            call()
        return calls.operations

    changed = Counter({"BatchGetItem": 1, "TransactWriteItems": 1})
    assert cost(lambda: create(world, who)) == changed
    assert len(experimenting.enrolments(world, who)) == 1
    assert cost(lambda: create(world, who)) == changed
    id_ = listed(world, who)[0]["path_id"]
    assert cost(lambda: read(world, who, id_, agenda="true")) == Counter({"BatchGetItem": 1})
    assert cost(lambda: read(world, who, id_)) == Counter({"GetItem": 1})


def test_a_session_that_leads_three_paths_on_is_one_read_and_one_small_transaction(
    world: World, backend: Backend
) -> None:
    practice_ground(world)
    who = world.guest()
    for _ in range(3):
        a_path(world, who)
    world.call("track_lesson", who, {"event_id": "e", "status": "completed"}, path=PROGRESS + world.slug)
    largest = Largest()
    moved = 0
    for number in range(6):
        offer = recommended(world, who, kinds="practise,retry,review", time_available="600")
        with largest.on(Item), backend.watched() as calls:
            followed = offer[0]["id"] if offer else ""
            reply = practise(world, who, [f"sense-{n}" for n in range(8)], recommendation=followed)
        assert calls.operations == Counter({"BatchGetItem": 1, "TransactWriteItems": 1}), number
        moved = max(moved, len(reply.json["paths"]))
        world.clock.advance(86_400)
    assert moved == 3
    assert 5 <= largest.items <= 8
