"""What an owner is shown of the counts of some days: a row for each kind of thing, none that a learner is found in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from attune.domain.budget import MICRO
from attune.domain.budget import Figures as Spent
from attune.domain.reports import counting, figures, presence
from attune.domain.reports.cell import Cell, Cells, added, hidden
from attune.domain.reports.event import number_of
from attune.domain.reports.figures import FEW_LEARNERS, GIVES_AWAY, NOTHING_YET, Figure, Value
from attune.domain.reports.presence import TOTAL

DAY: Final = "day"
HOLDOUT: Final = "holdout"
COST: Final = "cost"
MODEL: Final = "model"


@dataclass(frozen=True, slots=True)
class Shown:
    """How a report is taken apart: the kind of cells, their figures, and those of all together.

    `best` names the figure by which rows are ordered, the largest first; by name if there is none. `adds_up`: the sum
    of the rows is in the total too, so that a row can be found by taking the others off.
    """

    kept: str
    cells: str
    figures: Mapping[str, Figure]
    all_figures: Mapping[str, Figure] | None = None
    best: str | None = None
    adds_up: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """`name` is that of the cell; `why` says of each figure that is None what it lacks."""

    name: str
    figures: Mapping[str, Value]
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Analysis:
    """The rows of a report, and all together: never so that one could work out what few learners are behind."""

    rows: tuple[Row, ...]
    total: Row | None


@dataclass(frozen=True, slots=True)
class Analysed:
    """An analysis, what it is taken apart by, and which days it is of."""

    by: str
    first: date
    last: date
    analysis: Analysis


_RECOMMENDATIONS, _SKILLS = figures.RECOMMENDATIONS, figures.SKILLS
_EVERY_SKILL = figures.ALL_SKILLS
REPORTS: Final[Mapping[str, Mapping[str, Shown]]] = {
    "recommendations": {
        "kind": Shown(counting.RECOMMENDATIONS, "kind:", _RECOMMENDATIONS),
        "item": Shown(counting.RECOMMENDATIONS, "item:", _RECOMMENDATIONS, best="shown"),
        DAY: Shown(counting.RECOMMENDATIONS, DAY, _RECOMMENDATIONS),
        HOLDOUT: Shown(counting.RECOMMENDATIONS, presence.HOLDOUT, _RECOMMENDATIONS),
    },
    "skills": {
        "skill": Shown(counting.SKILLS, "skill:", _SKILLS, _EVERY_SKILL),
        "mistake": Shown(counting.SKILLS, "mistake:", figures.MISTAKES, _EVERY_SKILL, best="mistakes", adds_up=False),
        "expected": Shown(counting.SKILLS, "expected:", figures.EXPECTED, _EVERY_SKILL),
        DAY: Shown(counting.SKILLS, DAY, _EVERY_SKILL),
        HOLDOUT: Shown(counting.SKILLS, presence.HOLDOUT, _EVERY_SKILL),
    },
    "content": {
        "lesson": Shown(counting.CONTENT, "lesson:", figures.CONTENT, best="wrong_rate"),
        DAY: Shown(counting.CONTENT, DAY, figures.CONTENT),
    },
    "engagement": {
        DAY: Shown(presence.ENGAGEMENT, DAY, figures.ENGAGEMENT),
        "week": Shown(presence.WEEKS, DAY, figures.WEEKS),
        HOLDOUT: Shown(presence.WEEKS, presence.HOLDOUT, figures.WEEKS),
    },
    "paths": {DAY: Shown(counting.PATHS, DAY, figures.PATHS)},
}
"""By report and what it is taken apart by; the first is the one for who asks for none."""
COSTS: Final = (DAY, MODEL)
"""What the cost can be taken apart by."""


def analysis(shown: Shown, days: Mapping[str, Cells]) -> Analysis:
    """The rows of some weeks, by name, or by the figure that says which are worth looking at first.

    What is hidden is decided week by week, and stays hidden in whatever weeks it is a part of. So any two answers are
    sums of the same parts, each of which may be seen, and their difference is one too.
    """
    weeks = _weeks(days)
    taken_apart = [_taken_apart(shown, week) for week in weeks]
    away: dict[str, str] = {}
    for cells in taken_apart:
        away |= {name: FEW_LEARNERS for name, cell in cells.items() if not cell.is_shown}
        gives_away = hidden(cells) if shown.adds_up else frozenset[str]()
        away = {**{name: GIVES_AWAY for name in gives_away}, **away}
    cells = added(taken_apart)
    rows = [_row(name, cell, shown.figures, away.get(name)) for name, cell in sorted(cells.items())]
    if shown.best is not None:
        rows.sort(key=lambda row: -(row.figures[shown.best or ""] or 0))
    wholes = [week[TOTAL] for week in map(_all_of, weeks) if TOTAL in week]
    few = None if all(whole.is_shown for whole in wholes) else FEW_LEARNERS
    whole = sum(wholes, Cell())
    total = _row(TOTAL, whole, shown.all_figures or shown.figures, few) if wholes else None
    return Analysis(tuple(rows), total)


def _weeks(days: Mapping[str, Cells]) -> list[Mapping[str, Cells]]:
    """Days by the week that they are in."""
    found: dict[int, dict[str, Cells]] = {}
    for day, cells in sorted(days.items()):
        found.setdefault(presence.monday(number_of(day)), {})[day] = cells
    return list(found.values())


def _all_of(week: Mapping[str, Cells]) -> Cells:
    return added(week.values())


def _taken_apart(shown: Shown, week: Mapping[str, Cells]) -> dict[str, Cell]:
    """What the rows are made of in a week, by their names."""
    if shown.cells == DAY:
        return {day: cells[TOTAL] for day, cells in week.items() if TOTAL in cells}
    length = len(shown.cells)
    return {name[length:]: one for name, one in sorted(_all_of(week).items()) if name.startswith(shown.cells)}


def _row(name: str, cell: Cell, wanted: Mapping[str, Figure], hidden_for: str | None) -> Row:
    if hidden_for is not None:
        return Row(name, dict.fromkeys(wanted), dict.fromkeys(wanted, hidden_for))
    found = {figure: make(cell) for figure, make in wanted.items()}
    return Row(name, found, {figure: NOTHING_YET for figure, value in found.items() if value is None})


def costs(spent: Mapping[str, Spent]) -> Analysis:
    """What was spent, by whatever it is taken apart by: no learner is in these figures."""
    rows = tuple(Row(name, _money(one)) for name, one in sorted(spent.items()))
    return Analysis(rows, Row(TOTAL, _money(sum(spent.values(), Spent()))))


def _money(spent: Spent) -> dict[str, Value]:
    return {
        "usd": round(spent.cost / MICRO, 6),
        "calls": spent.calls,
        "repairs": spent.repairs,
        "uncertain": spent.uncertain,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
    }
