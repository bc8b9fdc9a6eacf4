"""How many lessons are ever written: as many as there are lessons and personas, however many learners read them."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from attune.domain.course import Course
from attune.domain.lesson_text import LessonText
from attune.domain.manifest import read as read_course
from attune.domain.persona import everybody, language_of, project
from attune.domain.section import Style
from attune.domain.section_requests import section_requests, variant_key
from tools.course import read
from tools.template import ROOT

STYLE = Style("openai", "m-1", "chat", "1")
LEARNERS, LESSONS = 1_000, 60


@pytest.fixture(scope="module")
def course() -> Course:
    return read_course("physical-ai", 1, read(ROOT / "courses" / "physical-ai").manifest)


@pytest.fixture(scope="module")
def texts() -> list[LessonText]:
    """Sixty lessons: the twelve that are shipped, in five editions of their author."""
    shipped = read(ROOT / "courses" / "physical-ai").lessons
    return [
        LessonText(lesson.content.replace(" is ", f" is (as of edition {edition}) ", 1), {})
        for edition in range(LESSONS // len(shipped))
        for lesson in shipped
    ]


def learners(course: Course, count: int) -> Iterator[dict[str, Any]]:
    """So many who answer the questionnaire as chance has it."""
    chance = random.Random(1)
    for _ in range(count):
        told: dict[str, Any] = {}
        for question in course.questionnaire:
            offered = [option.value for option in question.options] or [True, False]
            several = chance.sample(offered, chance.randint(1, len(offered)))
            told[question.id] = several if question.kind == "choices" else several[0]
        yield told


class Written:
    """The lessons that were written so far, by key, and how often one was asked for."""

    def __init__(self, course: Course, texts: list[LessonText]) -> None:
        self.course, self.texts = course, texts
        self.keys: set[str] = set()
        self.asked = 0
        self._known: dict[tuple[int, str], str] = {}

    def ask(self, answers: dict[str, Any], lessons: int) -> None:
        """One learner opens the first so many lessons."""
        persona, language = project(self.course, answers), language_of(self.course, answers)
        reader = repr((sorted(persona.items()), language))
        for lesson in range(lessons):
            self.asked += 1
            if (lesson, reader) not in self._known:
                requests = section_requests(self.course, self.texts[lesson], persona, language, STYLE)
                self._known[lesson, reader] = variant_key([request.key for request in requests])
            self.keys.add(self._known[lesson, reader])


def test_a_thousand_learners_of_sixty_lessons_are_at_most_720_lesson_writes(
    course: Course, texts: list[LessonText]
) -> None:
    written = Written(course, texts)
    for answers in learners(course, LEARNERS):
        written.ask(answers, LESSONS)
    assert len(list(everybody(course))) == 12
    assert written.asked == 60_000
    assert len(written.keys) == 12 * LESSONS == 720


def test_i10_a_thousand_of_one_persona_are_a_write_for_each_lesson(course: Course, texts: list[LessonText]) -> None:
    written = Written(course, texts)
    same = next(learners(course, 1))
    projected = {dimension.question for dimension in course.persona}
    for answers in learners(course, LEARNERS):
        alike = {name: same[name] if name in projected else value for name, value in answers.items()}
        written.ask(alike, 10)
    assert written.asked == 10_000
    assert len(written.keys) == 10
