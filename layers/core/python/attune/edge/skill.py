"""A skill as it is answered: what is measured of it, what the learner claims, and the evidence it rests on."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field

from attune.domain.course import Course
from attune.domain.ids import ID_PATTERN
from attune.domain.instants import DAY_MS
from attune.domain.practice.fold import Evidence
from attune.domain.practice.profile import SkillProfile
from attune.domain.practice.skill_history import SkillHistory
from attune.domain.practice.skill_record import DayRating
from attune.domain.text import said
from attune.edge.moments import moment
from attune.edge.rounding import POINTS, SHARES
from attune.edge.views import Body, Instant, View

SkillId = Annotated[str, Path(pattern=ID_PATTERN, description="A skill of the course.")]


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
