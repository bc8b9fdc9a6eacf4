"""A course as its owner publishes it: the bodies of the manifest and of lessons, and what is answered."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from attune.domain.ids import LANGUAGE_PATTERN
from attune.edge.strict_json import MAX_INTEGER
from attune.edge.views import Body, Id, Json, LessonSlug, View

Line = Annotated[str, Field(max_length=4000)]
TextValue = Line | dict[Annotated[str, Field(pattern=LANGUAGE_PATTERN)], Line]
Language = Annotated[str, Field(pattern=LANGUAGE_PATTERN)]
Number = Annotated[int, Field(ge=1, le=10_000)]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Difficulty = Annotated[int, Field(ge=1, le=5)]
Format = Literal["visual", "practical", "theoretical", "social"]
Ids = Annotated[list[Id], Field(max_length=500)]


class LessonBody(Body):
    """A lesson's Markdown, and the translations that its author has."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"content": "# Sensors\n\n## Noise\n\nEvery reading has an error.\n"}]}
    )

    content: Annotated[str, Field(min_length=1, max_length=256 * 1024)]
    translations: Annotated[dict[Language, Annotated[str, Field(min_length=1)]], Field(max_length=50)] = {}


class SkillBody(Body):
    id: Id
    title: TextValue | None = None
    prerequisites: Ids = []
    weight: Annotated[float, Field(ge=0, le=1)] = 1.0


class TermBody(Body):
    term: Annotated[str, Field(min_length=1, max_length=100)]
    definition: TextValue | None = None


class LessonEntryBody(Body):
    slug: LessonSlug
    title: TextValue | None = None
    kind: Literal["lesson", "lab", "summary"] = "lesson"
    minutes: Minutes = 15
    layer: Literal["L1", "L2", "L3", "L4", "L5"] | None = None
    difficulty: Difficulty = 3
    skills: Ids = []
    formats: list[Format] = []
    goals: Ids = []
    prerequisites: Annotated[list[LessonSlug], Field(max_length=500)] = []


class ChapterBody(Body):
    id: Id | None = None
    number: Number | None = None
    title: TextValue | None = None
    prerequisites: Ids = []
    transition: TextValue | None = None
    lessons: Annotated[list[LessonEntryBody], Field(max_length=2000)] = []


class PartBody(Body):
    id: Id
    number: Number | None = None
    title: TextValue | None = None
    description: TextValue | None = None
    tier: Annotated[str, Field(max_length=16)] | None = None
    weeks: Annotated[list[Number], Field(max_length=2)] = []
    chapters: Annotated[list[ChapterBody], Field(max_length=500)] = []


class AnswerBody(Body):
    """An item's key: exactly one kind of it."""

    choice: Id | None = None
    choices: Ids | None = None
    number: Annotated[float, Field(ge=-MAX_INTEGER, le=MAX_INTEGER)] | None = None
    tolerance: Annotated[float, Field(ge=0, le=MAX_INTEGER)] | None = None
    text: Annotated[list[Line], Field(min_length=1, max_length=50)] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "AnswerBody":
        if sum(value is not None for value in (self.choice, self.choices, self.number, self.text)) != 1:
            raise ValueError("exactly one of choice, choices, number and text")
        return self


class ItemBody(Body):
    id: Id
    title: TextValue | None = None
    kind: Literal["question", "scenario", "task"] = "question"
    skills: Annotated[list[Id], Field(min_length=1, max_length=20)]
    difficulty: Difficulty = 3
    minutes: Minutes = 2
    formats: list[Format] = []
    lesson: LessonSlug | None = None
    prompt: TextValue | None = None
    choices: dict[Id, TextValue] = {}
    answer: AnswerBody | None = None
    explanation: TextValue | None = None
    phases: Ids = []


class MistakeBody(Body):
    id: Id
    title: TextValue | None = None
    phases: Ids = []
    items: Ids = []
    advice: TextValue | None = None


