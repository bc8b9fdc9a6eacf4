"""How many lessons a learner may have written for money in a day: which ones, in a row of the day.

A place is taken before a lesson is planned and kept once it is; whoever dies in between loses it only for a while. The
same lesson never takes two places, whatever comes twice.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pynamodb.expressions.condition import Condition, size

from attune.domain.budget import day_of, next_day
from attune.domain.errors import Unavailable
from attune.domain.principal import Principal
from attune.store import keys, retention, table
from attune.store.items import QuotaItem

LEASE: Final = 60.0
"""Seconds for which a place is taken that nobody has kept yet: longer than a request takes."""
NAME: Final = 24
"""Letters of a variant's key by which it is known here."""
TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class Quota:
    """A learner's lessons of a day, of which there are at most so many."""

    principal: Principal
    limit: int

    def take(self, key: str, now: datetime) -> bool:
        """Whether there is room for a lesson; it has a place then, until `LEASE` is over or it is kept."""
        row, item, name = keys.quota(self.principal.learner, day_of(now)), QuotaItem, key[:NAME]
        until = int(now.timestamp() + LEASE)
        room = size(item.lessons) < self.limit  # type: ignore[no-untyped-call]
        free: Condition = item.pk.exists() & (room | item.lessons[name].exists())
        for turn in range(TRIES):
            with suppress(table.ConditionFailed):
                table.update(item, row, [item.lessons[name].set(item.lessons[name] | until)], free)
                return True
            found = table.get(item, row, now, consistent=True)
            if found is None:
                first = item(*row, lessons={}, expires_at=retention.ends(item, now))
                with suppress(table.ConditionFailed):
                    table.put(first, item.pk.does_not_exist() | (item.expires_at <= int(now.timestamp())))
            elif not self._dropped(found, now):
                return False
            table.pause(min(turn, 1))
        raise Unavailable("store_busy")

    def keep(self, key: str, now: datetime) -> None:
        """A lesson was planned: its place is taken until the day ends."""
        self._change(now, key, QuotaItem.lessons[key[:NAME]].set(int(next_day(now).timestamp())))

    def give_back(self, key: str, now: datetime) -> None:
        """A lesson was another's: its place is free again."""
        self._change(now, key, QuotaItem.lessons[key[:NAME]].remove())

    def _change(self, now: datetime, key: str, action: Any) -> None:
        """Say what became of a place; if that cannot be said, it is free once its lease is over."""
        row = keys.quota(self.principal.learner, day_of(now))
        with suppress(table.ConditionFailed, Unavailable):
            table.update(QuotaItem, row, [action], QuotaItem.lessons[key[:NAME]].exists())

    def _dropped(self, found: QuotaItem, now: datetime) -> bool:
        """Free the places that were never kept; whether there were any."""
        item, at = QuotaItem, int(now.timestamp())
        lapsed = [name for name, until in found.lessons.as_dict().items() if until <= at]  # type: ignore[no-untyped-call]
        for name in lapsed:
            with suppress(table.ConditionFailed):
                table.update(
                    item, keys.Key(found.pk, found.sk), [item.lessons[name].remove()], item.lessons[name] <= at
                )
        return bool(lapsed)
