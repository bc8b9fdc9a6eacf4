"""A learner's profile as it is answered: measured facts, each with its uncertainty, and the reason for every null."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field

from attune.domain.course import Course
from attune.domain.ids import ID_PATTERN
from attune.domain.instants import DAY_MS
from attune.domain.learner import LearnerSettings
from attune.domain.paths.tally import Tally
from attune.domain.practice.fold import Evidence
from attune.domain.practice.profile import Profile, SkillProfile, Weakness
from attune.domain.practice.skill_history import SkillHistory
from attune.domain.practice.skill_record import DayRating
from attune.domain.recommendations.statistics import Statistics
from attune.domain.text import said
from attune.edge.moments import moment
from attune.edge.preferences import ChosenView, PreferencesView
from attune.edge.views import Body, Instant, View

SkillId = Annotated[str, Path(pattern=ID_PATTERN, description="A skill of the course.")]
POINTS = 1
SHARES = 4
"""Decimals of rating points, and of probabilities and shares."""


class TrendView(View):
    """Rating points a week over the last 28 days of evidence."""

    points_per_week: float
    standard_error: float


class MeasuredSkillView(View):
    rating: float
    interval: Annotated[list[float], Field(description="Where the rating lies with 95 % probability.")]
    confidence: float
    mastery: float
    level: Literal["novice", "developing", "proficient", "mastered"]
    trend: TrendView | None
    attempts: int
    last_practised_at: Instant | None
    due_at: Instant | None
    source: Literal["prior", "evidence", "claim"]

    @classmethod
    def of(cls, skill: SkillProfile) -> "MeasuredSkillView":
        return cls(**skill_fields(skill))


def skill_fields(skill: SkillProfile) -> dict[str, Any]:
    """The fields of a skill's view."""
    trend = skill.trend and TrendView(
        points_per_week=round(skill.trend.points_per_week, POINTS),
        standard_error=round(skill.trend.standard_error, POINTS),
    )
    return {
        "rating": round(skill.rating, POINTS),
        "interval": [round(end, POINTS) for end in skill.interval],
        "confidence": round(skill.confidence, SHARES),
        "mastery": round(skill.mastery, SHARES),
        "level": skill.level,
        "trend": trend,
        "attempts": skill.attempts,
        "last_practised_at": moment(skill.last_practised) if skill.last_practised is not None else None,
        "due_at": moment(skill.due) if skill.due is not None else None,
        "source": skill.source,
    }


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


class StatisticsView(View):
    """What became of the recommendations: shares of those answered or expired, the effect measured, what clients said.

    `effective` stays null under 20 measured completions.
    """

    total: int
    accepted: int
    declined: int
    completed: int
    expired: int
    acceptance_rate: float | None
    completion_rate: float | None
    average_rating: float | None
    average_effectiveness: float | None
    measured: int
    observed_improvement: float | None
    expected_improvement: float | None
    effective: bool | None

    @classmethod
    def of(cls, found: Statistics) -> "StatisticsView":
        return cls(**statistics_fields(found))


def statistics_fields(found: Statistics) -> dict[str, Any]:
    """The fields of a view of statistics."""
    return {
        "total": found.total,
        "accepted": found.accepted,
        "declined": found.declined,
        "completed": found.completed,
        "expired": found.expired,
        "acceptance_rate": rounded(found.acceptance, SHARES),
        "completion_rate": rounded(found.completion, SHARES),
        "average_rating": rounded(found.mean_rating, SHARES),
        "average_effectiveness": rounded(found.mean_effectiveness, SHARES),
        "measured": found.measured,
        "observed_improvement": rounded(found.observed, POINTS),
        "expected_improvement": rounded(found.expected, POINTS),
        "effective": found.effective,
    }


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


def rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


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


class DayView(View):
    """The last rating of a day."""

    day: str
    rating: float
    attempts: int

    @classmethod
    def of(cls, entry: DayRating) -> "DayView":
        return cls(day=moment(entry.day * DAY_MS)[:10], rating=round(entry.rating, POINTS), attempts=entry.attempts)


class EvidenceView(View):
    """One answer: the score expected (`p`) and given, how much it counted, the rating before and after."""

    session_id: str
    attempt_id: str
    item_id: str
    at: Instant
    p: float
    score: float
    weight: float
    before: float
    after: float
    skills: list[str]
    difficulty: int
    parameters: Annotated[int, Field(description="The version of the shared parameters that it was scored with.")]

    @classmethod
    def of(cls, one: Evidence, skill: str) -> "EvidenceView":
        before, after = one.ratings[skill]
        attempt = one.attempt
        return cls(
            session_id=attempt.session,
            attempt_id=attempt.id,
            item_id=attempt.item,
            at=moment(attempt.at),
            p=one.p,
            score=attempt.score,
            weight=attempt.weight,
            before=before,
            after=after,
            skills=list(attempt.skills),
            difficulty=attempt.difficulty,
            parameters=one.version,
        )


Level = Literal["beginner", "intermediate", "advanced", "expert"]


class ClaimBody(Body):
    """What the learner says of a skill; it counts as weak evidence until it is withdrawn."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"level": "advanced", "note": "I teach this."}]})

    level: Level
    note: Annotated[str, Field(max_length=200)] | None = None


class ClaimView(View):
    level: Level
    note: str | None
    at: Instant


class SkillHistoryView(MeasuredSkillView):
    """A skill with what it rests on: `evidence` replayed from the start gives the rating.

    `late` names answers that came after the window of evidence was past them: they are counted by a rebuild.
    """

    skill_id: str
    title: str
    claim: ClaimView | None
    series: list[DayView]
    evidence: list[EvidenceView]
    late: list[str]

    @classmethod
    def with_evidence(cls, found: SkillHistory, course: Course, language: str) -> "SkillHistoryView":
        skill = next(skill for skill in course.skills if skill.id == found.skill)
        claim = found.claim and ClaimView(level=found.claim.level, note=found.claim.note, at=moment(found.claim.at))
        return cls(
            **skill_fields(found.profile),
            skill_id=skill.id,
            title=said(skill.title, language, course.default_language),
            claim=claim,
            series=[DayView.of(entry) for entry in found.days],
            evidence=[EvidenceView.of(one, skill.id) for one in found.evidence],
            late=list(found.late),
        )
