"""Which personalized lesson each learner last asked for: the pointer is the learner's, what it leads to is shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.errors import Unavailable
from attune.domain.instants import instant
from attune.domain.principal import Principal
from attune.store import keys, retention, table, users
from attune.store.items import PointerItem, SettingsItem

TRIES: Final = 4
"""How often a regeneration is tried while others make the row in between."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A variant, and what it was chosen by: if none of that has changed, neither has the choice.

    `regenerated_at` is when the learner last asked for another text of this lesson.
    """

    variant: str
    course_version: int
    answers_rev: int
    style: str
    edition: int
    cached: bool
    regenerated_at: str | None = None

    def stands_for(self, course_version: int, answers_rev: int, style: str) -> bool:
        return (self.course_version, self.answers_rev, self.style) == (course_version, answers_rev, style)


def of(item: PointerItem | None) -> Pointer | None:
    """The pointer that a row holds."""
    if item is None:
        return None
    return Pointer(
        item.variant,
        int(item.course_version),
        int(item.answers_rev),
        item.style,
        int(item.edition),
        bool(item.cached),
        item.regenerated_at,
    )


def put(principal: Principal, course: str, slug: str, pointer: Pointer, now: datetime) -> None:
    """Point a learner to a variant. Raises `Unidentified` for one who is gone."""
    row = row_of(principal, course, slug, pointer, now)

    def fill(transaction: TransactWrite) -> None:
        transaction.save(row, condition=table.unless_newer())
        users.begin(transaction, principal, now)

    try:
        table.transact(fill)
    except table.ConditionFailed:
        users.refuse_gone(principal, now)
        # What else can be in the way is a row of a newer release, and reading it says so.
        table.get(PointerItem, keys.pointer(principal.learner, course, slug), now, consistent=True)


def put_regenerated(principal: Principal, course: str, slug: str, pointer: Pointer, before: str, now: datetime) -> bool:
    """Point a learner to another text and use up their regeneration of the day, both or neither.

    False if the last one was after `before` (an instant).
    """
    item, key, write_id = SettingsItem, keys.settings(principal.learner, course), table.new_write_id()
    at = pointer.regenerated_at or instant(now)
    free = item.regenerated_at.does_not_exist() | (item.regenerated_at <= before)
    actions = [item.regenerated_at.set(at), item.write_id.set(write_id)]
    row = row_of(principal, course, slug, pointer, now)

    def change(transaction: TransactWrite) -> None:
        transaction.update(item(*key), list[Action](actions), condition=table.unless_newer(item.pk.exists() & free))
        transaction.save(row, condition=table.unless_newer())

    def create(transaction: TransactWrite) -> None:
        # Who has told and chosen nothing has no row yet, and has used nothing up.
        told: dict[str, Any] = {
            "answers": {},
            "preferences": {"extras": {}},
            "regenerated_at": at,
            "updated_at": instant(now),
        }
        first = item(*key, **told, write_id=write_id)
        transaction.save(first, condition=item.pk.does_not_exist())
        users.begin(transaction, principal, now)
        transaction.save(row, condition=table.unless_newer())

    tried = change
    for _ in range(TRIES):
        try:
            table.transact(tried)
        except table.ConditionFailed:
            found = table.get(item, key, now, consistent=True)
        else:
            return True
        if found is not None and found.write_id == write_id:
            return True
        if found is not None and tried is change:
            return False
        if found is None and tried is create:
            users.refuse_gone(principal, now)
        tried = change if found is not None else create
    raise Unavailable("store_busy")


def row_of(principal: Principal, course: str, slug: str, pointer: Pointer, now: datetime) -> PointerItem:
    """The row of a pointer."""
    fields = {name: getattr(pointer, name) for name in Pointer.__slots__}
    own, ends = keys.pointer(principal.learner, course, slug), retention.ends(PointerItem, now)
    return PointerItem(*own, **fields, given_at=instant(now), expires_at=ends)


def given(principal: Principal, course: str, now: datetime) -> list[tuple[str, str]]:
    """The variants that a learner has in a course, each with when they got it (an instant)."""
    rows = table.query(PointerItem, keys.pointer_prefix(principal.learner, course), now)
    return [(row.variant, row.given_at) for row in rows if row.given_at]


def clear(principal: Principal, course: str, now: datetime) -> int:
    """Delete all of a learner's pointers in a course; how many there were. Raises `Unidentified` for who is gone."""
    users.refuse_gone(principal, now)
    prefix = keys.pointer_prefix(principal.learner, course)
    columns: Sequence[str] = ("pk", "sk", "kind", "schema_version", "expires_at")
    found = list(table.query(PointerItem, prefix, now, attributes=columns))
    table.delete_all(found)
    return len(found)
