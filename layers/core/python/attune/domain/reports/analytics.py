"""What an owner is shown of the counts of some days: a row for each kind of thing, none that a learner is found in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from attune.domain.budget import MICRO
from attune.domain.budget import Figures as Spent
from attune.domain.reports import counting, figures, presence
from attune.domain.reports.cell import Cell, Cells, added, hidden
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
    """The rows of some days, by name, or by the figure that says which are worth looking at first."""
    everything = added(days.values())
    if shown.cells == DAY:
        cells = {day: one[TOTAL] for day, one in sorted(days.items()) if TOTAL in one}
    else:
        length = len(shown.cells)
        cells = {name[length:]: one for name, one in sorted(everything.items()) if name.startswith(shown.cells)}
    away = hidden(cells) if shown.adds_up else frozenset[str]()
    rows = [_row(name, cell, shown.figures, is_hidden=name in away) for name, cell in cells.items()]
    if shown.best is not None:
        rows.sort(key=lambda row: -(row.figures[shown.best or ""] or 0))
    whole = everything.get(TOTAL)
    total = None if whole is None else _row(TOTAL, whole, shown.all_figures or shown.figures)
    return Analysis(tuple(rows), total)


def _row(name: str, cell: Cell, wanted: Mapping[str, Figure], *, is_hidden: bool = False) -> Row:
    if is_hidden or not cell.is_shown:
        return Row(name, dict.fromkeys(wanted), dict.fromkeys(wanted, GIVES_AWAY if cell.is_shown else FEW_LEARNERS))
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
