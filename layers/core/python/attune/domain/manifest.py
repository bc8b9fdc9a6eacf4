"""How a course is read from the description that its author sent."""

from collections.abc import Iterator, Mapping
from typing import Any

from attune.domain.course import (
    Chapter,
    Course,
    Dimension,
    GlossaryTerm,
    Goal,
    Item,
    LessonEntry,
    Mistake,
    Option,
    Part,
    Question,
    Skill,
    Template,
)

MASTERY = 0.6
"""The mastery of a prerequisite skill that opens what follows, where a course does not say otherwise."""


def read(course_id: str, version: int, manifest: Mapping[str, Any]) -> Course:
    """The course that a manifest describes; its shape was checked when it was sent, its meaning when published."""
    parts = tuple(_parts(manifest))
    items = tuple(_item(m) for m in manifest.get("items", ()))
    return Course(
        id=course_id,
        version=version,
        manifest=manifest,
        title=manifest.get("title") or course_id,
        languages=tuple(manifest.get("languages") or ("en",)),
        skills=tuple(
            Skill(m["id"], m.get("title") or m["id"], tuple(m.get("prerequisites", ())), m.get("weight", 1.0))
            for m in manifest.get("skills", ())
        ),
        mastery=manifest.get("mastery", MASTERY),
        glossary=tuple(_terms(manifest)),
        parts=parts,
        items=items,
        mistakes=tuple(_mistake(m) for m in manifest.get("mistakes", ())),
        goals=tuple(
            Goal(m["id"], m.get("title") or m["id"], tuple(m.get("skills", ()))) for m in manifest.get("goals", ())
        ),
        questionnaire=tuple(_question(m) for m in manifest.get("questionnaire", ())),
        language_question=manifest.get("language_question"),
        persona=tuple(_dimension(name, m) for name, m in manifest.get("persona", {}).items()),
        define_terms_for={
            name: tuple(values) for name, values in manifest.get("writing", {}).get("define_terms_for", {}).items()
        },
        instructions=manifest.get("writing", {}).get("instructions", {}),
        readability=manifest.get("writing", {}).get("readability", {}),
        preferences=manifest.get("preferences", {}),
        lessons={entry.slug: entry for part in parts for chapter in part.chapters for entry in chapter.lessons},
        items_by_id={item.id: item for item in items},
        templates=tuple(_template(m) for m in manifest.get("templates", ())),
    )


def _terms(manifest: Mapping[str, Any]) -> Iterator[GlossaryTerm]:
    for entry in manifest.get("glossary", ()):
        yield (
            GlossaryTerm(entry, None)
            if isinstance(entry, str)
            else GlossaryTerm(entry["term"], entry.get("definition"))
        )


def _parts(manifest: Mapping[str, Any]) -> Iterator[Part]:
    number = 0
    for place, part in enumerate(manifest.get("parts", ()), start=1):
        chapters = []
        for chapter in part.get("chapters", ()):
            number = chapter.get("number") or number + 1
            chapters.append(_chapter(number, chapter))
        yield Part(
            part["id"],
            part.get("number") or place,
            part.get("title") or part["id"],
            part.get("tier"),
            tuple(part.get("weeks", ())),
            tuple(chapters),
        )


def _chapter(number: int, chapter: Mapping[str, Any]) -> Chapter:
    id_ = chapter.get("id") or f"chapter-{number}"
    return Chapter(
        id_,
        number,
        chapter.get("title") or id_,
        tuple(chapter.get("prerequisites", ())),
        chapter.get("transition"),
        tuple(_lesson(entry) for entry in chapter.get("lessons", ())),
    )


def _lesson(entry: Mapping[str, Any]) -> LessonEntry:
    return LessonEntry(
        slug=entry["slug"],
        title=entry.get("title") or entry["slug"],
        kind=entry.get("kind", "lesson"),
        minutes=entry.get("minutes", 15),
        layer=entry.get("layer"),
        difficulty=entry.get("difficulty", 3),
        skills=tuple(entry.get("skills", ())),
        formats=tuple(entry.get("formats", ())),
        goals=tuple(entry.get("goals", ())),
        prerequisites=tuple(entry.get("prerequisites", ())),
        content_hash=entry.get("content_hash", ""),
        text_id=entry.get("text_id", ""),
    )


def _item(item: Mapping[str, Any]) -> Item:
    return Item(
        id=item["id"],
        title=item.get("title") or item["id"],
        kind=item.get("kind", "question"),
        skills=tuple(item.get("skills", ())),
        difficulty=item.get("difficulty", 3),
        minutes=item.get("minutes", 2),
        formats=tuple(item.get("formats", ())),
        lesson=item.get("lesson"),
        phases=tuple(item.get("phases", ())),
        answer=item.get("answer"),
    )


def _mistake(mistake: Mapping[str, Any]) -> Mistake:
    return Mistake(
        id=mistake["id"],
        title=mistake.get("title") or mistake["id"],
        phases=tuple(mistake.get("phases", ())),
        items=tuple(mistake.get("items", ())),
        advice=mistake.get("advice"),
    )


def _template(template: Mapping[str, Any]) -> Template:
    return Template(
        id=template["id"],
        title=template.get("title") or template["id"],
        description=template.get("description"),
        steps=tuple(template["steps"]),
        adaptivity=template.get("adaptivity", "full"),
    )


def _question(question: Mapping[str, Any]) -> Question:
    if question["type"] == "boolean":
        sides: list[tuple[str | bool, Mapping[str, Any]]] = [
            (True, question.get("when_true", {})),
            (False, question.get("when_false", {})),
        ]
    else:
        sides = [(option["value"], option) for option in question.get("options", ())]
    return Question(
        id=question["id"],
        kind=question["type"],
        required=question.get("required", True),
        default=question.get("default"),
        label=question.get("label") or question["id"],
        help=question.get("help"),
        options=tuple(
            Option(value, m.get("label") or str(value), m.get("priors", {}), m.get("frame")) for value, m in sides
        ),
    )


def _dimension(name: str, source: str | Mapping[str, Any]) -> Dimension:
    if isinstance(source, str):
        return Dimension(name, source, {})
    return Dimension(name, source["question"], source.get("values", {}))
