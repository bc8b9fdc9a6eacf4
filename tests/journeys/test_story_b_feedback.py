"""Story B, feedback: what an answer to a recommendation does, and what it brought; a test for each assertion."""

import base64
import json
from typing import Any

import pytest

from tests.journeys.conftest import World
from tests.journeys.practising import (
    HISTORY,
    PROFILE,
    answers,
    complete,
    dropped,
    mean_p,
    recommended,
    respond,
    results,
    send,
    skill,
)
from tools.client import Client, Reply

COURSE = "poker"
BEGINS = "2026-11-10T18:30:00Z"
LARGE = {"count": 20, "time_available": 1440}
PROBES = {
    "focus_areas": "pot-odds-02,pot-odds-07,bankroll-management-05,bankroll-management-08",
    **LARGE,
}
"""A few items side by side: an easy and a hard one, and two of the skill that is declined."""
BANKROLL = "bankroll-management"


def player(world: World, name: str) -> Client:
    """Somebody who practised an hour ago: the same for every name."""
    one = world.account(name)
    items = ["value-betting", "value-betting-01", "pot-odds-01", "preflop-ranges-01", "bluffing-06"]
    assert results(send(one, "first", answers(world, items, wrong=[0, 3], apart=3600))) == ["accepted"] * 5
    return one


def offered(client: Client, item: str) -> Any:
    """A recommendation of this very item."""
    (found,) = recommended(client, focus_areas=item, count=1, time_available=60, kinds="practise,review,retry").json[
        "items"
    ]
    assert found["item"] == item
    return found


def several(client: Client, **words: Any) -> list[Reply]:
    """Sets of one state: what chance draws evens out over them."""
    return [recommended(client, refresh=True, **LARGE, **words) for _ in range(10)]


def worths(client: Client) -> dict[str, float]:
    """What each probe is worth against the easiest of them."""
    found = {item["item"]: item["priority"] for item in recommended(client, **PROBES).json["items"]}
    return {item: priority / found["pot-odds-02"] for item, priority in found.items()}


def problem(reply: Reply) -> tuple[int, str, list[str]]:
    return reply.status, reply.json["code"], reply.json["allowed"]


CLOSED: tuple[int, str, list[str]] = (409, "illegal_action", [])


@pytest.fixture(scope="module")
def story(still: World) -> World:
    """Two recommendations: one declined as too hard, one accepted and done."""
    still.said["ada"] = one = player(still, "ada")
    still.said["before"] = several(one)
    still.said["too hard"] = offered(one, "value-betting")
    still.said["done"] = offered(one, BANKROLL)
    still.keep("declined", respond(one, still["too hard"]["id"], "decline", reason="too_hard"))
    still.said["after"] = several(one, explain="full")
    still.said["declined at"] = still.clock.ahead
    still.keep("accepted", respond(one, still["done"]["id"], "accept", rating=5))
    return still


def test_b22_too_hard_is_followed_by_something_easier(story: World) -> None:
    assert (
        story["declined"].json.items()
        >= {"id": story["too hard"]["id"], "status": "DECLINED", "reason": "too_hard"}.items()
    )
    assert story["accepted"].json.items() >= {"id": story["done"]["id"], "status": "ACCEPTED", "rating": 5}.items()
    assert mean_p(story["after"]) > mean_p(story["before"])
    for reply in story["after"]:
        assert "value-betting" not in {item["item"] for item in reply.json["items"]}
        rule = dropped(reply)["value-betting"]
        assert (rule["rule"], rule["params"]) == ("declined", {"reason": "too_hard", "days_left": 7.0})


def test_b22_a_decline_holds_for_seven_days(story: World) -> None:
    one = player(story, "b22")
    respond(one, offered(one, BANKROLL)["id"], "decline", reason="not_now")
    began = story.clock.ahead
    story.clock.advance(days=6, hours=23)
    found = recommended(one, explain="full", **LARGE)
    assert dropped(found)[BANKROLL]["rule"] == "declined"
    assert dropped(found)[BANKROLL]["params"]["days_left"] == 0.0
    story.clock.advance(hours=1)
    found = recommended(one, explain="full", refresh=True, **LARGE)
    assert dropped(found).get(BANKROLL, {"rule": None})["rule"] != "declined"
    assert offered(one, BANKROLL)["status"] == "PENDING"
    story.clock.ahead = began


def test_b22_each_reason_has_an_effect_of_its_own(story: World) -> None:
    plain, said, days = worths(player(story, "b22 plain")), {}, {}
    for reason in ("too_hard", "too_easy", "seen", "not_now", "not_relevant"):
        one = player(story, f"b22 {reason}")
        respond(one, offered(one, "bankroll-management-01")["id"], "decline", reason=reason)
        said[reason] = worths(one)
        rule = dropped(recommended(one, explain="full"))["bankroll-management-01"]
        assert (rule["rule"], rule["params"]["reason"]) == ("declined", reason)
        days[reason] = rule["params"]["days_left"]
    hard, easy, own = "pot-odds-07", "pot-odds-02", ("bankroll-management-05", "bankroll-management-08")
    assert said["too_hard"][hard] < plain[hard] < said["too_easy"][hard]
    assert plain[easy] == 1
    assert said["seen"] == said["not_now"] == plain
    assert days == {"too_hard": 7, "too_easy": 7, "seen": 90, "not_now": 7, "not_relevant": 7}
    for item in own:
        assert said["not_relevant"][item] == pytest.approx(plain[item] / 2, rel=0.01)
    assert said["not_relevant"][hard] == pytest.approx(plain[hard], rel=0.01)


