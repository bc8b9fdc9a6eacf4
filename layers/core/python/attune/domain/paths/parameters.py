"""What can be varied in planning, by an experiment for instance: each with its unit and range."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "review_share": (0.0, 1.0),
    "worth_replanning": (0.0, 1.0),
    "stage_steps": (1, 5),
}
"""The least and the largest value of each."""


@dataclass(frozen=True, slots=True)
class PlanningParameters:
    """`review_share` is the part of a day's minutes that reviews may take while there are steps, saved up over days;
    a path is planned anew where that saves the share `worth_replanning` of the minutes left; a stage has at most
    `stage_steps` steps."""

    review_share: float = 0.25
    worth_replanning: float = 0.1
    stage_steps: int = 5

    def __post_init__(self) -> None:
        for name, (least, largest) in RANGES.items():
            if not least <= getattr(self, name) <= largest:
                raise ValueError(f"{name}: from {least:g} to {largest:g}")

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "PlanningParameters":
        """Those given, the rest as they are by default; a name that is unknown is an error (TypeError)."""
        return cls(**plain)


DEFAULT: Final = PlanningParameters()
