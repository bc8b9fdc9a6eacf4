"""Answers to a course's questionnaire: a value for each question, checked against what the course offers."""

from collections.abc import Iterator, Mapping, Sequence

from attune.domain.course import Course, Question
from attune.domain.errors import Flaw, pointer

Answer = str | bool | Sequence[str]
Answers = Mapping[str, Answer]


def check(course: Course, given: Mapping[str, object], *, complete: bool) -> tuple[dict[str, Answer], list[Flaw]]:
    """The answers in normal form (lists sorted as the course lists them, each value once), and everything wrong.

    `complete` demands every required question and fills in the defaults of the others; else any subset will do.
    """
    flaws = [
        Flaw(pointer("", name), "The course asks no such question.", "unknown_question")
        for name in given
        if course.question(name) is None
    ]
    clean: dict[str, Answer] = {}
    for question in course.questionnaire:
        if question.id in given:
            wrong = _flaw(question, given[question.id])
            if wrong:
                flaws.append(wrong)
            else:
                clean[question.id] = _normal(question, given[question.id])
        elif complete and question.required:
            flaws.append(Flaw(f"/{question.id}", "This question must be answered.", "missing"))
        elif complete and question.default is not None:
            clean[question.id] = _normal(
                question, [question.default] if question.kind == "choices" else question.default
            )
    return clean, flaws


def _flaw(question: Question, value: object) -> Flaw | None:
    place = f"/{question.id}"
    offered = [option.value for option in question.options]
    if question.kind == "boolean":
        return None if isinstance(value, bool) else Flaw(place, "True or false.", "wrong_type")
    if question.kind == "choice":
        if not isinstance(value, str):
            return Flaw(place, "A string.", "wrong_type")
        return None if value in offered else Flaw(place, _offer(offered), "not_offered")
    if not isinstance(value, list):
        return Flaw(place, "A list of strings.", "wrong_type")
    if not value:
        return Flaw(place, "At least one.", "too_few")
    for number, entry in enumerate(value):
        if not isinstance(entry, str) or entry not in offered:
            return Flaw(f"{place}/{number}", _offer(offered), "not_offered")
    return None


def _offer(values: Sequence[str | bool]) -> str:
    return f"One of {', '.join(map(str, values))}."


def _normal(question: Question, value: object) -> Answer:
    if isinstance(value, list):
        return [str(option.value) for option in question.options if option.value in value]
    return value if isinstance(value, bool) else str(value)


def sets(course: Course) -> Iterator[dict[str, Answer]]:
    """Every complete set of answers that the questionnaire can be given."""
    filled: list[dict[str, Answer]] = [{}]
    for question in course.questionnaire:
        values: list[Answer] = [option.value for option in question.options]
        if question.kind == "choices":
            names = [str(value) for value in values]
            values = [[name for bit, name in enumerate(names) if mask >> bit & 1] for mask in range(1, 1 << len(names))]
        filled = [{**answers, question.id: value} for answers in filled for value in values]
    return iter(filled)
