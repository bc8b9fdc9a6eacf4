"""The nightly runs: how far each is, partition by partition of the learners who are due.

A page is opened with a list of its members, and closed once each of them was looked after. Both are one write that
names the write before it, so that every learner counts once, whatever comes twice, overlaps or ends midway. A learner
who failed has a row of their own, named by a hash, until they are refreshed after all.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.instants import instant, parse_instant
from attune.domain.refresh import Run
from attune.store import keys, retention, table
from attune.store.items import FailureItem, Item, RefreshItem, ShardItem

PAGE: Final = 25
"""Learners in a page."""
_CUT: Final = 22
"""Characters of an id that a bound leaves out: the 48 bits that are left tell any learners of a partition apart."""


class Due(NamedTuple):
    """A learner who is due in a course, with their place in the index."""

    place: str
    learner: str
    course: str

    @property
    def digest(self) -> str:
        return digest(self.learner, self.course)


@dataclass(frozen=True, slots=True)
class Shard:
    """How far a run is in a partition. The last page is from `after` to `last`; while it is open it has `members`."""

    run: str
    number: int
    after: str = ""
    last: str = ""
    more: bool = True
    members: frozenset[str] = frozenset()
    courses: frozenset[str] = frozenset()
    write_id: str | None = None

    @property
    def finished(self) -> bool:
        """Whether every page was closed."""
        return not self.more and not self.members


def digest(learner: str, course: str) -> str:
    """How a learner in a course is named in the books of a run."""
    return hashlib.sha256(f"{learner}#{course}".encode()).hexdigest()[:16]


def begin(run: str, scheduled: datetime, now: datetime) -> None:
    """Note that a run has begun, unless it had, or a later one has."""
    row = RefreshItem(*keys.refresh(), run=run, scheduled_at=instant(scheduled), started_at=instant(now))
    with suppress(table.ConditionFailed):
        table.put(row, RefreshItem.pk.does_not_exist() | (RefreshItem.run < run))


def get(run: str, number: int, now: datetime) -> Shard:
    """How far a run is in a partition."""
    row = table.get(ShardItem, keys.shard(run, number), now, consistent=True)
    return Shard(run, number) if row is None else _of(run, number, row)


def every(run: str, now: datetime) -> list[Shard]:
    """All partitions in which a run has begun."""
    rows = table.query(ShardItem, keys.shard_prefix(run), now, consistent=True)
    return [_of(run, int(row.sk.rpartition("#")[2]), row) for row in rows]


def next_page(shard: Shard) -> list[Due]:
    """The learners of the next page; fewer than `PAGE` are the last."""
    return _due(shard, shard.last)


def left(shard: Shard) -> Iterator[Due]:
    """Those between the bounds of the last page who still stand in the index: they were not refreshed."""
    after = shard.after
    while found := _due(shard, after, shard.last + "\0"):
        yield from found
        after = found[-1].place


def _due(shard: Shard, after: str, below: str | None = None) -> list[Due]:
    end = below or (date.fromisoformat(shard.run) + timedelta(days=1)).isoformat()
    found = table.indexed(keys.due_shard(shard.number), below=end, after=after or None, limit=PAGE)
    return [Due(place, *keys.due_learner(place)) for place, _ in found]


def open_page(shard: Shard, members: Sequence[Due], sums: Sequence[Item], now: datetime) -> Shard | None:
    """The shard with its next page opened, and what the page's answers say stored; None if another was faster."""
    opened = replace(
        shard,
        after=shard.last,
        last=_behind(members[-1].place) if members else shard.last,
        more=len(members) == PAGE,
        members=frozenset(one.digest for one in members),
        courses=shard.courses | {one.course for one in members},
        write_id=table.new_write_id(),
    )
    item = ShardItem
    actions = [
        item.kind.set(item),
        item.schema_version.set(item.schema_version | 1),
        item.expires_at.set(retention.ends(item, now)),
        item.after.set(opened.after),
        item.last.set(opened.last),
        item.more.set(opened.more),
        item.learners.set((item.learners | 0) + len(members)),
        item.done.set(item.done | 0),
        item.failed.set(item.failed | 0),
    ]
    if members:
        actions += [item.members.set(set(opened.members)), item.courses.set(set(opened.courses))]
    return opened if _change(shard, opened, actions, sums, now) else None


