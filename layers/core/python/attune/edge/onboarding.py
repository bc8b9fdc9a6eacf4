"""The questionnaire and its answers: which questions there are is the course's business, so they are a flat object."""

import re
from typing import Annotated, Any

from pydantic import ConfigDict, Field, RootModel, StrictBool, StrictStr

from attune.domain.course import Course, Question
from attune.domain.learner import LearnerSettings
from attune.domain.principal import Principal
from attune.domain.text import said
from attune.edge.views import Id, Instant, Json, Uuid, View

AnswerValue = StrictBool | Annotated[StrictStr, Field(max_length=64)] | Annotated[list[StrictStr], Field(max_length=64)]


_EXAMPLE: Json = {
    "education_level": "undergraduate",
    "programming_experience": "beginner",
    "robotics_background": False,
    "ai_ml_experience": "basic",
    "learning_goals": ["hobby", "building_projects"],
    "preferred_language": "en",
}


class AnswersBody(RootModel[dict[str, AnswerValue]]):
    """Answers by question id; `user_id` may name the caller."""

    model_config = ConfigDict(defer_build=True, json_schema_extra={"examples": [_EXAMPLE]})
    root: Annotated[dict[str, AnswerValue], Field(max_length=64)]

    def answers(self) -> dict[str, Any]:
        return {name: value for name, value in self.root.items() if name != "user_id"}


class AnswersView(View):
    """The stored answers by question id, and whose they are since when."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    user_id: Uuid
    updated_at: Instant

    @classmethod
    def of(cls, principal: Principal, settings: LearnerSettings) -> "AnswersView":
        return cls(user_id=principal.subject, updated_at=settings.answered_at or "", **settings.answers)


class OptionView(View):
    value: str | bool
    label: str


class QuestionView(View):
    id: Id
    type: str
    required: bool
    default: str | bool | None
    label: str
    help: str | None
    options: list[OptionView]

    @classmethod
    def of(cls, question: Question, language: str, default: str) -> "QuestionView":
        return cls(
            id=question.id,
            type=question.kind,
            required=question.required,
            default=question.default,
            label=said(question.label, language, default),
            help=said(question.help, language, default) or None,
            options=[OptionView(value=o.value, label=said(o.label, language, default)) for o in question.options],
        )


class OnboardingView(View):
    course: Id
    title: str
    language: str
    direction: str
    questions: list[QuestionView]

    @classmethod
    def of(cls, course: Course, language: str, direction: str) -> "OnboardingView":
        default = course.default_language
        questions = [QuestionView.of(question, language, default) for question in course.questionnaire]
        title = said(course.title, language, default)
        return cls(course=course.id, title=title, language=language, direction=direction, questions=questions)


_QUALITY = re.compile(r"[qQ]\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


def preferred(accept_language: str | None, course: Course) -> str:
    """The course's language that a browser asks for most, else the course's first (RFC 9110, section 12.5.4)."""
    wanted: list[tuple[float, str]] = []
    for entry in (accept_language or "").split(",")[:20]:
        name, _, parameters = entry.partition(";")
        given = _QUALITY.fullmatch(parameters.strip() or "q=1")
        if given:
            wanted.append((float(given[1]), name.strip().lower()))
    for quality, name in sorted(wanted, key=lambda entry: -entry[0]):
        base = name.partition("-")[0]
        if quality > 0 and (name in course.languages or base in course.languages):
            return name if name in course.languages else base
    return course.default_language
