"""Story B: `poker`, a training site with accounts; one test for each numbered assertion."""

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.journeys.conftest import World
from tests.journeys.test_story_a import PERSONAL
from tools.client import Client

COURSE = "poker"
DEFAULTS: dict[str, Any] = {
    "learning_style": {"visual": 0.25, "practical": 0.25, "theoretical": 0.25, "social": 0.25},
    "learning_goals": [],
    "preferred_difficulty": None,
    "time_availability": 30,
    "session_length": 20,
    "feedback_style": "detailed",
    "encouragement_level": 0.7,
    "challenge_level": 0.5,
    "training_reminders": True,
    "weekly_reports": True,
    "achievement_notifications": True,
}
PATH = "/api/personalization/preferences"


@pytest.fixture(scope="module")
def story(world: World) -> World:
    world.said["published"] = world.publish("poker")
    return world


def player(story: World, subject: str) -> Client:
    return story.client(story.stack.account(subject))


def forged(story: World) -> dict[str, str]:
    """Tokens that look right and are not."""
    good = jwt.decode(story.stack.account("eve"), options={"verify_signature": False})
    header = {"kid": jwt.get_unverified_header(story.stack.account("eve"))["kid"]}
    stranger, rsa_key = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    return {
        "unsigned": jwt.encode(good, "", "none", headers=header),
        "wrong algorithm": jwt.encode(good, "x" * 64, "HS256", headers=header),
        "stranger's key": jwt.encode(good, stranger, "ES256", headers=header),
        "unknown key": jwt.encode(good, rsa_key, "RS256", headers={"kid": "other"}),
        "other audience": story.stack.account("eve", aud="somebody-else"),
        "other issuer": story.stack.account("eve", iss="https://auth.elsewhere.example/"),
        "expired": story.stack.account("eve", iat=good["iat"] - 7200, exp=good["iat"] - 3600),
        "nothing": "",
    }


def test_b01_bad_tokens_are_refused_on_every_route(story: World) -> None:
    routes = [*PERSONAL, ("PUT", "/api/admin/courses/poker", {"switch_to": 1})]
    for name, token in forged(story).items():
        for method, path, body in routes:
            reply = story.client(token).send(method, path, body)
            assert (reply.status, "WWW-Authenticate" in reply.headers) == (401, True), (name, method, path)
    for method, path, body in routes:
        assert story.client().send(method, path, body).status == 401


def test_b01_another_id_is_not_found(story: World) -> None:
    mine = player(story, "ada")
    theirs = player(story, "bob").get("/api/user/me").json["id"]
    assert mine.get("/api/user/me").json["id"] != theirs
    assert mine.send("GET", f"/api/user/{theirs}").status == 404
    assert mine.send("GET", f"{PATH}?user_id={theirs}").status == 404
    assert mine.send("PUT", PATH, {"user_id": theirs, "time_availability": 60}).status == 404


def test_b02_the_course_is_whole(story: World) -> None:
    assert story["published"] == {"version": 1, "changed": 8, "lessons": 8, "skills": 6, "personas": 12}
    book = story.client().get("/api/content/book").json
    weights = {skill["id"]: skill["weight"] for skill in book["skills"]}
    assert weights == {
        "preflop": 0.2, "postflop": 0.25, "psychology": 0.15, "mathematics": 0.15, "bankroll": 0.15, "tournament": 0.1,
    }  # fmt: skip
    assert sum(weights.values()) == pytest.approx(1)
    minutes = {item["id"]: item["minutes"] for item in book["items"] if item["kind"] == "scenario"}
    assert minutes == {
        "preflop-ranges": 20, "position-play": 25, "pot-odds": 30, "value-betting": 35, "bluffing": 40,
        "hand-reading": 45, "tournament-play": 50, "bankroll-management": 25,
    }  # fmt: skip


def test_b03_defaults_are_read_and_not_written(story: World) -> None:
    newcomer, rows = player(story, "newcomer"), len(story.scan())
    reply = newcomer.get(PATH)
    assert reply.headers["ETag"] == '"0"'
    preferences = reply.json["preferences"]
    assert preferences.items() >= DEFAULTS.items()
    assert preferences["extras"]["game_types"] == ["cash"]
    assert (reply.json["is_default"], reply.json["rev"], len(story.scan())) == (True, 0, rows)


def test_b04_a_stale_writer_changes_nothing(story: World) -> None:
    one = player(story, "stale")
    change = {"time_availability": 45, "learning_goals": ["postflop"], "extras": {"game_types": ["cash", "tournament"]}}
    first = one.put(PATH, change, if_match='"0"')
    assert (first.json["rev"], first.json["is_default"], first.headers["ETag"]) == (1, False, '"1"')
    assert first.json["preferences"]["extras"]["game_types"] == ["cash", "tournament"]
    second = one.send("PUT", PATH, {"time_availability": 60}, {"If-Match": '"0"'})
    assert (second.status, second.json["code"]) == (412, "precondition_failed")
    assert one.get(PATH).json == first.json


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"time_availability": 4}, "/time_availability"),
    ({"learning_style": {"visual": 0.5, "practical": 0.3, "theoretical": 0.3, "social": 0.2}}, "/learning_style"),
    ({"learning_style": {"visual": 0.9}}, "/learning_style"),
    ({"session_length": 60}, "/session_length"),
    ({"time_availability": 10}, "/session_length"),
    ({"time_availability": 60, "session_length": 61}, "/session_length"),
    ({"extras": {"game_types": ["omaha"]}}, "/extras/game_types/0"),
    ({"extras": {"colour": "red"}}, "/extras/colour"),
    ({"colour": "red"}, "/colour"),
    ({"learning_goals": ["fame"]}, "/learning_goals/0"),
    ({"time_zone": "Mars/Olympus"}, "/time_zone"),
    ({"preferred_difficulty": 6}, "/preferred_difficulty"),
    ({"feedback_style": "Detailed"}, "/feedback_style"),
    ({"weekly_reports": "true"}, "/weekly_reports"),
]


@pytest.mark.parametrize(("body", "pointer"), WRONG)
def test_b05_each_wrong_value_has_its_pointer(story: World, body: dict[str, Any], pointer: str) -> None:
    one = player(story, "wrong")
    before = one.get(PATH).body
    reply = one.send("PUT", PATH, body)
    assert (reply.status, [error["pointer"] for error in reply.json["errors"]]) == (422, [pointer])
    assert one.get(PATH).body == before


def test_b07_reset_gives_every_default_again(story: World) -> None:
    one = player(story, "reset")
    one.put(PATH, {"preferred_difficulty": 4, "time_availability": 90, "extras": {"game_types": ["tournament"]}})
    reply = one.delete(PATH)
    assert reply.json == {
        "preferences": player(story, "newcomer").get(PATH).json["preferences"],
        "is_default": True,
        "rev": 2,
    }
    assert one.get(PATH).json == reply.json
    assert one.delete(PATH).json["rev"] == 2
