"""No answer, and no two answers over the same days, leave a figure that fewer than five learners are behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.reports import event as names
from attune.domain.reports.analytics import REPORTS, Analysis, analysis
from attune.domain.reports.cell import FEWEST, Cell, added
from attune.domain.reports.counting import counted
from attune.domain.reports.event import Event
from attune.domain.reports.figures import FEW_LEARNERS, GIVES_AWAY
from attune.domain.reports.week import Week, report
from tests.unit.reports.test_counting import BEGAN, DAY, Kept

KINDS, ITEMS = ("learn", "practise", "review"), ("a", "b", "c", "d")
ADD_UP = ("shown", "accepted")
shown = st.builds(
    lambda name, day, learner, kind, item: Event(
        name,
        BEGAN + (1 + day) * DAY,
        "course",
        f"learner {learner}",
        {"kind": kind, "item": item, **({"held_out": True} if learner % 5 == 0 else {})},
    ),
    st.sampled_from([names.SHOWN, names.ACCEPTED]),
    st.integers(0, 6),
    # Most of what happens is of a few.
    st.one_of(st.integers(0, 3), st.integers(0, 14)),
    st.sampled_from(KINDS),
    st.sampled_from(ITEMS),
)
many = st.lists(shown, min_size=5, max_size=120)


def days(told: Sequence[Event]) -> dict[str, Mapping[str, Cell]]:
    return {day: cells for (kept, day), cells in counted(told).items() if kept == "recommendations"}


def behind(told: Sequence[Event], by: str, row: str) -> set[str]:
    def name(event: Event) -> str:
        if by == "day":
            return event.day
        if by == "holdout":
            return "held_out" if event.said.get("held_out") else "others"
        return str(event.said[by])

    return {event.learner for event in told if name(event) == row}


def left(found: Analysis, figure: str) -> int | None:
    """What is left of the total when all that is shown is taken off."""
    if found.total is None or found.total.figures[figure] is None:
        return None
    rows = [row.figures[figure] for row in found.rows]
    return int(found.total.figures[figure] or 0) - sum(int(n or 0) for n in rows)


@settings(max_examples=150, deadline=None)
@given(many)
def test_b54_what_is_left_of_a_total_is_of_five_learners_or_nothing(told: list[Event]) -> None:
    for by, how in REPORTS["recommendations"].items():
        found = analysis(how, days(told))
        hidden = [row for row in found.rows if set(row.why.values()) & {FEW_LEARNERS, GIVES_AWAY}]
        others = set().union(*(behind(told, by, row.name) for row in hidden)) if hidden else set()
        for figure in ADD_UP:
            rest = left(found, figure)
            assert rest is None or rest == 0 or len(others) >= FEWEST
        # Nothing is hidden in vain: each hidden row is of few, but for one at most that protects the others.
        protecting = [row for row in hidden if len(behind(told, by, row.name)) >= FEWEST]
        assert len(protecting) <= 1
        assert all(row.why["shown"] == GIVES_AWAY for row in protecting)
        assert len(hidden) != len(protecting) or not hidden
        for row in found.rows:
            if row not in hidden:
                assert len(behind(told, by, row.name)) >= FEWEST


@settings(max_examples=60, deadline=None)
@given(many)
def test_b54_a_total_is_the_same_in_every_answer(told: list[Event]) -> None:
    """So that it cannot be hidden in one answer and read in another: what is hidden are rows."""
    totals = [analysis(how, days(told)).total for how in REPORTS["recommendations"].values()]
    assert all(total == totals[0] for total in totals)


@settings(max_examples=60, deadline=None)
@given(many)
def test_b54_a_week_gives_away_no_more_than_the_analytics(told: list[Event]) -> None:
    """Days, calibration and holdout of the weekly report, against its own totals."""
    kept = Kept()
    kept.fold(enumerate(told))
    by_report: dict[str, dict[str, Mapping[str, Cell]]] = {}
    for (name, day), cells in kept.counts.items():
        by_report.setdefault(name, {})[day] = cells
    made: dict[str, Any] = report(Week("2026-W45", "course", by_report))
    there = {day: cells["total"] for day, cells in by_report.get("engagement", {}).items() if "total" in cells}
    hidden = [one["day"] for one in made["days"] if one["active"] is None and one["day"] in there]
    whole = added(by_report.get("engagement", {}).values()).get("total", Cell())
    if hidden and whole.is_shown:
        assert len(frozenset().union(*(there[day].learners for day in hidden))) >= FEWEST
    size, others, active = made["holdout"]["size"], made["holdout"]["others"], made["learners"]["active"]
    there_held = {event.learner for event in told if event.said.get("held_out") and event.name == names.ACCEPTED}
    assert size is None or len(there_held) >= FEWEST
    if there_held and others is not None:
        assert size + others == active
