"""E4, E5, E6, E8, L3: what a learner wrote, who they are and what opens their rows is nowhere but in their own answers.

One learner does everything that there is to do, with a canary wherever a word of their own may stand. Then the log, the
messages, what the model was asked, the rows that are shared and what others are answered are searched for it.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest

from attune.domain.budget import Price
from attune.domain.principal import Principal
from attune.domain.supplier import Supplier
from attune.settings import settings
from attune.store import budgets
from attune.writers.openai import OpenAIWriter
from tests.backends import Backend
from tests.builders import an_admin, answers
from tests.doubles.model import ModelServer
from tests.functions import experimenting, pathing
from tests.functions.conftest import ROOTED, Reply, World
from tests.functions.practising import SKILL, a_session, an_answer, recommended
from tests.functions.writing import supplies
from tools.services import TABLE

Json = dict[str, Any]
CANARY = "zqcanaryqz"
KEY = f"sk-{CANARY}-0123456789"
WRITTEN = {"note", "title", "description", "extras", "attempt"}
"""Where a word of the learner's own is kept as it is; ids of events are kept as hashes."""


def word(place: str) -> str:
    return f"{CANARY}.{place}"


@dataclass
class Life:
    """What one learner was answered."""

    world: World
    who: Principal
    replies: list[Reply] = field(default_factory=list)

    def does(self, function: str, body: object = None, *, path: str | None = None, **more: Any) -> Reply:
        """Everything that is done carries a token and names its learner, in every way that there is."""
        told = {"authorization": f"Bearer {word('token')}", "x_user_id": self.who.subject, **more}
        query = told.pop("query", None)
        reply = self.world.call(function, self.who, body, path=path, query=query, **told)
        self.replies.append(reply)
        assert reply.status < 300, (function, reply.body)
        return reply


def live(world: World, who: Principal) -> Life:
    """Do whatever a learner can do."""
    life = Life(world, who)
    life.does("submit_onboarding", answers())
    life.does("put_preferences", {"extras": {"table.name": word("extras")}})
    life.does("personalize_lesson", {"lesson_slug": world.slug})
    assert world.work() == []
    life.does("get_personalized", path=f"/api/personalize/{world.slug}")
    life.does("rate_personalized", {"lesson_slug": world.slug, "rating": 1, "reason": "wrong"})
    attempt = an_answer(1, item_id="sense-0", attempt_id=word("attempt"), correct=True)
    life.does("record_session", a_session(attempt), idempotency_key=word("key"))
    life.does("claim_skill", {"level": "expert", "note": word("note")}, path=f"{SKILL}/claims")
    life.does("track_lesson", {"event_id": word("event"), "status": "completed"}, path=f"/api/progress/{world.slug}")
    made = life.does(
        "create_learning_path", {"goal": pathing.GOAL, "title": word("title"), "description": word("description")}
    )
    life.does("update_learning_path", {"path_id": made.json["path_id"], "action": "start"})
    offered = recommended(world, who)[0]["id"]
    life.does("answer_recommendation", {"recommendation_id": offered, "action": "accept"})
    life.does("complete_recommendation", {"recommendation_id": offered, "completion_time": 5})
    outcome = {"event_id": word("done"), "metric": "subscribed", "value": 1}
    life.does("record_outcome", outcome, path=f"{experimenting.MINE}/outcomes")
    for function in ("get_user", "get_profile", "get_progress", "list_sessions", "get_preferences", "get_answers"):
        life.does(function, path="/api/user/me" if function == "get_user" else None)
    return life