class GoalBody(Body):
    id: Id
    title: TextValue | None = None
    skills: Ids = []


class TemplateBody(Body):
    """A learning path as its author lays it out; each step is the slug of a lesson or the id of an item."""

    id: Id
    title: TextValue | None = None
    description: TextValue | None = None
    steps: Annotated[list[LessonSlug], Field(min_length=1, max_length=500)]
    adaptivity: Literal["off", "order", "full"] = "full"


class SideBody(Body):
    """What goes with an answer: its label, what it says of skills (in logits), a sentence for the frame of lessons."""

    label: TextValue | None = None
    priors: dict[Id, Annotated[float, Field(ge=-4, le=4)]] = {}
    frame: TextValue | None = None


class OptionBody(SideBody):
    value: Annotated[str, Field(min_length=1, max_length=64)]


class QuestionBody(Body):
    id: Id
    type: Literal["choice", "choices", "boolean"]
    required: bool = True
    default: str | bool | None = None
    label: TextValue | None = None
    help: TextValue | None = None
    options: Annotated[list[OptionBody], Field(max_length=64)] = []
    when_true: SideBody | None = None
    when_false: SideBody | None = None


class DimensionBody(Body):
    question: Id
    values: dict[str, Annotated[str, Field(min_length=1, max_length=64)]] = {}


class WritingBody(Body):
    define_terms_for: dict[Id, list[str]] = {}
    instructions: dict[Id, dict[str, Line]] = {}
    readability: dict[Id, dict[str, Annotated[float, Field(ge=1, le=20)]]] = {}


_EXAMPLE: Json = {
    "title": {"en": "Small robots"},
    "languages": ["en"],
    "skills": [{"id": "sensors", "title": {"en": "Sensors"}}],
    "parts": [
        {
            "id": "foundations",
            "title": {"en": "Foundations"},
            "chapters": [{"id": "sensing", "lessons": [{"slug": "sensors", "minutes": 10, "skills": ["sensors"]}]}],
        }
    ],
}


class CourseBody(Body):
    """A whole course but for its texts, or `switch_to` an earlier version alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE, {"switch_to": 1}]})

    switch_to: Annotated[int, Field(ge=1, le=MAX_INTEGER)] | None = None
    title: TextValue | None = None
    description: TextValue | None = None
    languages: Annotated[list[Language], Field(min_length=1, max_length=50)] = ["en"]
    skills: Annotated[list[SkillBody], Field(max_length=2000)] = []
    mastery: Annotated[float, Field(gt=0, lt=1)] = 0.6
    glossary: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)] | TermBody], Field(max_length=2000)
    ] = []
    parts: Annotated[list[PartBody], Field(max_length=200)] = []
    items: Annotated[list[ItemBody], Field(max_length=20_000)] = []
    phases: Ids = []
    mistakes: Annotated[list[MistakeBody], Field(max_length=500)] = []
    goals: Annotated[list[GoalBody], Field(max_length=200)] = []
    templates: Annotated[list[TemplateBody], Field(max_length=50)] = []
    questionnaire: Annotated[list[QuestionBody], Field(max_length=50)] = []
    language_question: Id | None = None
    persona: Annotated[dict[Id, Id | DimensionBody], Field(max_length=8)] = {}
    writing: WritingBody = WritingBody.model_construct()
    preferences: Json = {}

    @model_validator(mode="after")
    def _whole_or_switch(self) -> "CourseBody":
        if self.switch_to is not None and self.model_fields_set != {"switch_to"}:
            raise ValueError("either switch_to alone or a course")
        if self.switch_to is None and not self.parts:
            raise ValueError("a course with parts")
        return self

    def manifest(self) -> Json:
        """The course as it is stored: what was sent and nothing else."""
        return self.model_dump(exclude_unset=True, exclude_none=True)


class PublishedView(View):
    version: int
    changed: int
    lessons: int
    skills: int
    personas: int


class StagedView(View):
    slug: str
    content_hash: str
    sections: int
    staged: bool = True
