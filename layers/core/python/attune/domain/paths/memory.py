"""How well a skill is kept in mind, for reviews: by the spaced successes so far and the day of the last."""

from collections.abc import Iterable
from math import ceil
from typing import Final, NamedTuple

from attune.domain.instants import DAY_MS
from attune.domain.learning import measures
from attune.domain.made import made
from attune.domain.practice.gist import Gist

_MOST: Final = 11
"""Successes from which on nothing changes any more."""
_DAYS: Final = tuple(max(1, ceil(measures.due_in_days(successes))) for successes in range(_MOST + 1))
"""Until the next review, by successes."""
_HALVED: Final = tuple(measures.half_life(successes) for successes in range(_MOST + 1))
"""Days until half is forgotten, by successes."""


class Memory(NamedTuple):
    """`successes` are spaced by a day or more; `day` is that of the last, in days since 1970."""

    successes: int
    day: int

    @property
    def due(self) -> int:
        """The first day on which a review is worth it, never the same day."""
        return self.day + _DAYS[self.successes if self.successes < _MOST else _MOST]

    def forgotten(self, day: int) -> float:
        """The probability, 0..1, that it is not recalled on a day."""
        half = _HALVED[self.successes if self.successes < _MOST else _MOST]
        return 1.0 - float(2.0 ** (-max(0.0, day - self.day) / half))

    def reviewed(self, day: int) -> "Memory":
        """After a review that went well."""
        return made(Memory, (self.successes + 1, day))


def memories(gist: Gist, skills: Iterable[str], shift_ms: int = 0) -> dict[str, Memory]:
    """The memories of skills that were ever answered well; `shift_ms` is the learner's distance from UTC."""
    found = {}
    for skill in skills:
        known = gist.skill(skill)
        if known.success_at is not None:
            found[skill] = Memory(known.successes, (known.success_at + shift_ms) // DAY_MS)
    return found
