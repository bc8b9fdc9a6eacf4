"""What somebody wants done with a path."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """An action with what belongs to it: the `step` to complete, the `reason` of a pause, the `cause` to adapt for."""

    action: str
    step: str = ""
    reason: str | None = None
    cause: str = ""
