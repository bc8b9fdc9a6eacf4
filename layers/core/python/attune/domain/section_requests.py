"""From a published lesson and a persona to what a writer is asked: one request a section, and the keys they make."""

import re
from collections.abc import Iterator, Mapping, Sequence

from attune.domain.course import Course, GlossaryTerm
from attune.domain.lesson import Lesson, misaligned, parse
from attune.domain.lesson_text import LessonText
from attune.domain.section import SectionRequest, Style, Term, digest
from attune.domain.text import said
from attune.domain.writing import DEFAULT, WritingParameters


def lesson_in(text: LessonText, course: Course, language: str) -> tuple[Lesson, str]:
    """The lesson to start from, and its language: the author's translation where there is a fitting one."""
    original = parse(text.content)
    if language in text.translations and language != course.default_language:
        translated = parse(text.translations[language])
        if not misaligned(original, translated):
            return translated, language
    return original, course.default_language


def section_requests(
    course: Course,
    text: LessonText,
    persona: Mapping[str, str],
    language: str,
    style: Style,
    edition: int = 0,
    writing: WritingParameters = DEFAULT,
) -> list[SectionRequest]:
    """What a writer is asked for each section of a lesson; whatever parameters change of it is in its key."""
    lesson, source_language = lesson_in(text, course, language)
    instructions = tuple(
        course.instructions[name][value]
        for name, value in sorted(persona.items())
        if value in course.instructions.get(name, {})
    )
    define_terms = any(persona.get(name) in values for name, values in course.define_terms_for.items())
    grades = [told[persona[name]] for name, told in course.readability.items() if persona.get(name) in told]
    terms = [
        Term(entry.term, _definition(entry, course, language) if writing.defines(entry.term) else None)
        for entry in course.glossary
    ]
    return [
        SectionRequest(
            lesson_title=lesson.title,
            title=section.title,
            outline=lesson.outline,
            source=section.text,
            source_language=source_language,
            language=language,
            persona=persona,
            instructions=instructions,
            glossary=tuple(term for term in terms if occurs(term.term, section.text)),
            define_terms=define_terms,
            style=style,
            edition=edition,
            readability=writing.grade(min(grades, default=None)),
        )
        for section in lesson.sections
    ]


def _definition(entry: GlossaryTerm, course: Course, language: str) -> str | None:
    return said(entry.definition, language, course.default_language) or None


def occurs(term: str, text: str) -> bool:
    """Whether a term stands in a text as a word of its own."""
    return term.lower() in text.lower() and word(term).search(text) is not None


def word(term: str) -> re.Pattern[str]:
    """A term as a word of its own, in the plural too; its case counts if it holds capitals (BB is not bb)."""
    pattern = rf"(?<!\w){re.escape(term)}(?:s|es)?(?!\w)"
    return re.compile(pattern, 0 if term != term.lower() else re.IGNORECASE)


def terms_in(course: Course, text: LessonText) -> Iterator[str]:
    """The glossary terms that occur in a lesson, in the glossary's order."""
    return (entry.term for entry in course.glossary if occurs(entry.term, text.content))


def variant_key(keys: Sequence[str]) -> str:
    """The key of a whole lesson is that of its sections in order."""
    return digest(list(keys))
