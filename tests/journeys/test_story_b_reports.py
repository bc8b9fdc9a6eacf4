"""Story B, what is read of a week: B54 to B56, on seven players and an experiment."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from tests.journeys.conftest import World
from tests.journeys.nights import fall_asleep, refresh
from tests.journeys.practising import PREFERENCES, answers, recommended, respond, results, send
from tests.journeys.reporting import Json, exported, written
from tests.journeys.test_story_b_experiments import LAID_OUT
from tools.client import Client

COURSE = "poker"
BEGINS = "2026-11-16T18:00:00Z"
WEEK = "2026-W47"
SPAN = "from=2026-11-16&to=2026-11-22"
DAYS = [(date(2026, 11, 16) + timedelta(days=place)).isoformat() for place in range(7)]
EXPERIMENT = "/api/admin/experiments/rec-spacing"


def play(world: World, place: int) -> Client:
    """One player's Monday; the first two also make a mistake and decline something."""
    one = world.account(f"player {place}")
    shown = recommended(one, count=3).json["items"]
    wrong = answers(world, ["pot-odds-01", "preflop-ranges-01", "value-betting-01"], wrong=[2])
    wrong[2]["mistake"] = {"category": "missed-value"}
    sent = send(one, "monday", wrong, recommendation_id=shown[0]["id"])
    assert set(results(sent)) == {"accepted"}
    if place < 2:
        assert respond(one, shown[1]["id"], "decline", reason="not_now").status == 200
    return one


@pytest.fixture(scope="module")
def story(still: World) -> World:
    """Seven players practise in the week and are asked again; on Monday after it the report is written."""
    laid_out = {name: value for name, value in LAID_OUT.items() if name != "holdout"}
    assert still.owner.send("PUT", EXPERIMENT, laid_out).status == 200
    assert still.owner.send("POST", f"{EXPERIMENT}/actions", {"action": "start"}).status == 200
    still.said["players"] = [play(still, place) for place in range(7)]
    still.clock.move("2026-11-18T18:00:00Z")
    for one in still["players"]:
        # What one answer takes, the site tells.
        again = [{**one_answer, "duration_ms": 600_000} for one_answer in answers(still, ["pot-odds-02"])]
        assert set(results(send(one, "wednesday", again))) == {"accepted"}
        recommended(one)
    for night in ("2026-11-20", "2026-11-22", "2026-11-23"):
        fall_asleep(still, night)
        assert refresh(still)["failed"] == 0
    still.said["results"] = still.owner.get(f"{EXPERIMENT}/results").json
    written(still, "2026-11-23T06:00:00Z")
    return still


@pytest.fixture(scope="module")
def events(story: World) -> list[Json]:
    return [event for day in DAYS for event in exported(story, day, COURSE)]


def analysed(world: World, report: str, by: str) -> Any:
    return world.owner.get(f"/api/admin/analytics/{report}?{SPAN}&by={by}").json


def test_b54_analytics_are_a_recount_of_the_events(story: World, events: list[Json]) -> None:
    found = analysed(story, "recommendations", "kind")
    for row in found["rows"]:
        mine = [one for one in events if one.get("kind") == row["kind"] and one["event"].startswith("recommendation_")]
        kinds = Counter(one["event"].removeprefix("recommendation_") for one in mine)
        if len({one["learner"] for one in mine}) < 5:
            assert row["shown"] is None
            assert set(row["why"].values()) == {"few_learners"}
            continue
        if set(row["why"].values()) == {"gives_away"}:
            # Taken off the total, the others would leave those of few learners.
            assert row["shown"] is None
            continue
        for name in ("shown", "accepted", "declined", "completed", "expired"):
            assert row[name] == kinds[name], (row["kind"], name)
    assert {row["kind"] for row in found["rows"]} == {one["kind"] for one in events if "recommendation" in one["event"]}
    assert found["total"]["shown"] == sum(one["event"] == "recommendation_shown" for one in events) > 0


