"""Ask the parts that everything stands on how they are."""

from datetime import datetime

from attune.domain.batch import Batch
from attune.domain.errors import NotFound, Unavailable
from attune.domain.refresh import Run
from attune.store import batches, courses, runs


def table(now: datetime) -> bool:
    """Whether the table answers."""
    try:
        courses.current("health", now)
    except NotFound:
        return True
    except Unavailable:
        return False
    return True


def refresh(now: datetime) -> Run | None:
    """The last nightly run; None before the first, and while the table does not answer."""
    try:
        return runs.last(now)
    except Unavailable:
        return None


def written_together(now: datetime) -> list[Batch]:
    """The batch of each course that had one of late; none while the table does not answer."""
    try:
        return batches.every(now)
    except Unavailable:
        return []
