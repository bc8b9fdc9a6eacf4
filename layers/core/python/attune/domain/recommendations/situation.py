"""What a ranking depends on, as plain numbers: the course, what is known of the learner, and what is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from attune.domain.course import Course

DAY = 86400.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a learner in one skill.

    `mastery`, `confidence` and `recall` are 0..1, `rating` 0..2000, `attempts` the answers given, `trend` rating
    points a week. `recall` is None while there is nothing to forget; `due` says that it is time for a review.
    `source` is prior, evidence or claim.
    """

    mastery: float
    rating: float
    confidence: float
    attempts: int
    recall: float | None
    due: bool
    source: str
    trend: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, what the request left open being filled in already from what is stored.

    `difficulty` 1..5 is a wish, by the request itself if `difficulty_asked`. `focus` holds ids of skills, items and
    lessons: as long as any of them can be shown, nothing else is. `exclude` holds the same ids; `goals` ids of goals
    or skills; `kinds` the kinds wanted, all if empty.
    """

    count: int = 5
    minutes: int = 30
    difficulty: int | None = None
    difficulty_asked: bool = False
    focus: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    goals: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the learner answered to earlier recommendations.

    `declined` says when (seconds since the epoch) and `reasons` why an item was declined. `shift` moves the success
    that is aimed at: above 0 for things that were too hard, already faded. `tallies` holds by "kind:difficulty" how
    often such a thing was welcome and how often not. `accepted` are items not completed yet.
    """

    declined: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    shift: float = 0.0
    tallies: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mistakes:
    """A category of mistakes that the learner makes: how often, the share it has (0..1) and what it costs (0..1)."""

    category: str
    n: int
    severity: float
    frequency: float
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything known at `now` (seconds since the epoch).

    `standings` and `p`, the expected scores, hold every skill and item of the course. `last` says when an item was
    answered last and with what score, `lessons` which are started or completed, `expectations` how many points a kind
    has brought so far on average and over how many. `beginner` asks for the first layers first.
    """

    course: Course
    now: float
    standings: Mapping[str, Standing]
    p: Mapping[str, float]
    last: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    lessons: Mapping[str, str] = field(default_factory=dict)
    weaknesses: Sequence[Mistakes] = ()
    feedback: Feedback = field(default_factory=Feedback)
    expectations: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    style: Mapping[str, float] = field(default_factory=dict)
    challenge: float = 0.5
    onboarded: bool = False
    overall: float | None = None
    learning_velocity: float | None = None
    beginner: bool = False
