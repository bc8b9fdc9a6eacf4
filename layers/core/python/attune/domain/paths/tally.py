"""How many paths a learner has, by status; what is deleted is not counted."""

from dataclasses import dataclass, replace
from typing import Any, Final

from attune.domain.paths.path import ACTIVE, CANCELLED, COMPLETED, PAUSED, Path

_COUNTED: Final = {ACTIVE: "active", PAUSED: "paused", COMPLETED: "completed", CANCELLED: "cancelled"}


@dataclass(frozen=True, slots=True)
class Tally:
    """What is archived counts as completed."""

    active: int = 0
    paused: int = 0
    completed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        return self.active + self.paused + self.completed + self.cancelled

    def after(self, before: Path | None, now: Path) -> "Tally":
        """Once a path has changed; `before` is None for a new one."""
        tally = self if before is None or before.deleted_at is not None else self._plus(before.status, -1)
        return tally if now.deleted_at is not None else tally._plus(now.status, 1)

    def _plus(self, status: str, change: int) -> "Tally":
        name = _COUNTED[status]
        return replace(self, **{name: getattr(self, name) + change})

    def to_json(self) -> list[Any]:
        """A compact row: `Tally(*row)` reads it."""
        return [self.active, self.paused, self.completed, self.cancelled]
