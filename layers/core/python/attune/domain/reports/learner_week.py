"""A learner's own week: what they practised, how their ratings moved, and what comes next, from their rows alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from attune.domain.course import Course
from attune.domain.instants import DAY_MS
from attune.domain.phrases import listed, phrase
from attune.domain.practice.profile import Profile
from attune.domain.practice.skill_record import DAYS, POINTS, SkillRecord
from attune.domain.practice.state import PracticeState
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import PENDING, Offer
from attune.domain.reports.event import number_of
from attune.domain.text import said

NEXT: Final = 3
"""How many next steps are named."""
NAMED: Final = 3
"""How many skills are named in the text."""
TOO_LONG_AGO: Final = "too_long_ago"
"""The week lies before the days that are remembered."""
FIRST_WEEK: Final = "first_week"
"""There is no rating from before the week."""
PRACTISED_SINCE: Final = "practised_since"
"""Only the interval as it now is is known."""
NO_SET: Final = "no_recommendations"


@dataclass(frozen=True, slots=True)
class SkillWeek:
    """The rating before and after the week: as it still is, with its `interval`, where no answer came since.

    Else `after` is the rating at the skill's last answer of the week, and its interval is not known any more.
    """

    skill: str
    before: float | None
    after: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class LearnerWeek:
    """`why` says of what is missing what it lacks."""

    minutes: int | None
    answers: int | None
    skills: tuple[SkillWeek, ...]
    next: tuple[Offer, ...]
    why: Mapping[str, str] = field(default_factory=dict)


def learner_week(
    course: Course, state: PracticeState, seen: Profile, ledger: Ledger, context: str, first: date, now: int
) -> LearnerWeek:
    """The week that begins on a Monday. What is next is what stands now (ms) for who asks for nothing in particular."""
    monday = number_of(first.isoformat())
    today = now // DAY_MS
    why: dict[str, str] = {}
    known = monday > today - DAYS
    days = [day for day in state.days if monday <= day.day < monday + 7]
    skills = []
    still = state.at is not None and state.at // DAY_MS < monday + 7
    for skill in course.skills:
        found = _skill(skill.id, state.record(skill.id), seen, monday, still=still)
        if found is None:
            continue
        skills.append(found)
        if found.before is None:
            why[f"skills.{skill.id}.before"] = FIRST_WEEK
        if found.interval is None:
            why[f"skills.{skill.id}.interval"] = PRACTISED_SINCE
    if not known:
        why |= {"minutes": TOO_LONG_AGO, "answers": TOO_LONG_AGO}
    made = ledger.set_for(context)
    offers = tuple(offer for offer in made.offers if offer.status_at(now) == PENDING) if made else ()
    if not offers:
        why["next"] = NO_SET
    minutes = round(sum(day.seconds for day in days) / 60) if known else None
    answers = sum(day.attempts for day in days) if known else None
    return LearnerWeek(minutes, answers, tuple(skills), offers[:NEXT], why)


def _skill(name: str, record: SkillRecord, seen: Profile, monday: int, *, still: bool) -> SkillWeek | None:
    """How a skill moved, if it was practised in the week; `still`: what is measured now was so when the week ended."""
    within = [day for day in record.days if monday <= day.day < monday + 7]
    if not within:
        return None
    earlier = [day.rating for day in record.days if day.day < monday]
    before = earlier[-1] if earlier else None
    if not still:
        return SkillWeek(name, before, within[-1].rating, None)
    low, high = seen.skills[name].interval
    return SkillWeek(name, before, round(seen.skills[name].rating, POINTS), (round(low), round(high)))


def text(found: LearnerWeek, course: Course, language: str, titles: tuple[str, ...]) -> str:
    """The week in sentences of the learner's language, made from templates; `titles` are those of what is next."""
    sentences = []
    if found.answers:
        sentences.append(phrase("week_practised", language, minutes=found.minutes, answers=found.answers))
    elif found.answers == 0:
        sentences.append(phrase("week_nothing", language))
    names = {skill.id: said(skill.title, language, course.default_language) or skill.id for skill in course.skills}
    moved = [one for one in found.skills if one.before is not None and round(one.after - one.before) != 0]
    moved.sort(key=lambda one: -abs(one.after - (one.before or 0.0)))
    for one in moved[:NAMED]:
        points = round(one.after - (one.before or 0.0))
        word = "week_rose" if points > 0 else "week_fell"
        sentences.append(phrase(word, language, skill=names[one.skill], points=abs(points)))
    if titles:
        sentences.append(phrase("week_next", language, titles=listed(list(titles), language)))
    return " ".join(sentences)
