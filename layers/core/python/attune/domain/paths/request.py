"""What a plan depends on: the learner's situation, the goal, the time there is, and the learner's pace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from attune.domain.paths.goal import Goal
from attune.domain.paths.memory import Memory
from attune.domain.paths.pace import Pace
from attune.domain.paths.parameters import DEFAULT, PlanningParameters
from attune.domain.recommendations.situation import Situation

DURATION: Final = 30
LONGEST: Final = 366
"""Days that a plan may take."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """`today` and `deadline` (the last day, included) are days since 1970 where the learner lives.

    `minutes_per_day` is never exceeded; the plan has `duration` days from today, fewer if the deadline is earlier.
    `memories` are the skills that reviews keep alive. `known` are skills that a test-out has shown. `attendance` is
    the share of days on which the learner studies, above 0 and at most 1. `check_all` asks for a test-out wherever it
    may save time, not only where the learner told of knowledge. `doubtful` are skills with misses in a row.
    `parameters` are how it is planned.
    """

    situation: Situation
    goal: Goal
    today: int
    minutes_per_day: int
    duration: int = DURATION
    deadline: int | None = None
    pace: Pace = field(default_factory=Pace)
    memories: Mapping[str, Memory] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    attendance: float = 1.0
    check_all: bool = False
    doubtful: frozenset[str] = frozenset()
    parameters: PlanningParameters = DEFAULT

    @property
    def now(self) -> int:
        """In ms since 1970."""
        return int(self.situation.now * 1000)

    @property
    def days(self) -> int:
        """How many days there are, today included; 0 where the deadline has passed."""
        if self.deadline is None:
            return self.duration
        return max(0, min(self.duration, self.deadline - self.today + 1))
