"""A learner's newest attempts in their order, and the state before them: late answers are put in their place.

State is what folding all attempts in order gives. The log keeps the newest `KEPT` and the state before those, so that
whatever comes out of order within them can be folded again; what is older needs a rebuild from all sessions.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from attune.domain.learning.parameters import Parameters
from attune.domain.practice.attempt import Attempt, Place
from attune.domain.practice.fold import Evidence, fold
from attune.domain.practice.state import NOTHING, PracticeState

KEPT: Final = 128
InForce = Callable[[int], Parameters]
"""The shared parameters in force at a moment (in ms): an attempt is always scored with the same ones."""


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


def unheard(evidence: Evidence) -> None:
    """Nobody asked for it."""


def record(
    log: Log,
    state: PracticeState,
    attempts: Sequence[Attempt],
    in_force: InForce,
    tell: Callable[[Evidence], None] = unheard,
) -> tuple[Log, PracticeState]:
    """The log and the state with attempts that it `takes`; the same whatever their order and batches.

    `tell` hears the evidence of each of these attempts, in their order.
    """
    new = sorted(attempts, key=lambda attempt: attempt.place)
    if not new:
        return log, state
    if not log.window or new[0].place > log.window[-1].place:
        for attempt in new:
            state, evidence = fold(state, attempt, in_force(attempt.at))
            tell(evidence)
        window = [*log.window, *new]
    else:
        window, places = list(log.window), {attempt.place for attempt in new}
        for attempt in new:
            insort(window, attempt, key=lambda one: one.place)
        state = log.before
        for attempt in window:
            state, evidence = fold(state, attempt, in_force(attempt.at))
            if attempt.place in places:
                tell(evidence)
    return _trimmed(log, window, in_force), state


def _trimmed(log: Log, window: Sequence[Attempt], in_force: InForce) -> Log:
    before, folded = log.before, log.folded
    surplus = max(0, len(window) - KEPT)
    for attempt in window[:surplus]:
        before, _ = fold(before, attempt, in_force(attempt.at))
        folded = attempt.place
    return Log(before, folded, tuple(window[surplus:]))


def replay(log: Log, in_force: InForce) -> Iterator[Evidence]:
    """The evidence of the attempts in the window, oldest first."""
    state = log.before
    for attempt in log.window:
        state, evidence = fold(state, attempt, in_force(attempt.at))
        yield evidence


def rebuild(start: PracticeState, attempts: Iterable[Attempt], in_force: InForce) -> tuple[Log, PracticeState]:
    """The log and the state that all of a learner's attempts give, in whatever order they come."""
    ordered = sorted(attempts, key=lambda attempt: attempt.place)
    return record(Log(before=start), start, ordered, in_force)
