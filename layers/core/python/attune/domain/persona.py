"""A persona is what a writer may know of a reader: a closed, coarse projection of the answers, chosen by the course."""

import itertools
from collections.abc import Iterator, Mapping

from attune.domain.answers import Answers
from attune.domain.course import Course, Dimension

Persona = Mapping[str, str]


def project(course: Course, answers: Answers) -> Persona:
    """The persona of a reader who gave these answers; a question not answered counts by its default."""
    return dict(_projected(course, answers))


def _projected(course: Course, answers: Answers) -> Iterator[tuple[str, str]]:
    for dimension in course.persona:
        question = course.question(dimension.question)
        offered = [_value(option.value) for option in question.options] if question else []
        given = _value(answers.get(dimension.question, question.default if question else None))
        # An answer to an earlier questionnaire may be one that is not offered any more.
        value = given if given in offered else next(iter(offered), given)
        yield dimension.name, dimension.values.get(value, value)


def _value(answer: object) -> str:
    return str(answer).lower() if isinstance(answer, bool) else str(answer)


def language_of(course: Course, answers: Answers) -> str:
    """The language that the reader chose among the course's, else the course's first."""
    chosen = answers.get(course.language_question) if course.language_question else None
    return chosen if isinstance(chosen, str) and chosen in course.languages else course.default_language


def everybody(course: Course) -> Iterator[Persona]:
    """Every persona that any set of answers can give, each once: it bounds what can ever be written."""
    sides = [[(dimension.name, value) for value in values_of(course, dimension)] for dimension in course.persona]
    return (dict(choice) for choice in itertools.product(*sides))


def values_of(course: Course, dimension: Dimension) -> list[str]:
    """The values that one part of a persona can have, each once."""
    question = course.question(dimension.question)
    offered = [_value(option.value) for option in question.options] if question else []
    return list(dict.fromkeys(dimension.values.get(value, value) for value in offered))
