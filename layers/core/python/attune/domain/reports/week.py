"""An owner's week: what is counted of seven days, what it cost, and how experiments stand, in one plain value.

It is made from sums alone, so that writing it again from the same sums gives the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from attune.domain.budget import MICRO
from attune.domain.budget import Figures as Spent
from attune.domain.reports import figures
from attune.domain.reports.cell import EMPTY, Cell, Cells, added, hidden
from attune.domain.reports.figures import FEW_LEARNERS, NOTHING_YET, Figure, Value
from attune.domain.reports.presence import HOLDOUT, TOTAL

WORST: Final = 10
"""How many lessons are named."""
MISTAKES: Final = 5
"""How many mistakes are."""
FEWEST_ANSWERS: Final = 10
"""Answers from which on a lesson's wrong rate says something."""
NOTES: Final = (
    "Cells with fewer than 5 learners are null.",
    "A recommendation counts as shown once it was answered or ran out.",
    "Model calls and their cost are those of all courses.",
)
_RECOMMENDATIONS: Final = {
    "shown": "shown",
    "accepted": "acceptance",
    "completed": "completion",
    "declined": "declined",
    "expired": "expired",
    "measured": "measured",
}
"""What a week says of recommendations, and the figure that each is."""
Days = Mapping[str, Cells]


@dataclass(frozen=True, slots=True)
class Week:
    """What a report is made from; `days` by report, the cells of each day."""

    name: str
    course: str
    days: Mapping[str, Days]
    spent: Spent = field(default_factory=Spent)
    out_of_service: Sequence[str] = ()
    experiments: Sequence[Mapping[str, Any]] = ()


