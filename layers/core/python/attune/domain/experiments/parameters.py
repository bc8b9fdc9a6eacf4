"""What an arm may change, by layer: typed, with ranges; a name that is unknown is refused when the arm is defined."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from attune.domain.errors import Flaw, pointer
from attune.domain.paths.parameters import PlanningParameters
from attune.domain.recommendations.parameters import RankingParameters
from attune.domain.writing import WritingParameters

RANKING: Final = "ranking"
WRITING: Final = "writing"
PLANNING: Final = "planning"

LAYERS: Final[Mapping[str, type[Any]]] = {
    RANKING: RankingParameters,
    WRITING: WritingParameters,
    PLANNING: PlanningParameters,
}


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
