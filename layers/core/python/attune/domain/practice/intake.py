"""What a site sends of an answer, judged against the course: it becomes an attempt, or there is a code why not."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from attune.domain.course import Course, Item
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.grading import Ungradable, grade

FUTURE: Final = timedelta(minutes=5)
OLDEST: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Sent:
    """One answer as sent: with a `score`, or `correct`, or a `response` that the item's key grades. `at` in ms."""

    id: str
    item: str
    at: int
    score: float | None = None
    correct: bool | None = None
    response: Any = None
    skills: tuple[str, ...] | None = None
    difficulty: int | None = None
    duration_ms: int | None = None
    hints: int = 0
    phase: str | None = None
    mistake: str | None = None
    loss: float | None = None


class Unusable(Exception):
    """The answer cannot be counted; `code` is stable."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def attempt(course: Course, session: str, sent: Sent, now: int, *, any_age: bool = False) -> Attempt:
    """The attempt that was sent. Raises `Unusable`. Only an import takes answers of `any_age`."""
    item = course.items_by_id.get(sent.item)
    if item is None:
        raise Unusable("unknown_item")
    if sent.at > now + FUTURE / timedelta(milliseconds=1):
        raise Unusable("in_the_future")
    if not any_age and sent.at < now - OLDEST / timedelta(milliseconds=1):
        raise Unusable("too_old")
    skills = _skills(course, item, sent)
    categories = {mistake.id: mistake for mistake in course.mistakes}
    if sent.mistake is not None and sent.mistake not in categories:
        raise Unusable("unknown_mistake")
    if sent.phase is not None and sent.phase not in course.manifest.get("phases", ()):
        raise Unusable("unknown_phase")
    return Attempt(
        session=session,
        id=sent.id,
        item=item.id,
        at=sent.at,
        score=_score(item, sent),
        skills=skills,
        difficulty=sent.difficulty or item.difficulty,
        categories=tuple(
            name
            for name, mistake in categories.items()
            if item.id in mistake.items and (sent.phase is None or not mistake.phases or sent.phase in mistake.phases)
        ),
        hints=sent.hints,
        duration_ms=sent.duration_ms,
        phase=sent.phase,
        mistake=sent.mistake,
        loss=sent.loss,
    )


def _skills(course: Course, item: Item, sent: Sent) -> tuple[str, ...]:
    """The skills that the site says were exercised, else the item's; always in the course's order."""
    wanted = set(sent.skills or item.skills)
    found = tuple(skill.id for skill in course.skills if skill.id in wanted)
    if len(found) != len(wanted):
        raise Unusable("unknown_skill")
    return found


def _score(item: Item, sent: Sent) -> float:
    given = [value for value in (sent.score, sent.correct, sent.response) if value is not None]
    if len(given) != 1:
        raise Unusable("no_result" if not given else "several_results")
    if sent.response is None:
        return float(given[0])
    try:
        return grade(item.answer, sent.response)
    except Ungradable:
        raise Unusable("not_gradable") from None