def name_of(day: date) -> str:
    """The ISO week of a day, as 2026-W45."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def first_day(name: str) -> date:
    """The Monday of a week. Raises `ValueError` for a week that its year does not have."""
    year, _, week = name.partition("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def report(week: Week) -> dict[str, Any]:
    """The report. `why` says of each figure that is null what it lacks."""
    made = _Report({name: added(days.values()) for name, days in week.days.items()})
    first = first_day(week.name)
    plain = {
        "week": week.name,
        "course": week.course,
        "from": first.isoformat(),
        "to": (first + timedelta(days=6)).isoformat(),
        "learners": {
            **made.figures("learners", "weeks", figures.WEEKS),
            **made.figures("learners", "engagement", figures.ENGAGEMENT, "onboarded", "sessions", "answers"),
        },
        "lessons": made.figures("lessons", "content", figures.CONTENT, "started", "completed"),
        "skills": {
            **made.figures("skills", "skills", figures.ALL_SKILLS, "gain_per_study_hour"),
            "calibration": made.calibration(),
            "mistakes": made.mistakes(),
        },
        "recommendations": made.recommendations(),
        "paths": made.figures("paths", "paths", figures.PATHS),
        "content": {
            **made.figures("content", "content", figures.CONTENT, "requests", "hit", "texts", "sections_written"),
            **made.gate(),
            **_money(week.spent),
            "out_of_service": list(week.out_of_service),
        },
        "worst_lessons": made.worst_lessons(),
        "experiments": [dict(one) for one in week.experiments],
        "holdout": made.holdout(),
        "days": _days(week.days.get("engagement", {}), first),
        "notes": list(NOTES),
    }
    return {**plain, "why": dict(sorted(made.why.items()))}


class _Report:
    """Picks figures out of the sums and remembers why one is missing."""

    def __init__(self, whole: Mapping[str, Cells]) -> None:
        self._whole = whole
        self.why: dict[str, str] = {}

    def figures(self, under: str, kept: str, known: Mapping[str, Figure], *wanted: str) -> dict[str, Value]:
        """Some figures of all together; all of them if none is named."""
        cell = self._cells(kept).get(TOTAL, EMPTY)
        return {name: self._value(f"{under}.{name}", cell, known[name]) for name in wanted or known}

    def recommendations(self) -> dict[str, Any]:
        cell, make = self._cells("recommendations").get(TOTAL, EMPTY), figures.RECOMMENDATIONS
        found = {
            name: self._value(f"recommendations.{name}", cell, make[figure])
            for name, figure in _RECOMMENDATIONS.items()
        }
        effect = {
            name: self._value(f"recommendations.effect.{name}", cell, make[name]) for name in ("expected", "observed")
        }
        return {**found, "effect": effect}

    def holdout(self) -> dict[str, Value]:
        """How many were kept out of all experiments and what they gained, and the same of all others."""
        found: dict[str, Value] = {}
        for side, size, gain in (("held_out", "size", "gain"), ("others", "others", "others_gain")):
            weeks, skills = (self._apart(kept, HOLDOUT) for kept in ("weeks", "skills"))
            for name, known, make in (
                (size, weeks, figures.WEEKS["active"]),
                (gain, skills, figures.ALL_SKILLS["gain_per_study_hour"]),
            ):
                found[name] = self._value(f"holdout.{name}", known.get(side, EMPTY), make)
        return found

    def calibration(self) -> list[dict[str, Value]]:
        """What answers were expected to be, against what they were, where enough learners are behind it."""
        cells = self._apart("skills", "expected:")
        return [{name: make(cell) for name, make in figures.EXPECTED.items()} for cell in cells.values()]

    def mistakes(self) -> list[dict[str, Any]]:
        """The mistakes that were made most often."""
        found = sorted(self._under("skills", "mistake:").items(), key=lambda one: (-one[1]["mistakes"], one[0]))
        return [{"category": name, "mistakes": cell["mistakes"]} for name, cell in found[:MISTAKES]]

    def worst_lessons(self) -> list[dict[str, Any]]:
        """The lessons after which most answers were wrong, and how many of those who began them did not finish."""
        cells = self._under("content", "lesson:").items()
        wrong, drop = figures.CONTENT["wrong_rate"], figures.CONTENT["drop_off"]
        found = [(name, cell) for name, cell in cells if cell["answers"] >= FEWEST_ANSWERS]
        found.sort(key=lambda one: (-(wrong(one[1]) or 0), one[0]))
        return [{"slug": name, "wrong_rate": wrong(cell), "drop_off": drop(cell)} for name, cell in found[:WORST]]

    def gate(self) -> dict[str, int]:
        """Sections that stand as originals because of the gate: no learner is in these figures."""
        return {"gate_failed": self._cells("content").get(TOTAL, EMPTY)["original:gate_failed"]}

    def _cells(self, kept: str) -> Cells:
        return self._whole.get(kept, {})

    def _under(self, kept: str, prefix: str) -> dict[str, Cell]:
        """The cells of a kind that may be shown, by name."""
        cells = sorted(self._cells(kept).items())
        return {name.removeprefix(prefix): cell for name, cell in cells if name.startswith(prefix) and cell.is_shown}

    def _apart(self, kept: str, prefix: str) -> dict[str, Cell]:
        """The same where their sum is shown, too."""
        cells = {name: cell for name, cell in sorted(self._cells(kept).items()) if name.startswith(prefix)}
        away = hidden(cells)
        return {name.removeprefix(prefix): cell for name, cell in cells.items() if name not in away}

    def _value(self, place: str, cell: Cell, make: Figure) -> Value:
        found = make(cell) if cell.is_shown else None
        if found is None:
            self.why[place] = NOTHING_YET if cell.is_shown else FEW_LEARNERS
        return found


def _money(spent: Spent) -> dict[str, Value]:
    """`first_writes` are the calls that were no repairs."""
    return {
        "model_calls": spent.calls,
        "first_writes": spent.calls - spent.repairs,
        "repairs": spent.repairs,
        "usd": round(spent.cost / MICRO, 6),
    }


def _days(days: Days, first: date) -> list[dict[str, Any]]:
    """The week day by day."""
    found, cells = [], {day: cells[TOTAL] for day, cells in days.items() if TOTAL in cells}
    away = hidden(cells)
    for place in range(7):
        day = (first + timedelta(days=place)).isoformat()
        cell = EMPTY if day in away else cells.get(day, EMPTY)
        shown = {name: cell[name] if cell.is_shown else None for name in ("active", "answers")}
        found.append({"day": day, **shown})
    return found
