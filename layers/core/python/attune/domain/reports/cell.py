"""One cell of a report: whole numbers that add up in any order, and whether enough learners are behind them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

FEWEST: Final = 5
"""Learners under whom a cell is not shown."""
Cells = Mapping[str, "Cell"]
"""By name: what is counted, as `kind:practise`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`figures` are sums by name. `learners` are those behind them: of many, the five whose names sort first."""

    figures: Mapping[str, int] = field(default_factory=dict)
    learners: frozenset[str] = frozenset()

    def __add__(self, other: "Cell") -> "Cell":
        names = self.figures.keys() | other.figures.keys()
        sums = {name: self.figures.get(name, 0) + other.figures.get(name, 0) for name in names}
        # What was added and taken back again is no figure: in another order it would never have been there.
        figures = {name: n for name, n in sums.items() if n}
        return Cell(figures, frozenset(sorted(self.learners | other.learners)[:FEWEST]))

    def __getitem__(self, figure: str) -> int:
        return self.figures.get(figure, 0)

    @property
    def is_shown(self) -> bool:
        """Whether so many learners are behind it that none of them can be found in it."""
        return len(self.learners) >= FEWEST

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads; equal cells give equal bytes."""
        return [{name: n for name, n in self.figures.items() if n}, sorted(self.learners)]

    @classmethod
    def from_json(cls, row: list[Any]) -> "Cell":
        """What `to_json` wrote."""
        figures, learners = row
        return cls(figures, frozenset(learners))


EMPTY: Final = Cell()


def hidden(cells: Mapping[str, Cell]) -> frozenset[str]:
    """Which of some cells are not shown, where their sum is: those of few learners, and one more where whoever takes
    the others off the sum would be left with few."""
    few = {name for name, cell in cells.items() if not cell.is_shown}
    behind = frozenset[str]().union(*(cells[name].learners for name in few))
    if not few or len(behind) >= FEWEST:
        return frozenset(few)
    others = sorted(cells.keys() - few, key=lambda name: (sum(map(abs, cells[name].figures.values())), name))
    return frozenset({*few, *others[:1]})


def added(several: Iterable[Cells]) -> dict[str, Cell]:
    """The cells of all, those of one name added up."""
    total: dict[str, Cell] = {}
    for cells in several:
        for name, cell in cells.items():
            total[name] = total.get(name, EMPTY) + cell
    return total


def to_json(cells: Cells) -> dict[str, list[Any]]:
    """Plain values that `from_json` reads."""
    return {name: cell.to_json() for name, cell in cells.items()}


def from_json(plain: Mapping[str, list[Any]]) -> dict[str, Cell]:
    """What `to_json` wrote."""
    return {name: Cell.from_json(row) for name, row in plain.items()}