def test_b23_another_player_cannot_answer(story: World) -> None:
    other, id_ = player(story, "b23"), offered(story["ada"], "pot-odds-02")["id"]
    recommended(other)
    rows = story.rows()
    for reply in (respond(other, id_, "decline"), respond(other, id_, "accept"), complete(other, id_)):
        assert (reply.status, reply.json["code"]) == (404, "unknown_recommendation")
    assert story.rows() == rows
    nobody = story.account("b23 nobody")
    assert respond(nobody, id_, "accept").status == 404
    assert story.rows() == rows


def test_b24_an_answer_counts_once_and_some_cannot_follow(story: World) -> None:
    one = player(story, "b24")
    first, second, third = (item["id"] for item in recommended(one, **LARGE).json["items"][:3])
    replies = [respond(one, first, "accept", rating=5) for _ in range(2)]
    rows = story.rows()
    replies.append(respond(one, first, "accept", rating=5))
    assert story.rows() == rows
    assert {(reply.status, reply.body) for reply in replies} == {(200, replies[0].body)}
    assert problem(respond(one, first, "decline")) == (409, "illegal_action", ["complete"])
    declines = [respond(one, second, "decline", reason="not_now") for _ in range(2)]
    assert {(reply.status, reply.body) for reply in declines} == {(200, declines[0].body)}
    assert problem(respond(one, second, "accept")) == CLOSED
    assert problem(complete(one, second)) == CLOSED
    done = [complete(one, first, user_rating=4), complete(one, first, user_rating=4)]
    assert {(reply.status, reply.body) for reply in done} == {(200, done[0].body)}
    assert problem(complete(one, first, user_rating=3)) == CLOSED
    for action in ("accept", "decline"):
        assert problem(respond(one, first, action)) == CLOSED
    assert complete(one, third).status == 200
    found = one.get(PROFILE).json["recommendations"]
    assert found.items() >= {"total": 3, "accepted": 2, "declined": 1, "completed": 2}.items()


def test_b25_recommendations_run_out(story: World) -> None:
    one, began = player(story, "b25"), story.clock.ahead
    first, second, third, fourth = (item["id"] for item in recommended(one, **LARGE).json["items"][:4])
    story.clock.advance(hours=71, minutes=59, seconds=59)
    assert respond(one, first, "accept").json["status"] == "ACCEPTED"
    assert respond(one, second, "accept").json["status"] == "ACCEPTED"
    story.clock.advance(seconds=1)
    rows = story.rows()
    for reply in (respond(one, third, "accept"), respond(one, third, "decline"), complete(one, third)):
        assert problem(reply) == CLOSED
        assert reply.json["current"] == "EXPIRED"
    assert story.rows() == rows
    shown = recommended(one, **LARGE)
    assert {item["status"] for item in shown.json["items"]} == {"PENDING"}
    assert not {first, second, third, fourth} & {item["id"] for item in shown.json["items"]}
    story.clock.advance(days=14, seconds=-2)
    assert complete(one, first).json["status"] == "COMPLETED"
    story.clock.advance(seconds=1)
    rows = story.rows()
    assert problem(complete(one, second)) == CLOSED
    assert story.rows() == rows
    assert [item["id"] for item in one.get(f"{HISTORY}?status=COMPLETED").json["items"]] == [first]
    assert [item["id"] for item in one.get(f"{HISTORY}?status=EXPIRED").json["items"]] == [second]
    assert one.get(f"{HISTORY}?status=ACCEPTED").json["items"] == []
    assert one.get(f"{HISTORY}?status=PENDING").json["items"] == []
    story.clock.ahead = began


def measured(world: World, name: str, **said: Any) -> Any:
    """Somebody who accepts, practises twice, and says how it was."""
    one = player(world, name)
    found = offered(one, BANKROLL)
    respond(one, found["id"], "accept", rating=5)
    world.clock.advance(minutes=5)
    send(one, "second", answers(world, [BANKROLL, "bankroll-management-01"]))
    reply = complete(one, found["id"], 24, user_rating=4, **said)
    world.clock.advance(minutes=-5)
    return one, reply.json


