"""An owner sees what learners did over some days, and no learner in it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from attune.domain.budget import Limits, Usage
from attune.domain.reports.cell import Cell
from attune.store import budgets, metrics
from attune.store.items import MetricItem
from attune.store.keys import metric
from attune.store.packed import pack
from tests.backends import Backend
from tests.builders import an_admin
from tests.functions.conftest import Reply, World

DAY = "2031-05-05"


def put(world: World, report: str, day: str, shard: int, **cells: tuple[Mapping[str, int], int]) -> None:
    """Counts of a day; each cell with its figures and how many learners are behind it."""
    made = {
        name.replace("__", ":"): Cell(figures, frozenset(f"{name} {place}" for place in range(learners))).to_json()
        for name, (figures, learners) in cells.items()
    }
    MetricItem(*metric(world.course.id, report, day, shard), data=pack(made)).save()


def asked(world: World, report: str, **query: str) -> Reply:
    return world.call("get_analytics", an_admin(), path=f"/api/admin/analytics/{report}", query=query)


def rows(reply: Reply, by: str) -> dict[str, Any]:
    assert reply.status == 200
    return {row[by]: row for row in reply.json["rows"]}


def shown(n: int, **more: int) -> Mapping[str, int]:
    return {"shown": n, "accepted": n // 2, **more}


def test_b54_days_and_shards_add_up_and_means_are_of_all(world: World) -> None:
    measured = {"measured": 4, "observed": 336, "promised": 2, "expected": 182}
    put(world, "recommendations", DAY, 0, kind__practise=(shown(10, **measured), 4), total=(shown(10), 4))
    put(world, "recommendations", "2031-05-04", 3, kind__practise=(shown(6), 6), total=(shown(6), 6))
    put(world, "recommendations", "2031-04-28", 0, kind__practise=(shown(99), 6))
    reply = asked(world, "recommendations")
    assert (reply.json["from"], reply.json["to"], reply.json["by"]) == ("2031-04-29", DAY, "kind")
    row = rows(reply, "kind")["practise"]
    assert row.items() >= {"shown": 16, "accepted": 8, "acceptance": 0.5, "observed": 8.4, "expected": 9.1}.items()
    assert row["why"] == {}
    assert reply.json["total"]["shown"] == 16
    assert reply.json["total"]["observed"] is None
    assert reply.json["total"]["why"]["observed"] == "nothing_yet"


def test_b54_a_row_of_few_is_null_and_no_sum_gives_it_away(world: World) -> None:
    both = {"kind__practise": (shown(10), 6), "kind__assess": (shown(3), 4), "total": (shown(13), 7)}
    put(world, "recommendations", DAY, 0, **both)
    reply = asked(world, "recommendations", by="kind")
    hidden = rows(reply, "kind")["assess"]
    assert hidden["shown"] is None
    assert set(hidden["why"].values()) == {"few_learners"}
    # The total less the other row would be those four learners.
    other = rows(reply, "kind")["practise"]
    assert other["shown"] is None
    assert set(other["why"].values()) == {"gives_away"}
    assert reply.json["total"]["shown"] == 13
    put(world, "recommendations", DAY, 1, kind__learn=(shown(2), 2))
    again = asked(world, "recommendations", by="kind")
    assert [row["shown"] for row in again.json["rows"]] == [None, None, 10]


def test_b54_mistakes_are_ranked_and_expectations_compared(world: World) -> None:
    cells = {
        "mistake__rushed": ({"mistakes": 3}, 5),
        "mistake__guessed": ({"mistakes": 8}, 5),
        "expected__7": ({"answers": 4, "p": 30_000, "score": 28_000}, 5),
        "total": ({"answers": 20, "correct": 15, "measured": 20, "gain": 400, "studied": 7200, "seconds": 7200}, 5),
    }
    put(world, "skills", DAY, 2, **cells)
    reply = asked(world, "skills", by="mistake")
    assert [row["mistake"] for row in reply.json["rows"]] == ["guessed", "rushed"]
    assert reply.json["total"]["gain_per_study_hour"] == 20.0
    bin_ = rows(asked(world, "skills", by="expected"), "expected")["7"]
    assert (bin_["predicted"], bin_["observed"], bin_["n"]) == (0.75, 0.7, 4)


@pytest.mark.parametrize(
    ("report", "by"),
    [("content", "lesson"), ("content", "day"), ("engagement", "day"), ("engagement", "week"), ("paths", "day")],
)
def test_every_report_has_its_own_figures(world: World, report: str, by: str) -> None:
    kept = "weeks" if by == "week" else report
    day = "2031-05-05"
    put(world, kept, day, 0, lesson__one=({"started": 4, "completed": 3}, 5), total=({"active": 5, "created": 2}, 5))
    reply = asked(world, report, by=by, **{"from": "2031-05-07", "to": "2031-05-08"} if by == "week" else {})
    (row,) = reply.json["rows"]
    assert row[by] == ("one" if by == "lesson" else day)
    if by == "lesson":
        more = {"lesson:two": Cell({"answers": 4, "wrong": 3, "original:gate_failed": 2}, frozenset("abcde"))}
        data = pack({name: cell.to_json() for name, cell in more.items()})
        MetricItem(*metric(world.course.id, kept, day, 1), data=data).save()
        first, second = asked(world, report, by=by).json["rows"]
        assert [first["lesson"], first["wrong_rate"], first["gate_failed"]] == ["two", 0.75, 2]
        assert [second["lesson"], second["wrong_rate"], second["gate_failed"]] == ["one", None, 0]
        assert (row["drop_off"], row["hit"], row["why"]["hit"]) == (0.25, None, "nothing_yet")


def test_the_cost_is_the_ledger_of_the_money(world: World) -> None:
    budgets.forget()
    now = world.clock.now()
    held = budgets.hold(world.course.id, 1000, Limits(None, None), 60, now, "openai gpt-4o-mini")
    budgets.settle(held, 393, Usage(700, 480), now)
    reply = asked(world, "cost")
    row = rows(reply, "day")[DAY]
    assert row.items() >= {"usd": 0.000393, "calls": 1, "input_tokens": 700, "output_tokens": 480}.items()
    assert reply.json["total"]["usd"] == 0.000393
    assert rows(asked(world, "cost", by="model"), "model")["openai gpt-4o-mini"]["usd"] == 0.000393


def test_whoever_is_no_admin_sees_nothing(world: World) -> None:
    reply = world.call("get_analytics", world.reader(), path="/api/admin/analytics/skills")
    reply.problem(403, "admin_only")


@pytest.mark.parametrize(
    ("report", "query", "pointer"),
    [
        ("skills", {"by": "kind"}, "/query/by"),
        ("cost", {"by": "lesson"}, "/query/by"),
        ("skills", {"from": "2031-05-06"}, "/query/from"),
        ("skills", {"from": "2031-01-01"}, "/query/from"),
        ("skills", {"to": "2031-02-30"}, "/query/to"),
        ("skills", {"to": "yesterday"}, "/query/to"),
        ("skills", {"to": "0001-01-01"}, "/query/to"),
        ("cost", {"from": "1969-12-31"}, "/query/from"),
    ],
)
def test_what_cannot_be_shown_is_said(world: World, report: str, query: dict[str, str], pointer: str) -> None:
    problem = asked(world, report, **query).problem(422, "invalid")
    assert [flaw["pointer"] for flaw in problem["errors"]] == [pointer]


def test_an_unknown_report_and_an_unknown_course_are_404(world: World) -> None:
    asked(world, "weather").problem(404, "unknown_report")
    asked(world, "skills", course="nowhere").problem(404, "unknown_course")


def test_a_report_is_one_query_whatever_the_days(world: World, backend: Backend) -> None:
    asked(world, "skills")
    for place in range(60):
        day = (world.clock.now().date() - timedelta(days=place)).isoformat()
        put(world, "skills", day, place % 4, total=({"answers": 1}, 5))
    with backend.watched() as watched:
        reply = asked(world, "skills", **{"from": "2031-03-07", "by": "day"})
    assert len(reply.json["rows"]) == 60
    assert [call.operation for call in watched.calls] == ["Query"]
    assert metrics.between(world.course.id, "skills", "2031-05-01", DAY, world.clock.now()).keys() >= {DAY}
