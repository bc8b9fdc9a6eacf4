"""A learner's week as it is answered."""

from datetime import datetime
from typing import Annotated, Self

from aws_lambda_powertools.event_handler.openapi.params import Query

from attune.domain.course import Course
from attune.domain.learner import LearnerSettings
from attune.domain.recommendations.voice import voice_of
from attune.domain.reports.learner_week import LearnerWeek, text
from attune.edge.recommendations import RecommendationView, Teller
from attune.edge.views import View
from attune.edge.weekly import WEEK_PATTERN

Week = Annotated[
    str | None,
    Query(pattern=WEEK_PATTERN, description="An ISO week, as 2026-W47; the current one if left out."),
]


class SkillWeekView(View):
    """The rating before and after the week, and where it lies with 95 % probability."""

    skill: str
    before: float | None
    after: float
    interval: list[float] | None


class LearnerReportView(View):
    """The week, at most three next steps with their reasons, and a text made from templates, not by a model."""

    week: str
    minutes: int | None
    answers: int | None
    skills: list[SkillWeekView]
    next: list[RecommendationView]
    text: str
    why: dict[str, str]

    @classmethod
    def of(cls, week: str, found: LearnerWeek, course: Course, settings: LearnerSettings, now: datetime) -> Self:
        voice = voice_of(course, settings)
        show, moment = Teller(course, voice), int(now.timestamp() * 1000)
        steps = [show.offer(offer, moment) for offer in found.next]
        return cls(
            week=week,
            minutes=found.minutes,
            answers=found.answers,
            skills=[
                SkillWeekView(
                    skill=one.skill,
                    before=one.before,
                    after=one.after,
                    interval=None if one.interval is None else list(one.interval),
                )
                for one in found.skills
            ],
            next=steps,
            text=text(found, course, voice.language, tuple(step.title for step in steps)),
            why=dict(found.why),
        )
