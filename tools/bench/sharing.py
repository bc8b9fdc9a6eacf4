"""How many lessons are written for how many that are read: one text serves all learners of a persona."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attune.domain.course import Course
from attune.domain.manifest import read
from attune.domain.persona import language_of, project
from tools import course as courses
from tools.template import ROOT


@dataclass(frozen=True, slots=True)
class Shared:
    """What a trace of readers comes to: lessons opened, and written with one text a persona, and one a learner."""

    opened: int
    written: int
    alone: int

    @property
    def hits(self) -> float:
        """The share of openings for which nothing had to be written."""
        return 1 - self.written / self.opened

    @property
    def hits_alone(self) -> float:
        """The same if every learner had texts of their own."""
        return 1 - self.alone / self.opened


def shipped(name: str) -> Course:
    """A course that ships."""
    return read(name, 1, courses.read(ROOT / "courses" / name).manifest)


def trace(course: Course, learners: int, opened: int, seed: int = 1) -> Shared:
    """Learners with answers drawn at random open lessons by Zipf's law: the first most, the tenth a tenth as often."""
    rng = random.Random(seed)  # noqa: S311, nothing secret is drawn
    lessons = list(course.lessons)
    weights = [1 / rank for rank in range(1, len(lessons) + 1)]
    readers = []
    for _ in range(learners):
        answers = _answers(course, rng)
        readers.append((tuple(sorted(project(course, answers).items())), language_of(course, answers)))
    written, alone = set(), set()
    for _ in range(opened):
        reader, (lesson,) = rng.randrange(learners), rng.choices(lessons, weights)
        written.add((lesson, readers[reader]))
        alone.add((lesson, reader))
    return Shared(opened, len(written), len(alone))


def _answers(course: Course, rng: random.Random) -> Mapping[str, Any]:
    return {question.id: rng.choice(question.options).value for question in course.questionnaire if question.options}
