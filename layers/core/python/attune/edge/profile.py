"""A learner's profile as it is answered: measured facts, each with its uncertainty, and the reason for every null."""

from attune.domain.course import Course
from attune.domain.learner import LearnerSettings
from attune.domain.paths.tally import Tally
from attune.domain.practice.profile import Profile, Weakness
from attune.domain.recommendations.statistics import Statistics
from attune.domain.text import said
from attune.edge.preferences import ChosenView, PreferencesView
from attune.edge.recommendation_statistics import StatisticsView
from attune.edge.rounding import POINTS, SHARES, rounded
from attune.edge.skill import MeasuredSkillView
from attune.edge.views import View


class WeaknessView(View):
    """A mistake that keeps happening: share of opportunities, what it costs now, the newest attempts, the advice."""

    category: str
    title: str
    phase: str | None
    count: int
    frequency: float
    severity: float
    evidence: list[str]
    advice: str

    @classmethod
    def of(cls, found: Weakness, course: Course, language: str) -> "WeaknessView":
        mistake = next(mistake for mistake in course.mistakes if mistake.id == found.category)
        return cls(
            category=found.category,
            title=said(mistake.title, language, course.default_language),
            phase=found.phase,
            count=found.count,
            frequency=round(found.frequency, SHARES),
            severity=round(found.severity, SHARES),
            evidence=list(found.evidence),
            advice=said(mistake.advice, language, course.default_language),
        )


class VelocityView(View):
    """Rating points gained per hour of study over the last 28 days of evidence, with the 95 % interval."""

    points_per_hour: float
    interval: list[float]


class PathCountsView(View):
    """How many learning paths there are, by status; archived ones count as completed, deleted ones not at all."""

    total: int
    active: int
    paused: int
    completed: int
    cancelled: int

    @classmethod
    def of(cls, tally: Tally) -> "PathCountsView":
        return cls(**{name: getattr(tally, name) for name in cls.model_fields})


class ProfileView(View):
    """Everything that is measured of a learner in a course; `why` gives the reason for each null."""

    skills: dict[str, MeasuredSkillView]
    overall_rating: float
    strengths: list[str]
    weaknesses: list[WeaknessView]
    learning_velocity: VelocityView | None
    consistency: float | None
    adaptability: float | None
    retention: float | None
    why: dict[str, str]
    preferences: ChosenView
    paths: PathCountsView
    recommendations: StatisticsView

    @classmethod
    def of(
        cls,
        found: Profile,
        settings: LearnerSettings,
        tally: Tally,
        statistics: Statistics,
        course: Course,
        language: str,
    ) -> "ProfileView":
        pace = found.velocity
        velocity = pace and VelocityView(
            points_per_hour=round(pace.points_per_hour, POINTS),
            interval=[round(pace.low, POINTS), round(pace.high, POINTS)],
        )
        return cls(
            skills={name: MeasuredSkillView.of(skill) for name, skill in found.skills.items()},
            overall_rating=round(found.overall, POINTS),
            strengths=list(found.strengths),
            weaknesses=[WeaknessView.of(weakness, course, language) for weakness in found.weaknesses],
            learning_velocity=velocity,
            consistency=rounded(found.consistency, SHARES),
            adaptability=rounded(found.adaptability, SHARES),
            retention=rounded(found.retention, SHARES),
            why=dict(found.why),
            preferences=PreferencesView.of(settings, course).preferences,
            paths=PathCountsView.of(tally),
            recommendations=StatisticsView.of(statistics),
        )
