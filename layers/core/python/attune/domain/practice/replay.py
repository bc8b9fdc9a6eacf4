"""What the attempts of a log say, folded in their order from the state before them."""

from collections.abc import Callable, Iterable, Iterator

from attune.domain.learning.parameters import Parameters
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.fold import Evidence, fold
from attune.domain.practice.log import KEPT, Log
from attune.domain.practice.state import PracticeState

InForce = Callable[[int], Parameters]
"""The shared parameters in force at a moment (in ms): an attempt is always scored with the same ones."""


def unheard(evidence: Evidence) -> None:
    """Nobody asked for it."""


def record(
    log: Log, attempts: Iterable[Attempt], in_force: InForce, tell: Callable[[Evidence], None] = unheard
) -> tuple[Log, PracticeState]:
    """The log with attempts that it `takes`, and the state after them; the same whatever their order and batches.

    `tell` hears the evidence of each attempt in the log and of the new ones, in their order.
    """
    window = sorted((*log.window, *attempts), key=lambda attempt: attempt.place)
    surplus = max(0, len(window) - KEPT)
    state = before = log.before
    for place, attempt in enumerate(window):
        if place == surplus:
            before = state
        state, evidence = fold(state, attempt, in_force(attempt.at))
        tell(evidence)
    folded = window[surplus - 1].place if surplus else log.folded
    return Log(before, folded, tuple(window[surplus:])), state


def replay(log: Log, in_force: InForce) -> Iterator[Evidence]:
    """The evidence of the attempts in the window, oldest first."""
    state = log.before
    for attempt in log.window:
        state, evidence = fold(state, attempt, in_force(attempt.at))
        yield evidence


def rebuild(start: PracticeState, attempts: Iterable[Attempt], in_force: InForce) -> tuple[Log, PracticeState]:
    """The log and the state that all of a learner's attempts give, in whatever order they come."""
    return record(Log(before=start), attempts, in_force)