def test_b26_the_effect_is_measured_and_what_is_said_is_an_opinion(story: World) -> None:
    found = [
        measured(story, f"b26 {said}", **said) for said in ({"actual_improvement": 30}, {"actual_improvement": 0}, {})
    ]
    one, first = found[0]
    rows = skill(one, "bankroll")["evidence"]
    assert [row["session_id"] for row in rows] == [rows[0]["session_id"]] * 2
    before, after = rows[0]["before"], rows[-1]["after"]
    assert first["status"] == "COMPLETED"
    assert first["effect"] == {
        "skill": "bankroll",
        "before": round(before, 1),
        "after": round(after, 1),
        "observed": round(after - before, 1),
        "expected": None,
        "cause": None,
    }
    assert first["opinion"] == {"completion_time": 24, "user_rating": 4, "actual_improvement": 30}
    assert [reply["opinion"].get("actual_improvement") for _, reply in found] == [30, 0, None]
    assert [reply["effect"] for _, reply in found] == [first["effect"]] * 3
    assert [reply["stats"] for _, reply in found] == [first["stats"]] * 3
    assert first["stats"].items() >= {"measured": 1, "observed_improvement": round(after - before, 1)}.items()
    assert len({client.get(PROFILE).body for client, _ in found}) == 1
    expected = [recommended(client, kinds="practise").json["items"][0]["expected_improvement"] for client, _ in found]
    assert expected == [{"points": round(after - before, 1), "basis": "mean_past_gain_of_kind", "n": 1}] * 3


def test_b27_without_practice_nothing_is_observed(story: World) -> None:
    one = player(story, "b27")
    reply = complete(one, offered(one, BANKROLL)["id"], actual_improvement=200).json
    assert reply["effect"].items() >= {"observed": None, "before": None, "cause": "no_practice_since"}.items()
    assert (reply["stats"]["completed"], reply["stats"]["measured"]) == (1, 0)
    assert reply["stats"]["observed_improvement"] is None
    assert recommended(one).json["items"][0]["expected_improvement"]["n"] == 0


def test_b27_effective_is_said_from_twenty_on(story: World) -> None:
    one, began = player(story, "b27 twenty"), story.clock.ahead
    effective = []
    for turn in range(20):
        found = recommended(one, count=1, kinds="practise,review,retry").json["items"][0]
        story.clock.advance(minutes=15)
        sent = send(one, f"turn {turn}", answers(story, [found["item"]]), recommendation_id=found["id"])
        assert sent.json["recommendation"] == {"id": found["id"], "status": "COMPLETED"}
        effective.append(one.get(PROFILE).json["recommendations"]["effective"])
    assert effective == [None] * 19 + [True]
    story.clock.ahead = began


def test_b28_the_history_is_paged_while_new_ones_arrive(story: World) -> None:
    one, began = player(story, "b28"), story.clock.ahead

    def do(n: int) -> list[str]:
        done = []
        for _ in range(n):
            story.clock.advance(minutes=1)
            done.append(recommended(one, count=2, refresh=True).json["items"][0]["id"])
            assert complete(one, done[-1]).status == 200
        return done

    done = do(7)
    respond(one, recommended(one).json["items"][-1]["id"], "decline")
    seen, cursor, path = [], "", f"{HISTORY}?status=COMPLETED&limit=3"
    cursors = []
    while cursor is not None:
        page = one.get(path + cursor).json
        seen += [item["id"] for item in page["items"]]
        assert len(page["items"]) <= 3
        assert {item["status"] for item in page["items"]} == {"COMPLETED"}
        do(1)
        cursors.append(page["next_cursor"])
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert seen == done[::-1]
    everything = one.get(f"{HISTORY}?limit=100").json
    assert [item["id"] for item in everything["items"]] == sorted(
        (item["id"] for item in everything["items"]), reverse=True
    )
    assert everything["stats"]["completed"] == 7 + len(cursors)
    plain = json.loads(base64.urlsafe_b64decode(cursors[0] + "=" * (-len(cursors[0]) % 4)))
    changed = (
        base64.urlsafe_b64encode(json.dumps([done[0], plain[1]], separators=(",", ":")).encode()).decode().rstrip("=")
    )
    for client, query in (
        (player(story, "b28 other"), f"&cursor={cursors[0]}"),
        (one, f"&cursor={changed}"),
        (one, f"&cursor={cursors[0][:-1]}"),
        (one, "&cursor=x"),
    ):
        reply = client.send("GET", path + query)
        assert (reply.status, reply.json["code"]) == (400, "malformed_cursor")
    assert one.send("GET", f"{HISTORY}?status=DECLINED&cursor={cursors[0]}").status == 400
    story.clock.ahead = began


def test_b28_the_earlier_address_shows_the_same(story: World) -> None:
    one = player(story, "b28 earlier")
    now, then = recommended(one), one.get("/api/training/recommendations")
    shown = [(item["id"], item["item"], item["title"], item["priority"]) for item in now.json["items"]]
    assert [
        (each["id"], each["scenario"], each["title"], each["priority"]) for each in then.json["recommendations"]
    ] == shown
    for item, each in zip(now.json["items"], then.json["recommendations"], strict=True):
        assert all(reason["text"] in each["reasoning"] for reason in item["reasons"])
        assert each["expected_improvement"] is None
    assert then.headers["Deprecation"].startswith("@")
    assert then.headers["Sunset"].endswith(" GMT")
    assert then.headers["Link"] == '</api/personalization/recommendations>; rel="successor-version"'
