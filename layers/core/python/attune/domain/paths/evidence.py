"""What happened outside a path that may move it: answers, lessons read, and where the learner stands now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from attune.domain.course import Course
from attune.domain.recommendations.situation import Standing


class Answer(NamedTuple):
    """An accepted answer: `at` in ms, `score` 0..1."""

    item: str
    at: int
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """`answers` are new, in the order of time; `last` is by item when (ms) and how well it was answered last.

    `read` is by slug when (ms) a lesson was completed. `standings` are those after the answers.
    """

    course: Course
    standings: Mapping[str, Standing]
    answers: Sequence[Answer] = ()
    last: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
