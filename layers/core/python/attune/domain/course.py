"""A course as its author describes it: skills, lessons, items, questions, and what a writer may know of a reader."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from attune.domain.text import Text

MASTERY = 0.6
"""The mastery of a prerequisite skill that opens what follows, where a course does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Skill:
    id: str
    title: Text
    prerequisites: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class GlossaryTerm:
    """A name or term that stays as it is in every language."""

    term: str
    definition: Text | None


@dataclass(frozen=True, slots=True)
class LessonEntry:
    """What the course says of a lesson; its text is stored apart, under `text_id`, and known by `content_hash`."""

    slug: str
    title: Text
    kind: str
    minutes: int
    layer: str | None
    difficulty: int
    skills: tuple[str, ...]
    formats: tuple[str, ...]
    goals: tuple[str, ...]
    prerequisites: tuple[str, ...]
    content_hash: str
    text_id: str


@dataclass(frozen=True, slots=True)
class Chapter:
    id: str
    number: int
    title: Text
    prerequisites: tuple[str, ...]
    transition: Text | None
    lessons: tuple[LessonEntry, ...]


@dataclass(frozen=True, slots=True)
class Part:
    id: str
    number: int
    title: Text
    tier: str | None
    weeks: tuple[int, ...]
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """Something to practise. The answer key never leaves the store."""

    id: str
    title: Text
    kind: str
    skills: tuple[str, ...]
    difficulty: int
    minutes: int
    formats: tuple[str, ...]
    lesson: str | None
    phases: tuple[str, ...]
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A category of mistakes: the phases it happens in, the items that train against it, and the author's advice."""

    id: str
    title: Text
    phases: tuple[str, ...]
    items: tuple[str, ...]
    advice: Text | None


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that a learner can aim at, and the skills that lead there."""

    id: str
    title: Text
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A learning path as its author lays it out: lessons and items by name, in this order.

    `adaptivity` says how much of it may change for a learner: nothing (off), the order, or all of it (full).
    """

    id: str
    title: Text
    description: Text | None
    steps: tuple[str, ...]
    adaptivity: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question: its label, what it says of skills (in logits), and a sentence for frames of lessons."""

    value: str | bool
    label: Text
    priors: Mapping[str, float]
    frame: Text | None


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` is choice (one value), choices (a list of at least one) or boolean."""

    id: str
    kind: str
    required: bool
    default: str | bool | None
    label: Text
    help: Text | None
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One part of a persona: the answer to a question, coarsened by `values` (empty: taken as it is)."""

    name: str
    question: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Course:
    """One published version. `manifest` is the author's description as stored; the rest is read from it."""

    id: str
    version: int
    manifest: Mapping[str, Any]
    title: Text
    languages: tuple[str, ...]
    skills: tuple[Skill, ...]
    mastery: float
    glossary: tuple[GlossaryTerm, ...]
    parts: tuple[Part, ...]
    items: tuple[Item, ...]
    mistakes: tuple[Mistake, ...]
    goals: tuple[Goal, ...]
    questionnaire: tuple[Question, ...]
    language_question: str | None
    persona: tuple[Dimension, ...]
    define_terms_for: Mapping[str, tuple[str, ...]]
    instructions: Mapping[str, Mapping[str, str]]
    readability: Mapping[str, Mapping[str, float]]
    preferences: Mapping[str, Any]
    lessons: Mapping[str, LessonEntry] = field(default_factory=dict)
    items_by_id: Mapping[str, Item] = field(default_factory=dict)
    templates: tuple[Template, ...] = ()

    @property
    def default_language(self) -> str:
        return self.languages[0]

    def chapters(self) -> Iterator[Chapter]:
        return (chapter for part in self.parts for chapter in part.chapters)

    def question(self, id_: str) -> Question | None:
        return next((question for question in self.questionnaire if question.id == id_), None)


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
