"""A learner's newest attempts in their order, and the state before them: late answers are put in their place.

State is what folding all attempts in order gives. The log keeps the newest `KEPT` and the state before those, so that
whatever comes out of order within them can be folded again; what is older needs a rebuild from all sessions.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from attune.domain.practice.attempt import Attempt, Place
from attune.domain.practice.state import NOTHING, PracticeState

KEPT: Final = 128


@dataclass(frozen=True, slots=True)
class Log:
    """`before` is the state before `window`; `folded` is the place of the last attempt that it holds."""

    before: PracticeState = field(default=NOTHING)
    folded: Place | None = None
    window: tuple[Attempt, ...] = ()

    def takes(self, attempt: Attempt) -> bool:
        """Whether an attempt can still be put in its place."""
        return self.folded is None or attempt.place > self.folded

    def to_json(self) -> dict[str, Any]:
        """A plain object that `from_json` reads."""
        return {
            "before": self.before.to_json(),
            "folded": None if self.folded is None else list(self.folded),
            "window": [attempt.to_json() for attempt in self.window],
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Log":
        """What `to_json` wrote."""
        return cls(
            PracticeState.from_json(plain["before"]),
            None if plain["folded"] is None else Place(*plain["folded"]),
            tuple(Attempt.from_json(row) for row in plain["window"]),
        )


EMPTY: Final = Log()
