"""Asking for another text of a lesson, as a reader does."""

from datetime import datetime

from attune.domain.instants import instant
from attune.domain.principal import Principal
from attune.store import pointers
from tests.builders import a_key


def regenerated(who: Principal, course: str, before: str, at: datetime) -> bool:
    """Whether the learner got the regeneration of the day."""
    wanted = pointers.Pointer(a_key(), 1, 1, "s", 1, False, instant(at))
    return pointers.put_regenerated(who, course, "x", wanted, before, at)
