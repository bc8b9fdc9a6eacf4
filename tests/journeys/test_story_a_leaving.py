"""Story A, pause, export and erase: one reader leaves, another who reads the same text stays."""

import json
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from tests.journeys.conftest import World, soon, until
from tests.journeys.practising import HISTORY, PROFILE, SESSIONS, an_id, answers, recommended, respond, results, send
from tests.journeys.test_story_a import ANSWERS, LESSON, ask, create, look, polled
from tools.client import Client, Reply
from tools.template import ROOT

COURSE = "physical-ai"
BEGINS = "2027-01-05T18:00:00Z"
ITEMS = [f"q-embodiment-{place}" for place in range(1, 6)]
ME = "/api/user/me"
LISTED = {
    "profile": "profile",
    "log": "log",
    "settings": "preferences",
    "recommendations": "ledger",
    "session": "sessions",
    "recommendation": "recommendations",
    "pointer": "pointers",
    "snapshot": "snapshots",
    "progress": "progress",
    "lesson_progress": "lessons",
    "quota": "quotas",
}
READER = an_id("the reader who leaves")


def reader(world: World, name: str) -> Client:
    one = world.client(create(world.client(), an_id(name), an_id(f"key of {name}")).json["token"])
    one.post("/api/onboarding", ANSWERS)
    return one


def turn(client: Client, to: str) -> Reply:
    return client.send("PATCH", ME, {"personalization": to})


def erase(client: Client) -> Reply:
    return client.send("DELETE", ME)


def settled(world: World, client: Client, receipt: str) -> None:
    """Let time pass until an erasure is done: asking again has its job looked after at once."""

    def is_done() -> bool:
        world.clock.advance(minutes=7)
        erase(client)
        return soon(lambda: world.client().get(receipt).json["status"] == "done", 1)

    until(is_done)


def state(client: Client) -> list[bytes]:
    """All that a reader sees of themselves."""
    paths = (ME, "/api/user/preferences", "/api/personalization/preferences", PROFILE, SESSIONS, HISTORY)
    return [client.get(path).body for path in paths] + [recommended(client).body, look(client).body]


@pytest.fixture(scope="module")
def story(still: World) -> World:
    leaver, other = reader(still, "the reader who leaves"), reader(still, "the reader who stays")
    still.said |= {"leaver": leaver, "other": other}
    for one in (leaver, other):
        ask(one)
        polled(one)
    send(leaver, "on monday", answers(still, ITEMS))
    first, *_ = recommended(leaver).json["items"]
    respond(leaver, first["id"], "accept")
    recommended(leaver)
    still.said["before"] = state(leaver)
    queued = still.rows()
    still.keep("off", turn(leaver, "off"))
    still.said["while off"] = [ask(leaver), look(leaver), recommended(leaver, count=20, time_available=600)]
    still.said["nothing written"] = [row for row in still.rows() if row not in queued and '"section"' in row] == []
    still.keep("on", turn(leaver, "on"))
    still.said["after"] = state(leaver)
    still.keep("export", leaver.get(f"{ME}/export"))
    still.said["held"] = [row for row in still.scan() if row["pk"]["S"] == f"USER#g.{READER}"]
    still.keep("erased", erase(leaver))
    still.said["at once"] = refusals(leaver, still)
    receipt = still["erased"].headers["Location"]
    still.keep("again", erase(leaver))
    settled(still, leaver, receipt)
    still.keep("receipt", still.client().get(receipt))
    still.said["in the end"] = refusals(leaver, still)
    still.said["rows"] = "\n".join(still.rows())
    return still


def refusals(client: Client, world: World) -> set[int]:
    """What the leaver's token is still good for."""
    calls: list[tuple[str, str, Any]] = [
        ("GET", ME, None),
        ("PATCH", ME, {"personalization": "off"}),
        ("GET", f"{ME}/export", None),
        ("POST", "/api/user/token", None),
        ("POST", "/api/onboarding", ANSWERS),
        ("GET", "/api/user/preferences", None),
        ("GET", "/api/personalization/preferences", None),
        ("PUT", "/api/personalization/preferences", {"time_availability": 45}),
        ("GET", PROFILE, None),
        ("GET", SESSIONS, None),
        ("GET", HISTORY, None),
        ("GET", "/api/personalization/recommendations", None),
        ("GET", f"/api/personalize/{LESSON}", None),
        ("POST", "/api/personalize", {"lesson_slug": LESSON}),
        ("DELETE", "/api/personalize/cache", None),
    ]
    late = send(client, "too late", answers(world, ITEMS[:1]))
    return {late.status, *(client.send(method, path, body).status for method, path, body in calls)}


def test_a53_off_nothing_is_chosen_and_nothing_written(story: World) -> None:
    assert (story["off"].status, story["off"].json["personalization"]) == (200, "off")
    asked, seen, shown = story["while off"]
    for lesson in (asked, seen):
        assert lesson.status == 200
        assert {(one["state"], one["reason"]) for one in lesson.json["sections"]} == {
            ("original", "personalization_off")
        }
    assert story["nothing written"]
    places = list(read_order(story))
    lessons = [one["item"] for one in shown.json["items"] if one["item"] in places]
    assert lessons == sorted(lessons, key=places.index)
    assert {reason["code"] for one in shown.json["items"] for reason in one["reasons"]} == {"course_order"}


def read_order(world: World) -> list[str]:
    book = world.client().get("/api/content/book").json
    return [one["slug"] for part in book["parts"] for chapter in part["chapters"] for one in chapter["lessons"]]


def test_a53_on_again_the_former_state_is_back(story: World) -> None:
    assert story["on"].json["personalization"] == "on"
    for before, after in zip(story["before"][1:], story["after"][1:], strict=True):
        assert after == before


def test_a54_the_export_holds_everything_and_fits_the_schema(story: World) -> None:
    found = story["export"].json
    contract = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    schema = {"$ref": "#/components/schemas/ExportView", "components": contract["components"]}
    assert list(OAS31Validator(schema).iter_errors(found)) == []
    kinds = [row["kind"]["S"] for row in story["held"] if row["kind"]["S"] != "user"]
    counts = {LISTED[kind]: kinds.count(kind) for kind in set(kinds)}
    assert {name: len(found[name]) for name in LISTED.values() if found[name]} == counts
    assert found["user"]["user_id"] == READER
    assert found["other"] == []
    assert found["answers"][COURSE]["answers"]["education_level"] == "undergraduate"
    assert found["sessions"][0]["data"]["attempts"] == len(ITEMS)


def test_a55_from_the_answer_on_the_token_is_refused(story: World) -> None:
    assert story["erased"].status == 202
    assert story["erased"].headers["Location"] == f"/api/erasures/{story['erased'].json['receipt_id']}"
    assert story["again"].json == story["erased"].json
    assert story["at once"] == story["in the end"] == {401}


def test_a55_when_it_is_done_nothing_holds_the_id(story: World) -> None:
    assert READER not in story["rows"]
    done = story["receipt"].json
    assert done["deleted"].items() >= {"user": 1, "session": 1, "evidence": len(ITEMS), "pointer": 1}.items()
    assert "sections" in done["kept"]
    again = create(story.client(), READER, an_id("another key"))
    assert (again.status, again.json["code"]) == (409, "user_exists")


def test_a56_the_text_that_was_shared_still_serves(story: World) -> None:
    before = look(story["other"])
    assert before.status == 200
    assert before.json["provenance"]["writer"] == "rules"
    assert results(send(story["other"], "still here", answers(story, ITEMS[:2]))) == ["accepted"] * 2
