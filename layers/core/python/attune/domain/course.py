"""A course as its author describes it: skills, lessons, items, questions, and what a writer may know of a reader."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from attune.domain.text import Text


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
