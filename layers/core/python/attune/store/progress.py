"""How far a learner is: one row for the course, read with all that ranking needs, and one for each lesson begun."""

from collections.abc import Iterator
from datetime import datetime

from attune.domain.instants import instant
from attune.domain.paths.tally import Tally
from attune.domain.principal import Principal
from attune.domain.progress.lesson_progress import LessonProgress
from attune.domain.progress.summary import Summary
from attune.store import keys, table
from attune.store.items import LessonProgressItem, ProgressItem
from attune.store.packed import pack, unpack


def of(row: ProgressItem) -> tuple[Summary, Tally]:
    """The summary that a row holds, and how many paths there are."""
    plain = unpack(row.data)
    return Summary.from_json(plain["summary"]), Tally(*plain["paths"])


def item(learner: str, course: str, summary: Summary, tally: Tally, write_id: str) -> ProgressItem:
    """The row of a summary."""
    data = pack({"summary": summary.to_json(), "paths": tally.to_json()})
    return ProgressItem(*keys.progress(learner, course), data=data, write_id=write_id)


def of_lesson(row: LessonProgressItem) -> LessonProgress:
    """What a row says of its lesson."""
    return LessonProgress.from_json(unpack(row.data))


def lesson_item(
    learner: str, course: str, slug: str, progress: LessonProgress, write_id: str, now: datetime
) -> LessonProgressItem:
    """The row of one lesson."""
    key = keys.lesson_progress(learner, course, slug)
    return LessonProgressItem(*key, data=pack(progress.to_json()), tracked_at=instant(now), write_id=write_id)


def every(principal: Principal, course: str, now: datetime) -> Iterator[tuple[str, LessonProgress]]:
    """All lessons that a learner has begun in a course, by slug."""
    prefix = keys.lesson_progress_prefix(principal.learner, course)
    for row in table.query(LessonProgressItem, prefix, now, consistent=True):
        yield row.sk.removeprefix(prefix.sk), of_lesson(row)
