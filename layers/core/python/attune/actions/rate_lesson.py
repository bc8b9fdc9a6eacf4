"""A reader says how good the lesson is that was written for them; enough who find it bad take it from all of them."""

from datetime import datetime
from typing import Final

from attune.domain.errors import Conflict, NotFound, Unavailable
from attune.domain.instants import instant
from attune.domain.principal import Principal
from attune.domain.ratings import Rating
from attune.store import courses, ratings, reading, sections, table
from attune.store.ratings import Rated

TRIES: Final = 40
"""A lesson that a whole class rates in the same second is counted one by one."""


def run(principal: Principal, course: str, slug: str, stars: int, reason: str | None, now: datetime) -> Rating:
    """The rating as it stands; saying the same again changes nothing. Raises `NotFound`, `Conflict`, `Unavailable`."""
    start = reading.start(principal, course, slug, now)
    if slug not in courses.load(start.current, now).lessons:
        raise NotFound("unknown_lesson", "The course has no such lesson.")
    if start.pointer is None or not start.settings.personalization:
        raise _nothing()
    for turn in range(TRIES):
        rated = ratings.read(principal, start.pointer.variant, course, now)
        if rated is None or not _was_shown(rated):
            raise _nothing()
        if rated.mine is not None and rated.mine.says(stars, reason):
            return rated.mine
        rating = Rating(stars, reason, instant(now))
        try:
            ratings.write(principal, rated, rating, now)
        except table.ConditionFailed:
            table.pause(min(turn, 2))
            continue
        return rating
    raise Unavailable("store_busy")


def _was_shown(rated: Rated) -> bool:
    """Whether this reader got the text: of a lesson out of service only those who rated it are known to have."""
    found = rated.variant.assembled
    if found is None or all(section["state"] == sections.ORIGINAL for section in found.sections):
        return False
    return rated.variant.out_since is None or rated.mine is not None


def _nothing() -> Conflict:
    return Conflict("nothing_to_rate", "No text of this lesson was written for the caller and shown to them.")
