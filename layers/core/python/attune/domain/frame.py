"""What stands around a personalized lesson: made by rules for each reader, at no model call, in no shared text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, islice

from attune.domain.answers import Answers
from attune.domain.course import Course, LessonEntry
from attune.domain.phrases import listed, phrase
from attune.domain.text import said

MAX_TERMS = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """Plain sentences before the lesson, after it, and about what to do next, in the reader's language."""

    introduction: str
    recap: str
    next: str


NONE = Frame("", "", "")
"""Where nothing is to stand around a lesson."""


def around(course: Course, slug: str, answers: Answers, terms: Sequence[str], language: str) -> Frame:
    """The frame of a lesson for a reader with these answers; `terms` are the glossary terms in the lesson."""
    entry, default = course.lessons[slug], course.default_language
    goals = _goals(course, answers)
    aims = [said(goal.title, language, default) for goal in course.goals if goal.id in goals and goal.id in entry.goals]
    introduction = [phrase("lesson_takes", language, minutes=entry.minutes)]
    if aims:
        introduction.append(phrase("for_goal", language, goals=listed(aims, language)))
    introduction.extend(_said_to(course, answers, language))
    skills = [said(skill.title, language, default) for skill in course.skills if skill.id in entry.skills]
    recap = []
    if skills:
        recap.append(phrase("recap_skills", language, skills=listed(skills, language)))
    if terms:
        recap.append(phrase("recap_terms", language, terms=listed(list(terms)[:MAX_TERMS], language)))
    return Frame(" ".join(introduction), " ".join(recap), _next(course, slug, goals, language))


def _goals(course: Course, answers: Answers) -> set[str]:
    """What the reader aims at: the answers that are goals of the course."""
    known = {goal.id for goal in course.goals}
    given = (answer for answer in answers.values() if isinstance(answer, list | tuple))
    return {value for values in given for value in values if value in known}


def _said_to(course: Course, answers: Answers, language: str) -> Iterator[str]:
    """The sentences that the author wrote for these answers."""
    for question in course.questionnaire:
        answer = answers.get(question.id)
        given = answer if isinstance(answer, list | tuple) else [answer]
        for option in question.options:
            if option.value in given and option.frame:
                yield said(option.frame, language, course.default_language)


def _next(course: Course, slug: str, goals: set[str], language: str) -> str:
    """The first of the next three lessons that serves a goal of the reader, else simply the next."""
    order = dropwhile(slug.__ne__, course.lessons)
    following = [course.lessons[name] for name in islice(order, 1, 4)]
    if not following:
        return phrase("next_none", language)
    serving = next((entry for entry in following if goals & set(entry.goals)), None)
    return _go_on(course, serving or following[0], "next_for_goal" if serving else "next_lesson", language)


def _go_on(course: Course, entry: LessonEntry, name: str, language: str) -> str:
    title = said(entry.title, language, course.default_language)
    return phrase(name, language, title=title, minutes=entry.minutes)
