"""What a learner does: sessions of practice as a site sends them, and recommendations as they are asked for."""

from datetime import timedelta
from typing import Any

from attune.domain.principal import Principal
from tests.builders import NOW, a_uuid
from tests.functions.conftest import Reply, World

Json = dict[str, Any]
SKILL = "/api/personalization/skills/sense"


def at(**ago: float) -> str:
    """A moment so long ago."""
    return (NOW - timedelta(**ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def an_answer(number: int = 1, minutes: float = 30, **more: Any) -> Json:
    """One answer, so many minutes ago."""
    found = {"attempt_id": f"a{number}", "item_id": "q1", "at": at(minutes=minutes), **more}
    return found if {"score", "correct", "response"} & found.keys() else {**found, "correct": True}


def a_session(*answers: Json, **more: Any) -> Json:
    return {"session_id": a_uuid(), "started_at": at(hours=1), "attempts": list(answers), **more}


def practised(world: World, who: Principal, *answers: Json, **more: Any) -> Reply:
    """A session that was recorded."""
    reply = world.call("record_session", who, a_session(*(answers or (an_answer(),)), **more))
    assert reply.status == 201
    return reply


def results(reply: Reply) -> list[str]:
    """What became of each attempt: why it is invalid, or else the result."""
    return [one["code"] or one["result"] for one in reply.json["results"]]


def recommended(world: World, who: Principal, **query: str) -> list[Json]:
    """The recommendations that stand."""
    reply = world.call("list_recommendations", who, query=query)
    assert reply.status == 200
    found: list[Json] = reply.json["items"]
    return found


def skill(world: World, who: Principal) -> Json:
    """All that is told of the one skill that is practised."""
    found: Json = world.call("get_skill", who, path=SKILL).json
    return found
