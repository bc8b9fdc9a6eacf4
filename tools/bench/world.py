"""A running Attune with a learner in it who has done all that a learner does, and the events of their requests."""

import copy
import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from boto3.dynamodb.types import TypeSerializer

from tools import course as courses
from tools import demo
from tools.client import Client
from tools.local import Stack
from tools.template import ROOT

COURSE = "physical-ai"
LESSON = "foundations/embodiment-hypothesis"
PEERS = "peers"


@dataclass(frozen=True, slots=True)
class Route:
    """A request: what it is called, the function it goes to, and the events that come before it and that it is."""

    name: str
    function: str
    events: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class World:
    """The stack, a learner, their course and path, and what was heard of their requests."""

    stack: Stack
    client: Client
    learner: str
    course: str = COURSE
    path: str = ""
    _heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def event(self, method: str, path: str, body: object = None, **headers: str) -> tuple[str, dict[str, Any], Any]:
        """Send a request; the function that answered it, its event, and what it answered."""
        self._heard.clear()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = self.client.send(method, path, body, named)
        if reply.status >= 400:
            raise RuntimeError(f"{method} {path}: {reply.status} {reply.body.decode()[:300]}")
        function, event = self._heard[-1]
        return function, event, reply.json

    def route(self, name: str, method: str, path: str, *bodies: object, **headers: str) -> Route:
        """The events of a request that is sent twice, to a function that is cold and then warm."""
        sent = bodies if len(bodies) > 1 else (bodies or (None,)) * 2
        found = [self.event(method, path, body, **headers)[:2] for body in sent]
        return Route(name, found[-1][0], tuple(event for _, event in found))

    def hear(self) -> None:
        """Listen to what the gateway calls."""
        invoke = self.stack.gateway.invoke

        def heard(function: str, event: dict[str, Any]) -> Any:
            self._heard.append((function, copy.deepcopy(event)))
            return invoke(function, event)

        vars(self.stack.gateway)["invoke"] = heard


@contextmanager
def running() -> Iterator[World]:
    """Both courses, and a guest who is onboarded, has practised, been recommended, has a path and a lesson."""
    with Stack() as stack:
        list(demo.courses(stack))
        made = stack.api().post("/api/user/create", {}).json
        world = World(stack, stack.api(made["token"]), made["id"])
        questions = world.client.get("/api/onboarding").json["questions"]
        world.client.post("/api/onboarding", demo.beginner(questions))
        world.client.put("/api/personalization/preferences", {"time_availability": 60})
        for number in range(4):
            world.client.post("/api/training/sessions", session(number))
        world.client.get("/api/personalization/recommendations")
        written(world.client)
        world.hear()
        yield world


def written(client: Client) -> None:
    """Ask for the lesson until it is there."""
    client.post("/api/personalize", {"lesson_slug": LESSON})
    for _ in range(20):
        if client.get(f"/api/personalize/{LESSON}", prefer="wait=8").status == 200:
            return
    raise RuntimeError("the lesson is not written")


def session(number: int, attempts: int = 10) -> dict[str, Any]:
    """Ten answers in a sitting; the number says which."""
    rng = random.Random(number)  # noqa: S311, nothing secret is drawn
    items = [item["id"] for item in courses.read(ROOT / "courses" / COURSE).manifest["items"]]
    now = datetime.now(UTC) - timedelta(minutes=30)
    return {
        "session_id": str(UUID(int=rng.getrandbits(128), version=4)),
        "started_at": _at(now),
        "attempts": [
            {
                "attempt_id": str(place),
                "item_id": rng.choice(items),
                "correct": rng.random() < 0.7,
                "at": _at(now + timedelta(seconds=20 * place)),
            }
            for place in range(attempts)
        ],
    }


def _at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def routes(world: World) -> Iterator[Route]:
    """The requests that are measured."""
    recommendations = "/api/personalization/recommendations"
    yield world.route("recommendations, unchanged", "GET", recommendations)
    yield world.route("lesson, ready", "GET", f"/api/personalize/{LESSON}")
    yield world.route(
        "preferences, changed",
        "PUT",
        "/api/personalization/preferences",
        *({"challenge_level": n / 10} for n in (3, 4)),
    )
    yield world.route("preferences", "GET", "/api/personalization/preferences")
    yield world.route("answers", "GET", "/api/user/preferences")
    yield world.route("profile", "GET", "/api/user/profile")
    yield world.route("progress", "GET", "/api/progress")
    yield world.route("book", "GET", "/api/content/book")
    yield world.route("lesson, original", "GET", f"/api/content/lessons/{LESSON}")
    yield world.route("health", "GET", "/api/health")
    tracked = [{"event_id": str(n), "status": "started", "seconds": 60} for n in (1, 2)]
    yield world.route("lesson progress", "PUT", f"/api/progress/{LESSON}", *tracked)
    yield world.route("session of ten", "POST", "/api/training/sessions", session(90), session(91))
    yield world.route("recommendations, recomputed", "GET", f"{recommendations}?refresh=true")
    _, _, made = world.event("GET", recommendations)
    answers = [{"recommendation_id": one["id"], "action": "accept"} for one in made["items"][:2]]
    yield world.route("recommendation, accepted", "POST", recommendations, *answers)


def for_the_store(world: World, route: Route) -> Route:
    """The same request as it is sent to a store that has not seen it: what is only taken once gets another id."""
    events = copy.deepcopy(route.events)
    if route.name == "session of ten":
        for number, event in enumerate(events):
            event["body"] = json.dumps(session(190 + number))
    if route.name == "lesson progress":
        for number, event in enumerate(events):
            event["body"] = json.dumps({**json.loads(event["body"]), "event_id": str(10 + number)})
    if route.name == "recommendation, accepted":
        _, _, made = world.event("GET", "/api/personalization/recommendations?refresh=true")
        for one, event in zip(made["items"], events, strict=False):
            event["body"] = json.dumps({"recommendation_id": one["id"], "action": "accept"})
    return Route(route.name, route.function, events)


def seed_peers(world: World, answers: Mapping[str, Any]) -> None:
    """What the peers answer from: the same content, one item for each thing, as such tables are usually laid out."""
    dynamodb = world.stack.client("dynamodb")
    dynamodb.create_table(
        TableName=PEERS,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    pack = TypeSerializer().serialize

    def put(pk: str, sk: str, item: Mapping[str, Any]) -> None:
        exact = json.loads(json.dumps({**item, "pk": pk, "sk": sk}), parse_float=Decimal)
        dynamodb.put_item(TableName=PEERS, Item={name: pack(value) for name, value in exact.items()})

    learner = f"LEARNER#{world.learner}"
    made = dict(answers["recommendations, unchanged"])
    for place, one in enumerate(made.pop("items")):
        put(learner, f"RECOMMENDATIONS#{place:02d}", one)
    put(learner, "RECOMMENDATIONS#SET", made)
    put(learner, "SETTINGS", {"variant": "one", **answers["preferences, changed"]})
    put("LESSON#" + LESSON, "VARIANT#one", answers["lesson, ready"])
