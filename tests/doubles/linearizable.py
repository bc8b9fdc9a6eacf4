"""Whether what several clients saw of one thing could have been seen by one after the other (Wing and Gong's search).

An operation whose outcome nobody knows may have happened at any time after it began, or never. An extra one may have
happened while it was under way, or not.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True)
class Operation(Generic[S]):
    """One operation: when it was begun and answered (`ended` None: never), and what it does.

    `step` gives, for a state, the states that the operation may leave there with the answer that was seen: none if it
    could not have been answered so.
    """

    name: str
    began: int
    ended: int | None
    step: Callable[[S], Iterable[S]]
    extra: bool = False


def is_linearizable(history: Sequence[Operation[S]], start: S) -> bool:
    """Whether there is an order that every client's answers and the clock agree with."""
    must = sum(1 << place for place, one in enumerate(history) if one.ended is not None and not one.extra)
    tried: set[tuple[int, S]] = set()
    waiting = [(0, start)]
    while waiting:
        done, state = waiting.pop()
        if done & must == must:
            return True
        if (done, state) in tried:
            continue
        tried.add((done, state))
        left = [(place, one) for place, one in enumerate(history) if not done >> place & 1]
        # Whoever began after somebody else's answer comes after them, and what is extra does not come late.
        first_answer = min(
            (one.ended for place, one in left if must >> place & 1 and one.ended is not None), default=None
        )
        last_began = max((one.began for place, one in enumerate(history) if done >> place & 1), default=0)
        for place, one in left:
            late = one.extra and one.ended is not None and one.ended < last_began
            if not late and (first_answer is None or one.began <= first_answer):
                waiting += [(done | 1 << place, after) for after in one.step(state)]
    return False