def test_b54_no_sum_gives_a_hidden_row_away(story: World, events: list[Json]) -> None:
    for report, by in (("recommendations", "kind"), ("recommendations", "item"), ("skills", "skill")):
        found = analysed(story, report, by)
        hidden = [row[by] for row in found["rows"] if set(row["why"].values()) == {"few_learners"}]
        behind = {
            one["learner"]
            for one in events
            if one["event"].startswith("recommendation_" if report == "recommendations" else "attempt")
            and {one.get(by), *one.get("skills", ())} & set(hidden)
        }
        alone = len(behind) < 5
        protecting = [row for row in found["rows"] if set(row["why"].values()) == {"gives_away"}]
        assert len(protecting) == (1 if hidden and alone and len(hidden) < len(found["rows"]) else 0)
    totals = [analysed(story, "recommendations", by)["total"] for by in ("kind", "item", "day", "holdout")]
    assert all(total == totals[0] for total in totals)


def test_b54_mistakes_are_ranked(story: World, events: list[Json]) -> None:
    (row,) = analysed(story, "skills", "mistake")["rows"]
    assert (row["mistake"], row["mistakes"]) == ("missed-value", sum("mistake" in one for one in events))


def test_b54_every_report_can_be_read(story: World) -> None:
    for report in ("recommendations", "skills", "content", "engagement", "paths", "cost"):
        found = story.owner.get(f"/api/admin/analytics/{report}?{SPAN}")
        assert found.status == 200
    there = {row["day"]: row["active"] for row in analysed(story, "engagement", "day")["rows"]}
    assert (there["2026-11-16"], there["2026-11-18"]) == (7, 7)


def test_b55_the_report_holds_the_experiment_as_its_results_do(story: World) -> None:
    report = story.owner.get(f"/api/admin/reports/{WEEK}").json
    results_ = story["results"]
    (one,) = report["experiments"]
    assert one == {
        "experiment_id": "rec-spacing",
        "status": results_["status"],
        "decision": results_["primary"]["decision"],
        "srm_ok": results_["srm"]["ok"],
        "srm_p": results_["srm"]["p"],
    }


def test_b55_the_holdout_is_a_recount_of_the_events(story: World, events: list[Json]) -> None:
    """Whoever of the seven is held out by the hash of their name; few of them, and so not shown."""
    found = story.owner.get(f"/api/admin/reports/{WEEK}").json["holdout"]
    sides: dict[bool, set[str]] = {True: set(), False: set()}
    for event in events:
        if event["event"] in ("session", "attempt"):
            sides[bool(event.get("held_out"))].add(event["learner"])
    assert len(sides[True]) + len(sides[False]) == 7
    shown = len(sides[False]) if not sides[True] else None
    assert (found["size"], found["others"]) == (None, shown)
    rows = {row["holdout"]: row["active"] for row in analysed(story, "engagement", "holdout")["rows"]}
    assert rows.get("others") == found["others"]


def test_b56_a_players_week_has_intervals_and_reasons(story: World) -> None:
    one = story["players"][3]
    week = one.get(f"/api/user/report?week={WEEK}").json
    assert (week["week"], week["minutes"], week["answers"]) == (WEEK, 11, 4)
    profile = one.get("/api/user/profile").json["skills"]
    for skill in week["skills"]:
        low, high = skill["interval"]
        assert low < skill["after"] < high
        assert skill["after"] == profile[skill["skill"]]["rating"]
    assert 0 < len(week["next"]) <= 3
    assert all(step["reasons"] for step in week["next"])
    assert week["text"].startswith("You practised for 11 minutes this week (answers: 4).")
    assert week["next"][0]["title"] in week["text"]


def test_b56_who_switched_reports_off_gets_none(story: World) -> None:
    one = story["players"][4]
    assert one.send("PUT", PREFERENCES, {"weekly_reports": False}).status == 200
    reply = one.send("GET", f"/api/user/report?week={WEEK}")
    assert (reply.status, reply.body) == (204, b"")
