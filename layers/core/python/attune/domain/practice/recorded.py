"""What became of a session that was sent."""

from dataclasses import dataclass

from attune.domain.paths.moved import Moved
from attune.domain.practice.session import ACCEPTED, Outcome
from attune.domain.recommendations.offer import Offer


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of each attempt; `rev` counts the changes of the profile, `closed` is what the session completed.

    `moved` are the paths that it led on.
    """

    session: str
    outcomes: tuple[Outcome, ...]
    rev: int
    closed: Offer | None = None
    moved: tuple[Moved, ...] = ()

    @property
    def accepted(self) -> bool:
        return any(outcome.result == ACCEPTED for outcome in self.outcomes)
