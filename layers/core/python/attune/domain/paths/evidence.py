"""What happened outside a path that may move it: answers, lessons read, and where the learner stands now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from attune.domain.course import Course
from attune.domain.recommendations.situation import Standing

WEAKER: Final = 0.5
"""What an answer weighs for a skill that the answered one builds upon; less by the same again for each step back."""


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


class Implied(NamedTuple):
    """Weaker evidence that a passed test-out is for a skill: to be counted as a right answer (`score` 1) of `weight`
    (0..0.5) at `at` (ms), under the id of the `step` so that it counts once; `item` was the one answered."""

    skill: str
    weight: float
    score: float
    at: int
    step: str
    item: str


def implied(course: Course, covers: Sequence[str], step: str, item: str, at: int) -> tuple[Implied, ...]:
    """What a passed test-out says of the skills that its last one builds upon, nearest first."""
    needs = {skill.id: skill.prerequisites for skill in course.skills}
    found: dict[str, float] = {covers[-1]: 1.0} if covers else {}
    pending = list(found)
    for skill in pending:
        for need in needs.get(skill, ()):
            if need in covers and need not in found:
                found[need] = found[skill] * WEAKER
                pending.append(need)
    return tuple(Implied(skill, weight, 1.0, at, step, item) for skill, weight in found.items() if skill != covers[-1])
