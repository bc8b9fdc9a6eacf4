"""What an answer was expected to be when it came in, and what it changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attune.domain.practice.fold import Evidence


@dataclass(frozen=True, slots=True)
class Measured:
    """The expected score `p`, and by skill the rating points that the answer was worth."""

    p: float
    gain: Mapping[str, float]

    @classmethod
    def of(cls, evidence: "Evidence") -> "Measured":
        """To as many decimals as reports show."""
        gain = {skill: round(after - before, 1) for skill, (before, after) in sorted(evidence.ratings.items())}
        return cls(round(evidence.p, 4), gain)


def to_json(found: Mapping[str, Measured]) -> dict[str, list[Any]]:
    """Plain values that `from_json` reads, by the attempts' ids."""
    return {id_: [one.p, dict(one.gain)] for id_, one in found.items()}


def from_json(plain: Mapping[str, Iterable[Any]]) -> dict[str, Measured]:
    """What `to_json` wrote."""
    return {id_: Measured(*row) for id_, row in plain.items()}
