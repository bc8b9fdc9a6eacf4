"""The course as it is read: the book's tree, and lessons."""

from collections.abc import Mapping
from typing import Any

from attune.domain.course import Chapter, Course, Item, LessonEntry, Part
from attune.domain.text import said
from attune.edge.views import View


class LessonRowView(View):
    """A lesson in the book's tree."""

    slug: str
    title: str
    kind: str
    minutes: int
    layer: str | None
    difficulty: int
    skills: list[str]
    formats: list[str]
    goals: list[str]
    prerequisites: list[str]
    content_hash: str

    @classmethod
    def of(cls, entry: LessonEntry, language: str, default: str) -> "LessonRowView":
        return cls(**_lesson(entry, language, default))


class LessonView(LessonRowView):
    """A lesson with its published Markdown."""

    content: str
    language: str
    version: int

    @classmethod
    def with_text(cls, entry: LessonEntry, course: Course, content: str) -> "LessonView":
        default = course.default_language
        return cls(**_lesson(entry, default, default), content=content, language=default, version=course.version)


def _lesson(entry: LessonEntry, language: str, default: str) -> Mapping[str, Any]:
    return {
        "slug": entry.slug,
        "title": said(entry.title, language, default),
        "kind": entry.kind,
        "minutes": entry.minutes,
        "layer": entry.layer,
        "difficulty": entry.difficulty,
        "skills": list(entry.skills),
        "formats": list(entry.formats),
        "goals": list(entry.goals),
        "prerequisites": list(entry.prerequisites),
        "content_hash": entry.content_hash,
    }


class ChapterView(View):
    id: str
    number: int
    title: str
    prerequisites: list[str]
    transition: str | None
    lessons: list[LessonRowView]

    @classmethod
    def of(cls, chapter: Chapter, language: str, default: str) -> "ChapterView":
        return cls(
            id=chapter.id,
            number=chapter.number,
            title=said(chapter.title, language, default),
            prerequisites=list(chapter.prerequisites),
            transition=said(chapter.transition, language, default) or None,
            lessons=[LessonRowView.of(entry, language, default) for entry in chapter.lessons],
        )


class PartView(View):
    id: str
    number: int
    title: str
    tier: str | None
    weeks: list[int]
    chapters: list[ChapterView]

    @classmethod
    def of(cls, part: Part, language: str, default: str) -> "PartView":
        return cls(
            id=part.id,
            number=part.number,
            title=said(part.title, language, default),
            tier=part.tier,
            weeks=list(part.weeks),
            chapters=[ChapterView.of(chapter, language, default) for chapter in part.chapters],
        )


class SkillView(View):
    id: str
    title: str
    prerequisites: list[str]
    weight: float


class ItemView(View):
    """Something to practise; its answer key is not shown."""

    id: str
    title: str
    kind: str
    skills: list[str]
    difficulty: int
    minutes: int
    formats: list[str]
    lesson: str | None
    phases: list[str]
    prompt: str | None
    choices: dict[str, str]

    @classmethod
    def of(cls, item: Item, raw: Mapping[str, Any], language: str, default: str) -> "ItemView":
        return cls(
            id=item.id,
            title=said(item.title, language, default),
            kind=item.kind,
            skills=list(item.skills),
            difficulty=item.difficulty,
            minutes=item.minutes,
            formats=list(item.formats),
            lesson=item.lesson,
            phases=list(item.phases),
            prompt=said(raw.get("prompt"), language, default) or None,
            choices={name: said(text, language, default) for name, text in raw.get("choices", {}).items()},
        )


class BookView(View):
    """The whole tree of the current version."""

    course: str
    version: int
    title: str
    language: str
    languages: list[str]
    parts: list[PartView]
    items: list[ItemView]
    skills: list[SkillView]

    @classmethod
    def of(cls, course: Course, language: str) -> "BookView":
        default = course.default_language
        raw = course.manifest.get("items", [])
        return cls(
            course=course.id,
            version=course.version,
            title=said(course.title, language, default),
            language=language,
            languages=list(course.languages),
            parts=[PartView.of(part, language, default) for part in course.parts],
            items=[ItemView.of(item, raw[place], language, default) for place, item in enumerate(course.items)],
            skills=[
                SkillView(
                    id=skill.id,
                    title=said(skill.title, language, default),
                    prerequisites=list(skill.prerequisites),
                    weight=skill.weight,
                )
                for skill in course.skills
            ],
        )
