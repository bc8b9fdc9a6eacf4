"""How long rows are kept that end by themselves: what a row's `expires_at` is made from, and the published table."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from attune.domain.principal import GUEST_TOKEN
from attune.store import items
from attune.store.items import Item

REPEATED: Final = timedelta(hours=24)
BOOKS: Final = timedelta(days=30)
TEXTS: Final = timedelta(days=180)
YEAR: Final = timedelta(days=400)
"""A year, and some days to look back from."""

KEPT: Final[Mapping[type[Item], tuple[timedelta, str]]] = {
    items.IdempotencyItem: (REPEATED, "it was made"),
    items.QuotaItem: (timedelta(days=2), "the first lesson of the day was planned"),
    items.PathItem: (timedelta(days=30), "the learner deleted it"),
    items.BatchedItem: (timedelta(days=2), "a night asked for the lesson"),
    items.ShardItem: (BOOKS, "it was changed"),
    items.FailureItem: (BOOKS, "the refresh failed"),
    items.SumsItem: (BOOKS, "it was changed"),
    items.BatchItem: (BOOKS, "it was changed"),
    items.CandidateItem: (BOOKS, "it was proposed"),
    items.PointerItem: (TEXTS, "another text was asked for"),
    items.SectionItem: (TEXTS, "it was written"),
    items.VariantItem: (TEXTS, "it was assembled"),
    items.SnapshotItem: (YEAR, "its day"),
    # An event is recognised for longer than any experiment should run; one of the stream for three days.
    items.OutcomeItem: (YEAR, "it was counted"),
    # As long as reports look back, `domain.reports.presence.KEPT`, which functions that count nothing do without.
    items.EventItem: (YEAR, "its day began"),
    items.MetricItem: (YEAR, "its day began"),
    items.PresenceItem: (YEAR, "the learner's last day began"),
    items.ReportItem: (timedelta(days=800), "its week ended"),
    items.BudgetItem: (YEAR, "the month's first call"),
    # Longer than any section is kept that was counted under its generation.
    items.BreakerItem: (YEAR, "the model first failed"),
    items.ErasureItem: (YEAR, "it was done"),
}
"""By kind of row: how long, and since when. What is not here stays until its learner is erased, or for good."""


def ends(kind: type[Item], now: datetime) -> int:
    """When a row of this kind goes that is written now, in epoch seconds."""
    return int((now + KEPT[kind][0]).timestamp())


def guest_is_gone(last_token: datetime, now: datetime) -> bool:
    """Whether no token of a guest can be valid any more, so that nobody reaches the rows; a day is left to clocks."""
    return last_token + GUEST_TOKEN + timedelta(days=1) < now
