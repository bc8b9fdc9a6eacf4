"""What an arm may change, by layer: typed, with ranges; a name that is unknown is refused when the arm is defined."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from attune.domain.errors import Flaw, pointer
from attune.domain.paths.parameters import PlanningParameters
from attune.domain.recommendations.parameters import RankingParameters

RANKING: Final = "ranking"
WRITING: Final = "writing"
PLANNING: Final = "planning"

_WRITING_RANGES: Final[Mapping[str, tuple[float, float]]] = {"glossary_share": (0.0, 1.0)}


@dataclass(frozen=True, slots=True)
class WritingParameters:
    """`frame`: whether introduction, recap and next step stand around a lesson; `glossary_share` of a lesson's terms
    (0..1) are defined at first use for those for whom terms are defined."""

    frame: bool = True
    glossary_share: float = 1.0

    def __post_init__(self) -> None:
        _within(self, _WRITING_RANGES)


LAYERS: Final[Mapping[str, type[Any]]] = {
    RANKING: RankingParameters,
    WRITING: WritingParameters,
    PLANNING: PlanningParameters,
}
SERVED: Final = frozenset({RANKING, PLANNING})
"""Layers whose parameters are asked for when something is served; an experiment of another cannot be started."""


def flaws(layer: str, plain: Mapping[str, Any], at: str) -> Iterator[Flaw]:
    """What is wrong with an arm's parameters, which were sent to the place `at`."""
    kind = LAYERS[layer]
    known = {entry.name: entry.default for entry in fields(kind)}
    for name in sorted(set(plain) - set(known)):
        yield Flaw(pointer(at, name), f"One of {', '.join(known)}.", "unknown_parameter")
    given = {name: value for name, value in plain.items() if name in known}
    for name, value in given.items():
        if not _fits(value, known[name]):
            yield Flaw(pointer(at, name), "Of another type than this parameter has.")
            return
    try:
        kind(**given)
    except ValueError as error:
        yield Flaw(at, f"{str(error).capitalize()}.")


def _fits(value: object, default: object) -> bool:
    if isinstance(default, bool | str | int):
        return type(value) is type(default)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _within(found: object, ranges: Mapping[str, tuple[float, float]]) -> None:
    for name, (least, largest) in ranges.items():
        if not least <= getattr(found, name) <= largest:
            raise ValueError(f"{name}: from {least:g} to {largest:g}")
