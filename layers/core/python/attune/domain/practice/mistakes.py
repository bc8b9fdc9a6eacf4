"""What is remembered of one category of mistakes, and when it is a weakness.

Severity follows what happened at each opportunity: it rises towards the mistake's cost, falls with each success, and
fades with time. It is a weakness from three mistakes on; when it has all but gone, the count begins anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from attune.domain.instants import DAY_MS
from attune.domain.practice.attempt import Attempt

FEWEST: Final = 3
RISE: Final = 0.35
FALL: Final = 0.75
FADE_DAYS: Final = 30.0
"""Days after which severity and old opportunities count half."""
GONE: Final = 0.1
CITED: Final = 5


@dataclass(frozen=True, slots=True)
class MistakeMemory:
    """`count` since it last was gone; `mistakes` and `opportunities` fade; `cited` are the newest attempts' ids."""

    count: int = 0
    severity: float = 0.0
    mistakes: float = 0.0
    opportunities: float = 0.0
    at: int = 0
    phases: Mapping[str, int] = field(default_factory=dict)
    cited: tuple[str, ...] = ()

    def severity_at(self, now: int) -> float:
        return self.severity * _faded(now - self.at)

    def is_weakness(self, now: int) -> bool:
        return self.count >= FEWEST and self.severity_at(now) >= GONE

    @property
    def frequency(self) -> float:
        """The share of opportunities at which the mistake was made, 0..1."""
        return min(1.0, self.mistakes / self.opportunities) if self.opportunities else 0.0

    @property
    def phase(self) -> str | None:
        """Where it happens most often; the first in the alphabet of several."""
        return min(self.phases, key=lambda phase: (-self.phases[phase], phase)) if self.phases else None

    def to_json(self) -> list[Any]:
        """A compact row that `from_json` reads."""
        numbers = [self.count, self.severity, self.mistakes, self.opportunities, self.at]
        return [*numbers, dict(self.phases), list(self.cited)]

    @classmethod
    def from_json(cls, row: list[Any]) -> "MistakeMemory":
        """What `to_json` wrote."""
        count, severity, mistakes, opportunities, at, phases, cited = row
        return cls(count, severity, mistakes, opportunities, at, phases, tuple(cited))


def after(memory: MistakeMemory, category: str, attempt: Attempt) -> MistakeMemory:
    """The memory of a category after an attempt at which its mistake could have been made."""
    faded = _faded(attempt.at - memory.at) if memory.at else 1.0
    was = replace(
        memory,
        severity=memory.severity * faded,
        mistakes=memory.mistakes * faded,
        opportunities=memory.opportunities * faded + 1.0,
        at=attempt.at,
    )
    if memory.severity >= GONE > was.severity:
        was = replace(was, count=0, phases={}, cited=())
    if attempt.mistake == category:
        cost = max(1.0 - attempt.score, min(1.0, attempt.loss or 0.0))
        phase = {attempt.phase: was.phases.get(attempt.phase, 0) + 1} if attempt.phase else {}
        return replace(
            was,
            count=was.count + 1,
            severity=was.severity + RISE * (cost - was.severity),
            mistakes=was.mistakes + 1.0,
            phases={**was.phases, **phase},
            cited=(*was.cited, attempt.id)[-CITED:],
        )
    if not attempt.success:
        return was
    less = replace(was, severity=was.severity * FALL)
    return less if less.severity >= GONE else replace(less, count=0, phases={}, cited=())


def _faded(milliseconds: int) -> float:
    return float(2.0 ** (-max(0, milliseconds) / DAY_MS / FADE_DAYS))