def _behind(place: str) -> str:
    """A bound right behind a place in the index, that does not hold the learner's whole id: the books are kept."""
    return place[:-_CUT] + "~"


def close_page(shard: Shard, failed: Collection[Due], now: datetime) -> Shard | None:
    """The shard with its open page closed; None if another has closed it."""
    closed = replace(shard, members=frozenset(), write_id=table.new_write_id())
    item, done = ShardItem, len(shard.members) - len(failed)
    actions = [item.members.remove(), item.done.set(item.done + done), item.failed.set(item.failed + len(failed))]
    if done:
        actions.append(item.done_at.set(instant(now)))
    ends = retention.ends(FailureItem, now)
    failures = [FailureItem(*keys.failure(shard.run, one.digest), expires_at=ends) for one in failed]
    return closed if _change(shard, closed, actions, failures, now) else None


def failures(run: str, learners: Sequence[Due], now: datetime) -> list[Due]:
    """Which of these learners failed, and were not refreshed since."""
    found = table.get_many([keys.failure(run, one.digest) for one in learners], now, consistent=True)
    return [one for one in learners if keys.failure(run, one.digest) in found]


def forget(learner: str, courses: Collection[str], now: datetime) -> None:
    """Delete what the books of all runs say of a learner: that they failed."""
    days = [(now - timedelta(days=ago)).date().isoformat() for ago in range(-1, retention.BOOKS.days + 2)]
    named = [keys.failure(run, digest(learner, course)) for course in sorted(courses) for run in days]
    found = table.get_many(named, now, consistent=True)
    if found:
        table.delete_all(list(found.values()))


def resolve(run: str, number: int, name: str, now: datetime) -> None:
    """Count a learner who had failed as refreshed, if they still count as failed."""

    def fill(transaction: TransactWrite) -> None:
        transaction.delete(FailureItem(*keys.failure(run, name)), condition=FailureItem.pk.exists())
        counts: list[Action] = [item.done.set(item.done + 1), item.failed.set(item.failed - 1)]
        actions = [*counts, item.done_at.set(instant(now))]
        transaction.update(item(*keys.shard(run, number)), actions=actions, condition=item.pk.exists())

    item = ShardItem
    with suppress(table.ConditionFailed):
        table.transact(fill)


def last(now: datetime) -> Run | None:
    """The last run that was begun, in numbers; None before the first."""
    row = table.get(RefreshItem, keys.refresh(), now)
    if row is None:
        return None
    shards = list(table.query(ShardItem, keys.shard_prefix(row.run), now))
    times = [parse_instant(shard.done_at) for shard in shards if shard.done_at]
    scheduled = parse_instant(row.scheduled_at)
    return Run(
        row.run,
        learners=sum(int(shard.learners) for shard in shards),
        done=sum(int(shard.done) for shard in shards),
        failed=sum(int(shard.failed) for shard in shards),
        lag_seconds=int((max(times) - scheduled).total_seconds()) if times else None,
    )


def _of(run: str, number: int, row: ShardItem) -> Shard:
    members, courses = frozenset(row.members or ()), frozenset(row.courses or ())
    return Shard(run, number, row.after, row.last, bool(row.more), members, courses, row.write_id)


def _change(was: Shard, after: Shard, actions: Sequence[Action], beside: Sequence[Item], now: datetime) -> bool:
    """Change the row, and write those beside it, if it is still as it was read; False if it is not."""
    key, item, own = keys.shard(was.run, was.number), ShardItem, str(after.write_id)
    actions = [*actions, item.write_id.set(own)]
    unchanged: Condition = item.pk.does_not_exist() if was.write_id is None else item.write_id == was.write_id

    def fill(transaction: TransactWrite) -> None:
        transaction.update(ShardItem(*key), actions=actions, condition=table.unless_newer(unchanged))
        for one in beside:
            transaction.save(one, condition=table.unless_newer())

    try:
        if beside:
            table.transact(fill)
        else:
            table.update(item, key, actions, unchanged)
    except table.ConditionFailed:
        return table.settle(item, key, own, now) is not None
    return True
