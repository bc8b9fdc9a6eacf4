"""Whom the nightly refresh looks after in a course: those who were there within the last fortnight."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Final

from attune.domain.principal import Principal
from attune.store import keys, table
from attune.store.items import RecommendationsItem

ACTIVE_DAYS: Final = 14
"""How long after a learner was last seen the nightly refresh looks after them."""
SINCE_EVER: Final = "0001-01-01"
"""The day on which a learner is due who was never refreshed."""


def is_active(active_on: date, today: date) -> bool:
    """Whether a learner was there within the last fortnight."""
    return today - active_on <= timedelta(days=ACTIVE_DAYS)


def due(refreshed: str | None) -> str:
    """The day from which the next refresh is due: it changes with a refresh alone, and so does the index."""
    return SINCE_EVER if refreshed is None else (date.fromisoformat(refreshed) + timedelta(days=1)).isoformat()


def drop(principal: Principal, course: str) -> None:
    """Let no refresh look after a learner in this course, until they do something there again."""
    item = RecommendationsItem
    leave = [item.index_pk.remove(), item.index_sk.remove()]
    with suppress(table.ConditionFailed):
        table.update(item, keys.recommendations(principal.learner, course), leave, item.pk.exists())
