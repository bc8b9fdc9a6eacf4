"""Which personalized lesson each learner last asked for: the pointer is the learner's, what it leads to is shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from attune.domain.principal import Principal
from attune.store import keys, table
from attune.store.items import PointerItem

LIFE = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A variant, and what it was chosen by: if none of that has changed, neither has the choice."""

    variant: str
    course_version: int
    answers_rev: int
    style: str
    edition: int
    cached: bool

    def stands_for(self, course_version: int, answers_rev: int, style: str) -> bool:
        return (self.course_version, self.answers_rev, self.style) == (course_version, answers_rev, style)


def of(item: PointerItem | None) -> Pointer | None:
    """The pointer that a row holds."""
    if item is None:
        return None
    return Pointer(
        item.variant, int(item.course_version), int(item.answers_rev), item.style, int(item.edition), bool(item.cached)
    )


def put(principal: Principal, course: str, slug: str, pointer: Pointer, now: datetime) -> None:
    """Point a learner to a variant."""
    fields = {name: getattr(pointer, name) for name in Pointer.__slots__}
    expires = int((now + LIFE).timestamp())
    key = keys.pointer(principal.learner, course, slug)
    try:
        table.put(PointerItem(*key, **fields, expires_at=expires))
    except table.ConditionFailed:
        # The one thing that can be in the way is a row of a newer release, and reading it says so.
        table.get(PointerItem, key, now, consistent=True)


def clear(principal: Principal, course: str, now: datetime) -> int:
    """Delete all of a learner's pointers in a course; how many there were."""
    prefix = keys.pointer_prefix(principal.learner, course)
    columns: Sequence[str] = ("pk", "sk", "kind", "schema_version", "expires_at")
    found = list(table.query(PointerItem, prefix, now, attributes=columns))
    table.delete_all(found)
    return len(found)
