"""What the peers take and answer: the same bodies that Attune takes and answers, as pydantic models."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Reason(BaseModel):
    code: str
    params: dict[str, float | str | list[str] | None]
    weight: float
    text: str


class Expected(BaseModel):
    points: float | None
    basis: str
    n: int


class Recommendation(BaseModel):
    id: str
    kind: str
    item: str
    title: str
    difficulty: int
    estimated_time: int
    expected_improvement: Expected
    priority: float
    reasons: list[Reason]
    skill_focus: list[str]
    prerequisites: list[str]
    p_success: float
    propensity: float
    exceeds_time: bool
    status: str
    expires_at: str | None


class Value(BaseModel):
    value: float | list[str] | None
    source: str


class Context(BaseModel):
    course: str
    count: Value
    time_available: Value
    difficulty: Value
    focus_areas: Value
    exclude: Value
    goals: Value
    kinds: Value


class Learner(BaseModel):
    overall_rating: float
    strongest_skill: str | None
    weakest_skill: str | None
    main_weakness: str | None


class Recommendations(BaseModel):
    set_id: str
    generated_at: str
    expires_at: str
    items: list[Recommendation]
    empty_reason: str | None
    user_profile: Learner
    context: Context
    stats: dict[str, float | dict[str, float | None] | None]
    dropped: list[dict[str, Any]] | None = None


class Section(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    title: str
    state: str


class Frame(BaseModel):
    introduction: str
    recap: str
    next: str | None


class Lesson(BaseModel):
    lesson_slug: str
    status: str
    personalized_content: str
    frame: Frame
    cached: bool
    generated_at: str
    language: str
    direction: str
    content_hash: str
    sections: list[Section]
    adapted_by: str
    provenance: dict[str, Any]


class Style(BaseModel):
    visual: float = Field(ge=0, le=1)
    practical: float = Field(ge=0, le=1)
    theoretical: float = Field(ge=0, le=1)
    social: float = Field(ge=0, le=1)


class PreferencesBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    learning_style: Style | None = None
    learning_goals: list[str] | None = None
    preferred_difficulty: str | None = None
    time_availability: int | None = Field(default=None, ge=5, le=480)
    session_length: int | None = Field(default=None, ge=5, le=240)
    feedback_style: str | None = None
    encouragement_level: float | None = Field(default=None, ge=0, le=1)
    challenge_level: float | None = Field(default=None, ge=0, le=1)
    training_reminders: bool | None = None
    weekly_reports: bool | None = None
    achievement_notifications: bool | None = None
    time_zone: str | None = None
    extras: dict[str, Any] | None = None


class Chosen(BaseModel):
    learning_style: Style
    learning_goals: list[str]
    preferred_difficulty: str | None
    time_availability: int
    session_length: int
    feedback_style: str
    encouragement_level: float
    challenge_level: float
    training_reminders: bool
    weekly_reports: bool
    achievement_notifications: bool
    time_zone: str
    extras: dict[str, Any]


class Preferences(BaseModel):
    preferences: Chosen
    is_default: bool
    rev: int