@pytest.fixture
def model(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """The deployment has a model, whose key is a canary too."""
    budgets.forget()
    for name, value in {"writer": "openai", "model": "double", "model_api": "chat"}.items():
        monkeypatch.setitem(vars(settings), name, value)
    with ModelServer() as server:
        clock: Any = {"sleep": world.clock.sleep, "now": world.clock.timestamp, "rng": random.Random(1)}
        writer = OpenAIWriter(model="double", api_key=KEY, base_url=server.url, **clock)
        supplies(monkeypatch, Supplier("double", writer, Price(0.15, 0.6), "double"))
        yield server
        writer.close()


def test_e4_e5_e6_l3_nothing_of_a_learner_is_anywhere_but_in_their_own_answers(
    world: World,
    backend: Backend,
    model: ModelServer,
    caplog: pytest.LogCaptureFixture,
    written: StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level("DEBUG")
    caplog.set_level("WARNING", "moto")
    pathing.practice_ground(world)
    experimenting.started(world)
    life = live(world, world.guest())
    sent = [json.dumps(one) for queue in (world.queue, world.jobs) for one in world.messages(queue)]
    seen = capsys.readouterr()
    assert written.getvalue()
    logs = [
        written.getvalue(),
        caplog.text,
        seen.out,
        seen.err,
        *(json.dumps(vars(record), default=str) for record in caplog.records),
    ]
    prompts = [f"{call.headers} {json.dumps(call.body)}" for call in model.calls]
    rows = [row for page in backend.raw.get_paginator("scan").paginate(TableName=TABLE) for row in page["Items"]]
    shared = [repr(row) for row in rows if not row["pk"]["S"].startswith("USER#")]
    told = [reply.body + str(reply.headers) for reply in others(world)]
    for name, texts in {"log": logs, "prompts": prompts, "shared rows": shared, "others": told, "jobs": sent}.items():
        assert texts or name == "jobs", f"nothing was looked at of {name}"
        found = [text for text in texts if CANARY in text.replace(KEY, "") or life.who.subject in text]
        # The message of a job may name whose rows it is about, in a queue that only the owner reads.
        assert not [text for text in found if name != "jobs" or CANARY in text], (name, found[:1])
    assert all(KEY not in text for text in [*logs, *shared, *told, *sent]), "the model's key"
    assert len(model.calls) >= 3
    mine = life.does("export_user", path="/api/user/me/export").body
    assert {place for place in WRITTEN if word(place) in mine} == WRITTEN


def others(world: World) -> Iterator[Reply]:
    """What another reader of the same kind, and the owner, can see."""
    reader, owner = world.reader(), an_admin()
    yield world.call("personalize_lesson", reader, {"lesson_slug": world.slug})
    yield world.call("get_personalized", reader, path=f"/api/personalize/{world.slug}")
    yield world.call("list_recommendations", reader, query={"explain": "full"})
    yield world.call("export_user", reader, path="/api/user/me/export")
    yield world.call("get_book", reader)
    yield world.call("get_experiment_results", owner, path=f"{experimenting.ADMIN}/results")
    yield world.call("list_all_experiments", owner)


WRONG: list[Json] = [
    {"unknown": CANARY},
    {"level": CANARY, "note": [CANARY]},
    {"lesson_slug": f"no/{CANARY}", "rating": CANARY},
    {"recommendation_id": CANARY, "action": CANARY},
    {"attempts": [{"attempt_id": CANARY, "item_id": CANARY, "correct": CANARY}], "session_id": CANARY},
    {"user_id": CANARY},
]


@pytest.mark.parametrize(
    "function", [name for name, route in ROOTED.items() if route.method in ("POST", "PUT", "PATCH")]
)
def test_e8_what_is_refused_is_not_echoed_and_not_logged(
    world: World, function: str, caplog: pytest.LogCaptureFixture, written: StringIO
) -> None:
    caplog.set_level("DEBUG")
    caplog.set_level("WARNING", "moto")
    who = an_admin()
    bodies = [*WRONG, f'{{"a": "{CANARY}', f'"{CANARY}"', CANARY]
    for body in bodies:
        path = ROOTED[function].path.replace("{user_id}", "me").replace("{proxy+}", world.slug)
        reply = world.call(function, who, body, path=path)
        assert reply.status >= 400, body
        assert CANARY not in reply.body
    assert CANARY not in caplog.text + written.getvalue()
