"""Which arms a learner was exposed to: stored by the server at the first exposure, and never by reading."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

ACTIVE: Final = "ACTIVE"
EXITED: Final = "EXITED"
EXCLUDED: Final = "EXCLUDED"


@dataclass(frozen=True, slots=True)
class Assignment:
    """`arm` is None for who left before any exposure; `at` (ms) is the first exposure, or else the leaving.

    `before` is the covariate: the overall rating at the exposure, in tenths. `row` names the tally that the learner is
    counted in, whatever becomes of them: a number, or a hash of the group that was put into the arm. EXCLUDED: exposed
    to two arms; served the earlier one until they leave, and left out of the analysis for good.
    """

    arm: str | None
    at: int
    status: str = ACTIVE
    left_at: int | None = None
    before: int = 0
    row: str = ""

    @property
    def counts(self) -> bool:
        """Whether what the learner does is counted."""
        return self.arm is not None and self.status == ACTIVE

    @property
    def has_left(self) -> bool:
        """Whether the learner is served as everybody is, for good."""
        return self.status == EXITED or self.left_at is not None

    def to_json(self) -> list[Any]:
        return [getattr(self, name) for name in Assignment.__slots__]


Assignments = Mapping[str, Assignment]
"""By experiment."""


def to_json(found: Assignments) -> dict[str, Any]:
    return {experiment: one.to_json() for experiment, one in found.items()}


def from_json(plain: Mapping[str, Any]) -> dict[str, Assignment]:
    """What `to_json` wrote."""
    return {experiment: Assignment(*row) for experiment, row in plain.items()}


def left(found: Assignment | None, at: int) -> Assignment:
    """After leaving; the same again changes nothing."""
    if found is None:
        return Assignment(None, at, EXITED, at)
    if found.has_left:
        return found
    return replace(found, status=EXCLUDED if found.status == EXCLUDED else EXITED, left_at=at)
