"""From what is stored of a learner to what the ranking is told: numbers of the model, memories, preferences."""

from attune.domain.course import Course
from attune.domain.learner import LearnerSettings
from attune.domain.learning import filter as model
from attune.domain.learning.measures import DUE_BELOW
from attune.domain.learning.parameters import Parameters
from attune.domain.practice.mistakes import GONE
from attune.domain.practice.priors import priors
from attune.domain.practice.profile import Practice, Profile, SkillProfile, standing
from attune.domain.preferences import complete
from attune.domain.progress.lesson_progress import COMPLETED, STARTED
from attune.domain.progress.summary import NOTHING_DONE, Summary
from attune.domain.recommendations import moves
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.situation import Mistakes, Situation, Standing


def situate(
    course: Course,
    parameters: Parameters,
    settings: LearnerSettings,
    practice: Practice,
    profile: Profile,
    ledger: Ledger,
    now: int,
    progress: Summary = NOTHING_DONE,
) -> Situation:
    """The situation of a learner at `now` (ms); `profile` is theirs at that moment."""
    preferences = complete(settings.preferences, course)
    told = priors(course, settings.answers)
    return Situation(
        course=course,
        now=now / 1000,
        standings={name: _standing(skill, now) for name, skill in profile.skills.items()},
        p=expected_scores(course, parameters, practice),
        last={name: (answer.at / 1000, answer.score) for name, answer in practice.gist.last.items()},
        lessons=_lessons(ledger, progress),
        weaknesses=_mistakes(course, practice, now),
        feedback=moves.feedback(ledger, now),
        expectations={kind: (round(points / n, 1), n) for kind, (n, points) in ledger.gains.items()},
        style=preferences["learning_style"],
        challenge=preferences["challenge_level"],
        onboarded=settings.onboarded,
        overall=profile.overall,
        learning_velocity=profile.velocity.points_per_hour if profile.velocity else None,
        beginner=settings.onboarded and sum(told.values()) < 0,
    )


def _lessons(ledger: Ledger, progress: Summary) -> dict[str, str]:
    """The lessons that were begun or finished: by what the site tells of them, or as what was recommended."""
    return dict.fromkeys(progress.lessons, STARTED) | dict.fromkeys([*progress.completed, *ledger.finished], COMPLETED)


def expected_scores(course: Course, parameters: Parameters, practice: Practice) -> dict[str, float]:
    """The expected score of every item of the course, 0..1."""
    found = {skill.id: standing(parameters, practice, skill.id) for skill in course.skills}
    ability = practice.gist.ability
    return {
        item.id: model.predict(
            parameters,
            parameters.item(item.id, item.difficulty),
            item.skills,
            ability,
            [found[skill][1] for skill in item.skills],
        )
        for item in course.items
    }


def _mistakes(course: Course, practice: Practice, now: int) -> list[Mistakes]:
    """Every category that still counts, those too that were made less often than a weakness takes."""
    known = {mistake.id for mistake in course.mistakes}
    return [
        Mistakes(name, memory.count, memory.severity_at(now), memory.frequency, memory.phase)
        for name, memory in sorted(practice.gist.mistakes.items())
        if name in known and memory.severity_at(now) >= GONE
    ]


def _standing(skill: SkillProfile, now: int) -> Standing:
    return Standing(
        mastery=skill.mastery,
        rating=skill.rating,
        confidence=skill.confidence,
        attempts=skill.attempts,
        recall=skill.recall,
        due=skill.recall is not None and skill.recall < DUE_BELOW,
        source=skill.source,
        trend=skill.trend.points_per_week if skill.trend else None,
    )
