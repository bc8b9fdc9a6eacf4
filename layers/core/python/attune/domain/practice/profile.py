"""A learner's profile: what the state says at a moment, skill by skill and over all. Only measured facts and priors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from attune.domain.course import Course
from attune.domain.instants import DAY_MS
from attune.domain.learning import measures
from attune.domain.learning.parameters import Parameters
from attune.domain.learning.state import Ability, SkillState
from attune.domain.practice.claims import Claim, claimed
from attune.domain.practice.gist import NO_GIST, Gist
from attune.domain.practice.traits import Trend, Velocity

STRENGTH_ATTEMPTS: Final = 5
STRENGTHS: Final = 3
SOURCES: Final = ("prior", "evidence", "claim")


@dataclass(frozen=True, slots=True)
class SkillProfile:
    """One skill at a moment; times in ms since 1970."""

    rating: float
    interval: tuple[float, float]
    confidence: float
    mastery: float
    level: str
    trend: Trend | None
    attempts: int
    last_practised: int | None
    due: int | None
    recall: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Weakness:
    """A category of mistakes that keeps happening; `evidence` are the newest attempts' ids."""

    category: str
    phase: str | None
    count: int
    frequency: float
    severity: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a learner in a course at a moment. `why` says for each null what it lacks."""

    skills: Mapping[str, SkillProfile]
    overall: float
    strengths: tuple[str, ...]
    weaknesses: tuple[Weakness, ...]
    velocity: Velocity | None
    consistency: float | None
    adaptability: float | None
    retention: float | None
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Practice:
    """What is known of a learner's practice: the gist of all that was measured, and what they claim.

    `rev` rises by one with each attempt that was accepted and each claim that was made or withdrawn.
    """

    gist: Gist = NO_GIST
    claims: Mapping[str, Claim] = field(default_factory=dict)
    rev: int = 0


def profile(course: Course, parameters: Parameters, practice: Practice, now: int) -> Profile:
    """The profile at `now` (ms); `parameters` are those in force at the last attempt."""
    skills = {skill.id: _skill(parameters, practice, skill.id, now) for skill in course.skills}
    traits = practice.gist.traits
    measured: dict[str, float | Velocity | str] = {
        "learning_velocity": traits.velocity,
        "consistency": traits.consistency,
        "adaptability": traits.adaptability,
        "retention": traits.retention,
    }
    why = {name: value for name, value in measured.items() if isinstance(value, str)}
    numbers = {name: value for name, value in measured.items() if isinstance(value, float)}
    return Profile(
        skills=skills,
        overall=_overall(course, skills),
        strengths=_strengths(course, skills),
        weaknesses=_weaknesses(course, practice.gist, now),
        velocity=traits.velocity if isinstance(traits.velocity, Velocity) else None,
        consistency=numbers.get("consistency"),
        adaptability=numbers.get("adaptability"),
        retention=numbers.get("retention"),
        why=why,
    )


def standing(parameters: Parameters, practice: Practice, skill_id: str) -> tuple[Ability, SkillState]:
    """The model's state for a skill, with the learner's claim laid over it."""
    ability, state = practice.gist.ability, practice.gist.skill(skill_id).state
    return ability, claimed(parameters, skill_id, ability, state, practice.claims.get(skill_id))


def _skill(parameters: Parameters, practice: Practice, skill_id: str, now: int) -> SkillProfile:
    known = practice.gist.skill(skill_id)
    ability, state = standing(parameters, practice, skill_id)
    idle = 0.0 if known.at is None else max(0, now - known.at) / DAY_MS
    mastery = measures.mastery(parameters, skill_id, ability, state)
    recall = due = None
    if known.success_at is not None:
        recall = measures.recall(known.successes, (now - known.success_at) / DAY_MS)
        due = known.success_at + int(measures.due_in_days(known.successes) * DAY_MS)
    return SkillProfile(
        rating=measures.rating(parameters, skill_id, ability, state),
        interval=measures.interval(parameters, skill_id, ability, state),
        confidence=measures.confidence(state, ability, idle) if known.attempts else 0.0,
        mastery=mastery,
        level=measures.level(mastery),
        trend=known.trend,
        attempts=known.attempts,
        last_practised=known.at,
        due=due,
        recall=recall,
        source=SOURCES[2 if skill_id in practice.claims else known.attempts > 0],
    )


def _overall(course: Course, skills: Mapping[str, SkillProfile]) -> float:
    """The mean rating by the course's weights and by confidence; by the weights alone before any evidence."""
    by_confidence = [(skill.weight * skills[skill.id].confidence, skills[skill.id].rating) for skill in course.skills]
    by_weight = [(skill.weight, skills[skill.id].rating) for skill in course.skills]
    for weighted in (by_confidence, by_weight):
        total = sum(weight for weight, _ in weighted)
        if total > 0:
            return sum(weight * rating for weight, rating in weighted) / total
    return measures.CENTRE


def _strengths(course: Course, skills: Mapping[str, SkillProfile]) -> tuple[str, ...]:
    """The skills that evidence shows to be strong, best first."""
    strong = [
        skill.id
        for skill in course.skills
        if skills[skill.id].attempts >= STRENGTH_ATTEMPTS
        and skills[skill.id].level in (measures.PROFICIENT, measures.MASTERED)
    ]
    return tuple(sorted(strong, key=lambda skill: (-skills[skill].rating, skill))[:STRENGTHS])


def _weaknesses(course: Course, gist: Gist, now: int) -> tuple[Weakness, ...]:
    """The open weaknesses of categories that the course still has, the gravest first."""
    known = {mistake.id for mistake in course.mistakes}
    found = [
        Weakness(name, memory.phase, memory.count, memory.frequency, memory.severity_at(now), memory.cited)
        for name, memory in gist.mistakes.items()
        if name in known and memory.is_weakness(now)
    ]
    return tuple(sorted(found, key=lambda weakness: (-weakness.severity * weakness.frequency, weakness.category)))
