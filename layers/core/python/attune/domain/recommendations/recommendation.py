"""A recommendation with its reasons, and what became of everything else that could have been one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LEARN: Final = "learn"
PRACTISE: Final = "practise"
REVIEW: Final = "review"
RETRY: Final = "retry"
RESUME: Final = "resume"
ASSESS: Final = "assess"
KINDS: Final = (LEARN, PRACTISE, REVIEW, RETRY, RESUME, ASSESS)

PAST_GAIN: Final = "mean_past_gain_of_kind"
NO_HISTORY: Final = "no_history"


@dataclass(frozen=True, slots=True)
class Reason:
    """One factor of a score; the weights of all reasons add up to the priority."""

    code: str
    params: Mapping[str, Any]
    weight: float


@dataclass(frozen=True, slots=True)
class Expected:
    """The rating points that this kind has brought on average, over `n`; None while there is no history."""

    points: float | None = None
    basis: str = NO_HISTORY
    n: int = 0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`item` is an item's id or a lesson's slug, `skills` what it trains, `prerequisites` the skills that these need.

    `priority` is 1 for the best candidate, `p_success` the expected score, `propensity` the probability of having been
    drawn at this place after those before it. `exceeds_time`: nothing fitted the minutes, this is the shortest.
    """

    kind: str
    item: str
    minutes: int
    difficulty: int
    skills: tuple[str, ...]
    prerequisites: tuple[str, ...]
    priority: float
    reasons: tuple[Reason, ...]
    p_success: float
    propensity: float
    expected: Expected
    exceeds_time: bool = False

    def to_json(self) -> list[Any]:
        """A short list that `from_json` reads: many of them stand in one row."""
        return [
            self.kind,
            self.item,
            self.minutes,
            self.difficulty,
            list(self.skills),
            list(self.prerequisites),
            self.priority,
            [[reason.code, dict(reason.params), reason.weight] for reason in self.reasons],
            self.p_success,
            self.propensity,
            [self.expected.points, self.expected.n],
            int(self.exceeds_time),
        ]

    @classmethod
    def from_json(cls, plain: list[Any]) -> "Recommendation":
        """What `to_json` wrote."""
        kind, item, minutes, difficulty, skills, needs, priority, reasons, p, propensity, expected, exceeds = plain
        return cls(
            kind=kind,
            item=item,
            minutes=minutes,
            difficulty=difficulty,
            skills=tuple(skills),
            prerequisites=tuple(needs),
            priority=priority,
            reasons=tuple(Reason(*reason) for reason in reasons),
            p_success=p,
            propensity=propensity,
            expected=expected_gain(*expected),
            exceeds_time=bool(exceeds),
        )


def expected_gain(points: float | None, n: int) -> Expected:
    """What a kind may bring by what it has brought; nothing is invented without a history."""
    return Expected() if points is None or n < 1 else Expected(points, PAST_GAIN, n)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that is not shown, and the one rule that says why."""

    item: str
    rule: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A set in the order of its draws. `empty_reason` says why there is none, `due` how many skills are due."""

    recommendations: tuple[Recommendation, ...]
    dropped: tuple[Dropped, ...]
    empty_reason: str | None
    due: int
    exceeds_time: bool = False
