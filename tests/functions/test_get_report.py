"""The owner's week is written once a week from what is counted, and reads the same whoever writes it again."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from attune.domain.budget import Limits, Usage
from attune.domain.experiments.definition import is_held_out
from attune.domain.jobs import StartReports, WriteReport, job
from attune.domain.principal import Principal
from attune.domain.reports.cell import Cell
from attune.domain.reports.event import ANSWERED
from attune.settings import settings
from attune.store import budgets, events
from attune.store.items import MetricItem
from attune.store.keys import metric
from attune.store.packed import pack
from tests.backends import TEMPLATE, Backend
from tests.builders import an_account, an_admin, sqs_event
from tests.functions.conftest import Reply, World, invoke
from tests.functions.night import at, to
from tests.functions.practising import an_answer, practised
from tests.functions.streaming import fold, told
from tools.schedules import event

WEEK = "2031-W18"
"""From 28 April to 4 May; 5 May is a Monday."""
DAY = "2031-04-30"
GAINS = ("gain", "others_gain")


def put(world: World, report: str, cells: Mapping[str, tuple[Mapping[str, int], int]], day: str = DAY) -> None:
    made = {
        name: Cell(figures, frozenset(f"{name} {place}" for place in range(learners))).to_json()
        for name, (figures, learners) in cells.items()
    }
    MetricItem(*metric(world.course.id, report, day, 0), data=pack(made)).save()


def counted(world: World) -> None:
    """A week in which most is counted of enough learners."""
    put(world, "weeks", {"total": ({"active": 9, "new": 6, "returning": 3}, 5)}, "2031-04-28")
    put(world, "engagement", {"total": ({"active": 7, "answers": 40, "onboarded": 6, "sessions": 12}, 5)})
    # A day of two, and the smallest of the others: without that, the total less all days would be those two.
    put(world, "engagement", {"total": ({"active": 2, "answers": 3}, 2)}, "2031-05-01")
    put(world, "engagement", {"total": ({"active": 5, "answers": 5}, 5)}, "2031-05-02")
    put(
        world,
        "content",
        {
            "total": ({"started": 8, "completed": 6, "requests": 10, "hits": 9, "texts": 2, "written": 5}, 5),
            "lesson:one": ({"answers": 20, "wrong": 11, "started": 8, "completed": 6}, 5),
            "lesson:two": ({"answers": 20, "wrong": 12}, 4),
            "lesson:three": ({"answers": 9, "wrong": 9}, 5),
        },
    )
    put(
        world,
        "skills",
        {
            "total": ({"answers": 40, "measured": 40, "gain": 500, "studied": 3600}, 5),
            "expected:8": ({"answers": 40, "p": 340_000, "score": 332_000}, 5),
            "mistake:rushed": ({"mistakes": 4}, 5),
        },
    )
    put(
        world,
        "recommendations",
        {"total": ({"shown": 10, "accepted": 5, "completed": 4, "measured": 4, "observed": 76}, 5)},
    )
    budgets.forget()
    now = world.clock.now() - timedelta(days=3)
    held = budgets.hold(world.course.id, 1000, Limits(None, None), 60, now, "openai gpt-4o-mini")
    budgets.settle(held, 393, Usage(700, 480), now, repair=True)


def scheduled(world: World) -> list[str]:
    """Fire the schedule of Monday morning and do the jobs that it leads to; their messages."""
    (schedule,) = (each for each in TEMPLATE.schedules if each.function.id == "WriteWeeklyReport")
    invoke("write_weekly_report", event(schedule, world.clock.now()))
    bodies = [message["Body"] for message in world.messages(world.jobs)]
    for body in bodies:
        assert invoke("run_job", sqs_event(body))["batchItemFailures"] == []
    return bodies


@pytest.fixture
def monday(world: World) -> World:
    to(world.clock, at(5, hour=6))
    counted(world)
    return world


def asked(world: World, week: str = WEEK, accept: str = "*/*") -> Reply:
    return world.call("get_report", an_admin(), path=f"/api/admin/reports/{week}", accept=accept)


def test_a59_the_week_is_what_was_counted_of_its_days(monday: World) -> None:
    asked(monday).problem(404, "unknown_report")
    assert [job(body) for body in scheduled(monday)] == [WriteReport(monday.course.id, WEEK)]
    found: Any = asked(monday).json
    assert (found["from"], found["to"]) == ("2031-04-28", "2031-05-04")
    assert found["learners"].items() >= {"new": 6, "active": 9, "returning": 3, "onboarded": 6, "answers": 48}.items()
    assert found["lessons"] == {"started": 8, "completed": 6}
    assert found["skills"]["gain_per_study_hour"] == 50.0
    assert found["skills"]["calibration"] == [{"n": 40, "predicted": 0.85, "observed": 0.83}]
    shown = found["recommendations"]
    assert (shown["shown"], shown["accepted"], shown["completed"]) == (10, 0.5, 0.4)
    assert shown["effect"] == {"expected": None, "observed": 1.9}
    assert found["why"]["recommendations.effect.expected"] == "nothing_yet"
    assert found["worst_lessons"] == [{"slug": "one", "wrong_rate": 0.55, "drop_off": 0.25}]
    content = found["content"]
    assert (content["requests"], content["hit"], content["usd"]) == (10, 0.9, 0.000393)
    assert (content["model_calls"], content["first_writes"], content["repairs"]) == (1, 0, 1)
    assert [day["active"] for day in found["days"]] == [None, None, 7, None, None, None, None]
    assert found["paths"]["created"] is None
    assert found["why"]["paths.created"] == "few_learners"


def test_a59_markdown_holds_the_same_numbers_and_charts(monday: World) -> None:
    scheduled(monday)
    text = asked(monday, accept="text/markdown")
    assert text.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert text.headers["Vary"] == "Authorization, Accept"
    assert text.body.startswith(f"# {monday.course.id}: {WEEK}\n")
    for line in ("| new | 6 |", "| gain per study hour | 50.0 |", "| 0.85 | 0.83 | 40 |", "| one | 0.55 | 0.25 |"):
        assert line in text.body
    assert text.body.count("<svg ") == text.body.count("</svg>") == 2
    assert asked(monday, accept="text/markdown").body == text.body


def test_a60_writing_it_again_gives_the_same_bytes(monday: World) -> None:
    scheduled(monday)
    once = asked(monday).body
    to(monday.clock, at(6))
    assert invoke("run_job", sqs_event(WriteReport(monday.course.id, WEEK).to_json()))["batchItemFailures"] == []
    assert asked(monday).body == once
    assert json.loads(once)["week"] == WEEK


def test_an_event_that_was_given_up_writes_its_own_week(monday: World) -> None:
    to(monday.clock, at(14))
    late = StartReports("2031-05-05T06:00:00Z", monday.course.id).to_json()
    assert invoke("run_job", sqs_event(late))["batchItemFailures"] == []
    assert [job(one["Body"]) for one in monday.messages(monday.jobs)] == [WriteReport(monday.course.id, WEEK)]


def test_a_week_that_no_year_has_and_a_learner_are_refused(monday: World) -> None:
    asked(monday, "2031-W60").problem(422, "invalid")
    asked(monday, "2031-18").problem(422, "invalid")
    monday.call("get_report", monday.reader(), path=f"/api/admin/reports/{WEEK}").problem(403, "admin_only")


def test_reading_a_report_is_one_small_read(monday: World, backend: Backend) -> None:
    scheduled(monday)
    with backend.watched() as watched:
        assert asked(monday).status == 200
    assert [call.operation for call in watched.calls] == ["GetItem"]


@pytest.fixture
def apart(world: World, backend: Backend, monkeypatch: pytest.MonkeyPatch) -> World:
    """A week of six learners who are held out and six who are not, counted from the stream."""
    monkeypatch.setitem(vars(settings), "holdout", 0.05)
    sides: dict[bool, list[Principal]] = {True: [], False: []}
    while any(len(side) < 6 for side in sides.values()):
        who = an_account()
        side = sides[is_held_out(who.learner, 0.05)]
        if len(side) < 6:
            side.append(who)
    for held_out, side in sides.items():
        for who in side:
            answers = [an_answer(n, minutes=0, correct=held_out or n > 1, duration_ms=90_000) for n in range(4)]
            practised(world, who, *answers)
    assert fold(told(backend)) == []
    return world


def test_b55_the_holdout_is_counted_like_all_the_rest(apart: World, backend: Backend) -> None:
    """Its size and gain are a recount of the events, those of the analytics, and the same if the stream repeats."""
    week = "2031-W19"
    fold(told(backend))
    to(apart.clock, at(12, hour=6))
    assert invoke("run_job", sqs_event(WriteReport(apart.course.id, week).to_json()))["batchItemFailures"] == []
    found: Any = asked(apart, week).json["holdout"]
    listed, _ = events.page(apart.course.id, "2031-05-05", apart.clock.now(), after=None, limit=100)
    for name, gain, held_out in (("size", "gain", True), ("others", "others_gain", False)):
        mine = [event for event in listed if bool(event.said.get("held_out")) is held_out]
        assert found[name] == len({event.learner for event in mine}) == 6
        answers = [event.said for event in mine if event.name == ANSWERED and "gain" in event.said]
        points = sum(sum(said["gain"].values()) / len(said["gain"]) for said in answers)
        assert found[gain] == pytest.approx(points * 3600 / sum(said["seconds"] for said in answers), abs=0.2)
    assert found["gain"] > found["others_gain"]
    query = {"by": "holdout", "from": "2031-05-05", "to": "2031-05-11"}
    for name, figure, keys in (("engagement", "active", ("size", "others")), ("skills", "gain_per_study_hour", GAINS)):
        reply = apart.call("get_analytics", an_admin(), path=f"/api/admin/analytics/{name}", query=query)
        assert [row[figure] for row in reply.json["rows"]] == [found[key] for key in keys]
    text = asked(apart, week, accept="text/markdown").body
    assert "| size | 6 |" in text


def test_b55_a_holdout_of_few_is_not_shown_and_neither_are_the_others(monday: World) -> None:
    sides = {"holdout:held_out": ({"active": 3}, 3), "holdout:others": ({"active": 6}, 5)}
    put(monday, "weeks", {"total": ({"active": 9}, 5), **sides}, "2031-04-28")
    scheduled(monday)
    found: Any = asked(monday).json
    assert found["learners"]["active"] == 9
    assert found["holdout"] == {"size": None, "gain": None, "others": None, "others_gain": None}
    assert found["why"]["holdout.size"] == found["why"]["holdout.others"] == "few_learners"
