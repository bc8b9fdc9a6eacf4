"""A persona is what a writer may know of a reader: a closed, coarse projection of the answers, chosen by the course."""

import itertools
from collections.abc import Iterator, Mapping

from attune.domain.answers import Answers
from attune.domain.course import Course

Persona = Mapping[str, str]


def project(course: Course, answers: Answers) -> Persona:
    """The persona of a reader who gave these answers; a question not answered counts by its default."""
    return dict(_projected(course, answers))


def _projected(course: Course, answers: Answers) -> Iterator[tuple[str, str]]:
    for dimension in course.persona:
        question = course.question(dimension.question)
        answer = answers.get(dimension.question, question.default if question else None)
        value = str(answer).lower() if isinstance(answer, bool) else str(answer)
        yield dimension.name, dimension.values.get(value, value)


def language_of(course: Course, answers: Answers) -> str:
    """The language that the reader chose among the course's, else the course's first."""
    chosen = answers.get(course.language_question) if course.language_question else None
    return chosen if isinstance(chosen, str) and chosen in course.languages else course.default_language


def everybody(course: Course) -> Iterator[Persona]:
    """Every persona that any set of answers can give, each once: it bounds what can ever be written."""
    sides = []
    for dimension in course.persona:
        question = course.question(dimension.question)
        values = (
            [str(o.value).lower() if isinstance(o.value, bool) else str(o.value) for o in question.options]
            if question
            else []
        )
        sides.append([(dimension.name, value) for value in dict.fromkeys(dimension.values.get(v, v) for v in values)])
    return (dict(choice) for choice in itertools.product(*sides))
