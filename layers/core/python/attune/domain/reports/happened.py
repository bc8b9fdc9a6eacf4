"""What a change of a learner's row says that happened: from the row before and after it, and from nothing else.

Each change of a row is told once, so that what is told of all of them adds up to the row as it now is.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attune.domain.paths import path as paths
from attune.domain.paths.path import Path, Paths
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.fold import seconds_of
from attune.domain.practice.session import Session
from attune.domain.progress.lesson_progress import LessonProgress
from attune.domain.ratings import HELPFUL, LOW
from attune.domain.recommendations import offer as offers
from attune.domain.recommendations.offer import Offer
from attune.domain.reports import event as names
from attune.domain.reports.measured import Measured

Told = tuple[str, int, dict[str, Any]]
"""The name of an event, when it happened (ms), and what is said of it."""
_ANSWERS: Final[Mapping[str, str]] = {
    offers.ACCEPTED: names.ACCEPTED,
    offers.DECLINED: names.DECLINED,
    offers.COMPLETED: names.COMPLETED,
    offers.EXPIRED: names.EXPIRED,
}


def practised(old: Session | None, new: Session, measured: Mapping[str, Measured]) -> Iterator[Told]:
    """A session that began, and every answer that came with this change."""
    if old is None:
        yield names.SESSION, new.started_at, _without_none(lesson=new.subject)
    before: Attempt | None = None
    for attempt in new.attempts.values():
        if old is None or attempt.id not in old.attempts:
            yield names.ANSWERED, attempt.at, _answer(new, attempt, before, measured.get(attempt.id))
        before = attempt


def _answer(session: Session, attempt: Attempt, before: Attempt | None, found: Measured | None) -> dict[str, Any]:
    return _without_none(
        item=attempt.item,
        skills=list(attempt.skills),
        score=round(attempt.score, 4),
        success=attempt.success,
        seconds=round(seconds_of(attempt, before.at if before else None)),
        lesson=session.subject,
        mistake=attempt.mistake,
        phase=attempt.phase if attempt.mistake else None,
        p=found.p if found else None,
        gain=dict(found.gain) if found else None,
    )


def read(slug: str, old: LessonProgress | None, new: LessonProgress, at: int) -> Iterator[Told]:
    """A lesson that was begun, was finished, or took time."""
    lesson = {"lesson": slug}
    if new.started_at is not None and (old is None or old.started_at is None):
        yield names.LESSON_STARTED, new.started_at, lesson
    if new.completed_at is not None and (old is None or old.completed_at is None):
        yield names.LESSON_COMPLETED, new.completed_at, lesson
    if seconds := new.seconds - (old.seconds if old else 0):
        yield names.LESSON_TIME, at, {**lesson, "seconds": seconds}


def recommended(old: Offer | None, new: Offer) -> Iterator[Told]:
    """What became of a recommendation. It counts as shown when it was first answered, or ran out."""
    at = new.at if new.at is not None else new.made_at
    about = {"kind": new.recommendation.kind, "item": new.recommendation.item}
    if old is None:
        yield names.SHOWN, at, {**about, "difficulty": new.recommendation.difficulty}
        if new.status == offers.COMPLETED:
            yield names.ACCEPTED, at, about
    if (old is None or old.status != new.status) and new.status in _ANSWERS:
        yield _ANSWERS[new.status], at, {**about, **_without_none(reason=new.reason)}
    was = _effect(old)
    if (effect := _effect(new)) != was and effect is not None:
        # The effect of a session that goes on grows: what is told is by how much.
        observed, expected = effect
        more = {"observed": round(observed - (was[0] if was else 0.0), 1), "new": was is None}
        yield names.MEASURED, at, {**about, **more, **_without_none(expected=None if was else expected)}


def _effect(offer: Offer | None) -> tuple[float, float | None] | None:
    if offer is None or offer.effect is None or offer.effect.observed is None:
        return None
    expected = offer.effect.expected
    return round(offer.effect.observed, 1), None if expected is None else round(expected, 1)


def rated(slug: str, old: int | None, new: int, at: int) -> Iterator[Told]:
    """What a reader says of a lesson, in the place of what they said before."""
    if old != new:
        low = int(new <= LOW) - int(old is not None and old <= LOW)
        helpful = int(new >= HELPFUL) - int(old is not None and old >= HELPFUL)
        said = {"stars": new - (old or 0), "low": low, "helpful": helpful, "new": old is None}
        yield names.LESSON_RATED, at, {"lesson": slug, **said}


def followed(old: Paths, new: Paths) -> Iterator[Told]:
    """What became of the active paths of a learner."""
    for id_, path in new.items():
        was = old.get(id_)
        if was is None and path.rev == 1:
            yield names.PATH_CREATED, path.created_at, {"feasible": path.feasible}
        elif was is not None:
            yield from _moved(was, path)


def _moved(was: Path, path: Path) -> Iterator[Told]:
    done = {step.id for step in was.steps if step.is_done}
    for step in path.steps:
        if step.done_at is not None and step.id not in done:
            yield names.PATH_STEP, step.done_at, {"kind": step.kind}
    if path.status == paths.COMPLETED != was.status:
        yield names.PATH_COMPLETED, path.ended_at or path.active_at, {}


def put_aside(old: Path | None, new: Path) -> Iterator[Told]:
    """A path that got a row of its own because it is paused or cancelled, or was cancelled there."""
    if old is not None and old.status == new.status:
        return
    if new.status == paths.CANCELLED:
        yield names.PATH_CANCELLED, new.ended_at or new.active_at, {}
    elif new.status == paths.PAUSED:
        yield names.PATH_PAUSED, new.paused_at or new.active_at, {}


def _without_none(**said: Any) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
