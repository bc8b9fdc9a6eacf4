"""What can be varied in the ranking, by an experiment for instance: each with its unit and range."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

ATTUNE: Final = "attune"
BASELINE: Final = "baseline"
COURSE_ORDER: Final = "course_order"
ALGORITHMS: Final = (ATTUNE, BASELINE, COURSE_ORDER)

RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "target": (0.3, 0.95),
    "spread": (0.05, 1.0),
    "review_share": (0.0, 1.0),
    "temperature": (0.01, 1.0),
    "mixing": (0.0, 1.0),
    "mastery_threshold": (0.0, 1.0),
}
"""The least and the largest value of every number."""


@dataclass(frozen=True, slots=True)
class RankingParameters:
    """`target` is the expected score (0..1) aimed at in the middle of the challenge level, `spread` how far from it an
    item is 1/e as welcome; `review_share` the part of a set that may be reviews; `temperature` how far the draw strays
    from the best (shares of the best score), `mixing` the part of the draw that is blind; `mastery_threshold` the
    mastery that opens what follows, the course's own if None."""

    algorithm: str = ATTUNE
    target: float = 0.7
    spread: float = 0.25
    review_share: float = 0.5
    temperature: float = 0.08
    mixing: float = 0.1
    mastery_threshold: float | None = None

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"algorithm: one of {', '.join(ALGORITHMS)}")
        for name, (least, largest) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= largest:
                raise ValueError(f"{name}: from {least} to {largest}")

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "RankingParameters":
        """Those given, the rest as they are by default; a name that is unknown is an error (ValueError)."""
        known = {entry.name for entry in fields(cls)}
        if unknown := sorted(set(plain) - known):
            raise ValueError(f"unknown: {', '.join(unknown)}")
        return cls(**plain)


DEFAULT: Final = RankingParameters()
PLAIN: Final = RankingParameters(COURSE_ORDER)
"""For who turned personalization off."""
