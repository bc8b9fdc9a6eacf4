"""Publish a course: everything is checked and written first, then the version switches in one write."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from attune.domain import course_rules, lesson, sound
from attune.domain.course import Course, LessonEntry
from attune.domain.errors import Flaw, Invalid, NotFound
from attune.domain.hashing import content_hash, exact
from attune.domain.lesson_text import LessonText
from attune.domain.manifest import read
from attune.domain.persona import everybody, values_of
from attune.store import courses


@dataclass(frozen=True, slots=True)
class Published:
    """The version that is current now; `changed` counts the lessons whose text is not that of the version before."""

    version: int
    changed: int
    lessons: int
    skills: int
    personas: int


@dataclass(frozen=True, slots=True)
class Staged:
    """A lesson's text as kept for the next publication."""

    slug: str
    content_hash: str
    sections: int


def stage(course_id: str, slug: str, text: LessonText, now: datetime) -> Staged:
    """Check a lesson's text and keep it. Raises `Invalid`. A text that is kept already is not written again."""
    parsed = lesson.parse(text.content)
    flaws = [*parsed.flaws(), *_unsound("/content", text.content)]
    for language, translation in text.translations.items():
        translated = lesson.parse(translation)
        if lesson.misaligned(parsed, translated):
            detail = "A translation has the headings of the original, in their order."
            flaws.append(Flaw(f"/translations/{language}", detail, "misaligned"))
        flaws.extend(Flaw(f"/translations/{language}", flaw.detail, flaw.code) for flaw in translated.flaws())
        flaws.extend(_unsound(f"/translations/{language}", translation))
    if flaws:
        raise Invalid(*flaws)
    hashed = content_hash(text.content)
    courses.stage(course_id, slug, text, hashed, now)
    return Staged(slug, hashed, len(parsed.sections))


def publish(course_id: str, manifest: Mapping[str, Any], now: datetime) -> Published:
    """Make the manifest, with the texts kept for its lessons, the current version. Raises `Invalid`, `Conflict`.

    The same manifest and texts again are the version that is current already, and write nothing.
    """
    was, before = _before(course_id, now)
    course_rules.check(read(course_id, 0, manifest))
    texts = {slug: {"content_hash": e.content_hash, "text_id": e.text_id} for slug, e in before.items()}
    for slug, kept in courses.staged(course_id, now).items():
        texts[slug] = {"content_hash": kept.content_hash, "text_id": kept.text_id}
    complete = dict(manifest, parts=list(_with_texts(manifest, texts)))
    course = read(course_id, 0, complete)
    changed = sum(1 for slug, e in course.lessons.items() if slug not in before or before[slug].text_id != e.text_id)
    if was is None or was.digest != exact(complete):
        _check_blocks(course, before if was and courses.load(was, now).persona == course.persona else {}, now)
        was = courses.publish(course_id, complete, was, now)
    return _published(course, was.version, changed)


def _unsound(pointer: str, markdown: str) -> Iterator[Flaw]:
    """What could run or hide in a reader's page."""
    return (Flaw(pointer, f"Line {found.line}: {found.detail}", found.code) for found in sound.findings(markdown))


def _check_blocks(course: Course, checked: Mapping[str, LessonEntry], now: datetime) -> None:
    """Raise `Invalid` for blocks that no reader of this course would ever see, but in texts that are `checked`."""
    personas = {dimension.name: values_of(course, dimension) for dimension in course.persona}
    flaws = []
    for p, part in enumerate(course.parts):
        for c, chapter in enumerate(part.chapters):
            for n, entry in enumerate(chapter.lessons):
                if entry.slug in checked and checked[entry.slug].text_id == entry.text_id:
                    continue
                text = courses.text(course.id, entry.slug, entry.text_id, now)
                for language, markdown in (("", text.content), *text.translations.items()):
                    of = f" of the translation to {language}" if language else ""
                    flaws += [
                        Flaw(
                            f"/parts/{p}/chapters/{c}/lessons/{n}/slug",
                            f"Line {found.line}{of}: {found.detail}",
                            found.code,
                        )
                        for found in sound.unknown_attributes(markdown, personas)
                    ]
    if flaws:
        raise Invalid(*flaws)


def switch(course_id: str, version: int, now: datetime) -> Published:
    """Make an earlier version current again. Raises `NotFound`, `Conflict`."""
    was, before = _before(course_id, now)
    if was is None:
        raise NotFound("unknown_course", "No such course is published.")
    course = courses.load(courses.switch(course_id, version, was, now), now)
    after = course.lessons
    changed = sum(1 for slug, e in after.items() if slug not in before or before[slug].text_id != e.text_id)
    return _published(course, version, changed)


def _before(course_id: str, now: datetime) -> tuple[courses.Current | None, Mapping[str, Any]]:
    try:
        was = courses.current(course_id, now, consistent=True)
    except NotFound:
        return None, {}
    return was, courses.load(was, now).lessons


def _with_texts(manifest: Mapping[str, Any], texts: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    """The parts with each lesson's text named. Raises `Invalid` for lessons whose text was never sent."""
    missing = []
    parts = []
    for p, part in enumerate(manifest.get("parts", ())):
        chapters = []
        for c, chapter in enumerate(part.get("chapters", ())):
            entries = []
            for n, entry in enumerate(chapter.get("lessons", ())):
                if entry["slug"] not in texts:
                    pointer = f"/parts/{p}/chapters/{c}/lessons/{n}/slug"
                    missing.append(Flaw(pointer, "The text of this lesson was never sent.", "missing_text"))
                entries.append({**entry, **texts.get(entry["slug"], {})})
            chapters.append({**chapter, "lessons": entries})
        parts.append({**part, "chapters": chapters})
    if missing:
        raise Invalid(*missing)
    return iter(parts)


def _published(course: Course, version: int, changed: int) -> Published:
    personas = sum(1 for _ in everybody(course)) if course.persona else 0
    return Published(version, changed, len(course.lessons), len(course.skills), personas)
