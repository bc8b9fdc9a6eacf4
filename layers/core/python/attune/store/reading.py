"""Rows of several kinds in one round trip: all that serving or writing a lesson, or showing a learner, starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from attune.domain.learner import LearnerSettings, User
from attune.domain.principal import Kind, Principal
from attune.store import breakers, courses, keys, learner_settings, pointers, table, users, variants
from attune.store.items import BreakerItem, CourseItem, PointerItem, SettingsItem, UserItem, VariantItem


@dataclass(frozen=True, slots=True)
class Start:
    """The learner's settings, where they were pointed to last, and the course's current version."""

    settings: LearnerSettings
    pointer: pointers.Pointer | None
    current: courses.Current


def learner(principal: Principal, course: str, now: datetime) -> tuple[User | None, LearnerSettings]:
    """The learner's row and settings."""
    wanted = (keys.user(principal.learner), keys.settings(principal.learner, course))
    found = table.get_many(wanted, now)
    if wanted[0] not in found and principal.kind is Kind.GUEST:
        # A guest has a row from the first token on; that it is not seen may only mean that it is very new.
        found = table.get_many(wanted, now, consistent=True)
    if not found and principal.kind is Kind.ACCOUNT:
        users.refuse_gone(principal, now)
    user, settings = (found.get(key) for key in wanted)
    return (
        users.of(user) if isinstance(user, UserItem) else None,
        learner_settings.of(settings if isinstance(settings, SettingsItem) else None),
    )


def start(principal: Principal, course: str, slug: str, now: datetime) -> Start:
    """Read the three rows. Raises `NotFound` for an unknown course."""
    wanted = (
        keys.settings(principal.learner, course),
        keys.pointer(principal.learner, course, slug),
        keys.course(course),
    )
    found = table.get_many(wanted, now)
    settings, pointer, current = (found.get(key) for key in wanted)
    if settings is None:
        users.refuse_gone(principal, now)
    return Start(
        learner_settings.of(settings if isinstance(settings, SettingsItem) else None),
        pointers.of(pointer if isinstance(pointer, PointerItem) else None),
        courses.of(course, current if isinstance(current, CourseItem) else None),
    )


def work(
    variant: str, suppliers: Sequence[str], now: datetime
) -> tuple[variants.Variant | None, tuple[breakers.Known, ...]]:
    """A variant, and how those do who may write it, in the order in which they are asked; read consistently."""
    wanted = (keys.variant(variant), *(keys.breaker(place) for place in range(len(suppliers))))
    item, *rows = map(table.get_many(wanted, now, consistent=True).get, wanted)
    return (
        variants.of(item) if isinstance(item, VariantItem) else None,
        tuple(
            breakers.of(place, supplier, row if isinstance(row, BreakerItem) else None)
            for place, (supplier, row) in enumerate(zip(suppliers, rows, strict=True))
        ),
    )
