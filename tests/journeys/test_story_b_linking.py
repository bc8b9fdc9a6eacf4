"""Story B, a guest on the laptop becomes part of the player's account, and both leave together."""

import pytest

from tests.journeys.conftest import World, until
from tests.journeys.practising import (
    HISTORY,
    PREFERENCES,
    PROFILE,
    SESSIONS,
    answer,
    recommended,
    respond,
    results,
    send,
)
from tests.journeys.test_story_a_leaving import settled
from tools.client import Client, Reply

COURSE = "poker"
BEGINS = "2026-11-20T18:05:00Z"
ON_THE_LAPTOP = [
    answer("L1", "value-betting", "2026-11-20T17:02:00Z", score=1.0),
    answer("L2", "pot-odds", "2026-11-20T17:03:00Z", score=0.2),
    answer("L3", "bankroll-management", "2026-11-20T17:04:00Z", score=1.0),
]
AT_HOME = [
    answer("H1", "value-betting", "2026-11-20T17:02:30Z", score=0.4),
    answer("H2", "preflop-ranges", "2026-11-20T17:03:30Z", score=1.0),
]
ME = "/api/user/me"


def link(account: Client, token: str) -> Reply:
    return account.send("POST", "/api/user/link", {"guest_token": token})


def profile(client: Client) -> bytes:
    """What is measured, without what was recommended."""
    found = client.get(PROFILE).json
    return repr([found[name] for name in found if name != "recommendations"]).encode()


@pytest.fixture(scope="module")
def story(still: World) -> World:
    token = still.stack.guest()
    guest, account = still.client(token), still.account("ada")
    send(guest, "laptop", ON_THE_LAPTOP)
    guest.send("PUT", PREFERENCES, {"challenge_level": 0.9, "time_availability": 90})
    first, *_ = recommended(guest).json["items"]
    respond(guest, first["id"], "decline", reason="not_now")
    still.said["first"] = first
    send(account, "home", AT_HOME)
    account.send("PUT", PREFERENCES, {"challenge_level": 0.1})
    still.keep("linking", link(account, token))
    until(lambda: link(account, token).status == 200)
    still.keep("linked", link(account, token))
    rows = still.rows()
    still.keep("again", link(account, token))
    still.said["unchanged"] = still.rows() == rows
    still.keep("elsewhere", link(still.account("eve"), token))
    still.said |= {"guest": guest, "account": account, "token": token}
    return still


def test_b39_both_devices_are_one_learner(story: World) -> None:
    assert (story["linking"].status, story["linking"].json) == (202, {"status": "linking", "merged": None})
    assert story["linking"].headers["Retry-After"]
    assert story["linked"].json["status"] == "linked"
    assert story["linked"].json["merged"].items() >= {"sessions": 1, "evidence": 3}.items()


def test_b40_evidence_is_united_and_the_profile_is_a_replay(story: World) -> None:
    found = story["account"].get(SESSIONS).json["items"]
    assert sorted(one["attempt_id"] for session in found for one in session["attempts"]) == [
        "H1",
        "H2",
        "L1",
        "L2",
        "L3",
    ]
    alone = story.account("who did it all in one place")
    assert results(send(alone, "home", AT_HOME)) == ["accepted"] * 2
    assert results(send(alone, "laptop", ON_THE_LAPTOP)) == ["accepted"] * 3
    alone.send("PUT", PREFERENCES, {"challenge_level": 0.1})
    assert profile(story["account"]) == profile(alone)


def test_b40_the_account_wins_and_the_history_is_there(story: World) -> None:
    chosen = story["account"].get(PREFERENCES).json["preferences"]
    assert (chosen["challenge_level"], chosen["time_availability"]) == (0.1, 30)
    assert story["first"]["id"] in [one["id"] for one in story["account"].get(f"{HISTORY}?limit=100").json["items"]]


def test_b41_the_guests_token_is_dead_and_linking_again_changes_nothing(story: World) -> None:
    for path in (ME, PROFILE, SESSIONS, PREFERENCES, f"{ME}/export"):
        assert story["guest"].send("GET", path).status == 401
    assert send(story["guest"], "late", ON_THE_LAPTOP).status == 401
    assert story["again"].body == story["linked"].body
    assert story["unchanged"]
    assert (story["elsewhere"].status, story["elsewhere"].json["code"]) == (409, "linked_elsewhere")


def test_b57_account_and_guest_leave_together(story: World) -> None:
    account = story["account"]
    exported = account.get(f"{ME}/export").json
    ids = [exported["id"], exported["links"][0]["id"].partition(".")[2]]
    assert len(exported["sessions"]) == 2
    gone = account.send("DELETE", ME)
    receipt = gone.headers["Location"]
    assert account.send("DELETE", ME).json == gone.json
    settled(story, account, receipt)
    left = "\n".join(story.rows())
    assert [id_ for id_ in ids if id_ in left] == []
    assert account.send("GET", PROFILE).status == 401
    assert account.send("PUT", PREFERENCES, {"challenge_level": 0.5}).status == 401
    assert link(account, story["token"]).status in (401, 404)
    assert story["guest"].send("GET", ME).status == 401
