"""What can be varied in writing, by an experiment for instance: each with its unit and range."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from attune.domain.hashing import share_of

RANGES: Final[Mapping[str, tuple[float, float]]] = {"glossary_share": (0.0, 1.0), "grades": (-5.0, 5.0)}
"""The least and the largest value of every number."""
_LOWEST: Final = 1.0


@dataclass(frozen=True, slots=True)
class WritingParameters:
    """`frame`: whether introduction, recap and next step stand around a lesson; `glossary_share` of a course's terms
    (0..1) are defined at first use for those for whom terms are defined; `grades` are added to the grade that a model's
    text must move towards, where the course says one."""

    frame: bool = True
    glossary_share: float = 1.0
    grades: float = 0.0

    def __post_init__(self) -> None:
        for name, (least, largest) in RANGES.items():
            if not least <= getattr(self, name) <= largest:
                raise ValueError(f"{name}: from {least:g} to {largest:g}")

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "WritingParameters":
        """Those given, the rest as they are by default; a name that is unknown is an error (TypeError)."""
        return cls(**plain)

    def defines(self, term: str) -> bool:
        """Whether a term is among those that are defined: the same ones in every lesson, more of them with more."""
        return share_of(term) < self.glossary_share

    def grade(self, told: float | None) -> float | None:
        """The grade to move towards, where the course told one."""
        return None if told is None else max(_LOWEST, told + self.grades)

    def of_texts(self) -> dict[str, Any]:
        """What of it shapes the text itself, and not what stands around it; nothing where that is as by default."""
        shaping = {"glossary_share": self.glossary_share, "grades": self.grades}
        return {name: value for name, value in shaping.items() if value != getattr(DEFAULT, name)}


DEFAULT: Final = WritingParameters()
