"""A learner's rows in a course are changed together, in one transaction or not at all.

Each row is guarded by its write id: what is written was made from what is stored. Whoever is refused reads again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from attune.domain.instants import instant
from attune.domain.recommendations.offer import Offer
from attune.store import (
    arms,
    keys,
    learner_course,
    paths,
    pointers,
    progress,
    repetitions,
    sessions,
    table,
    tallies,
    users,
)
from attune.store.items import IdempotencyItem, Item, LogItem, PathItem, PointerItem, ProfileItem, RecommendationItem
from attune.store.learner_course import Changes, Rows
from attune.store.packed import pack


def write(rows: Rows, changes: Changes, now: datetime, *, seen: bool) -> None:
    """Write the changes, if the rows are still as they were read. Raises `ConditionFailed`, `Unidentified`.

    Where no row that is there guards the write, the learner is looked at in its transaction.
    `seen`: the learner did something, so that the nightly refresh looks after them for the next fortnight.
    """
    write_id = table.new_write_id()
    items = _items(rows, changes, write_id, now, seen=seen)
    gone = [PathItem(*keys.path(rows.principal.learner, rows.course, id_)) for id_ in _leaving(changes)]
    first, arm = not _guards(rows, items), changes.arm

    def fill(transaction: TransactWrite) -> None:
        for item in items:
            transaction.save(item, condition=table.unless_newer(_unchanged(rows, item, now)))
        for item in gone:
            transaction.delete(item, condition=_unchanged(rows, item, now))
        if arm is not None:
            arms.add(transaction, rows.principal, rows.course, rows.settings, arm, now, exists=rows.has_settings)
        if changes.counts:
            arms.check(transaction, rows.principal, rows.course, rows.settings)
        for one in changes.counts:
            tallies.add(transaction, rows.course, one.experiment, one.assignment, one.adds)
        if first:
            users.begin(transaction, rows.principal, now)

    try:
        if len(items) == 1 and not gone and not first and arm is None and not changes.counts:
            table.put(items[0], _unchanged(rows, items[0], now))
        elif items:
            table.transact(fill)
    except table.ConditionFailed:
        if first:
            users.refuse_gone(rows.principal, now)
        guarded = next(item for item in items if item.write_id)
        if table.settle(type(guarded), keys.Key(guarded.pk, guarded.sk), write_id, now) is None:
            raise


def _guards(rows: Rows, items: Sequence[Item]) -> bool:
    """Whether a row that is there, and must still be as it was read, is among those written."""
    free = (RecommendationItem, IdempotencyItem, PointerItem)
    return any(item.sk in rows.written for item in items if not isinstance(item, free))


def _leaving(changes: Changes) -> list[str]:
    """The ids of paths that leave the rows of their own."""
    return [id_ for id_, path in changes.apart.items() if path is None]


def _unchanged(rows: Rows, item: Item, now: datetime) -> Condition | None:
    if isinstance(item, RecommendationItem | PointerItem):
        return None
    if isinstance(item, IdempotencyItem):
        return repetitions.is_free(now)
    if item.sk not in rows.written:
        return Item.pk.does_not_exist()
    condition: Condition = Item.write_id == rows.written[item.sk]
    return condition


def _items(rows: Rows, changes: Changes, write_id: str, now: datetime, *, seen: bool) -> list[Item]:
    learner, course = rows.principal.learner, rows.course
    items: list[Item] = []
    if (practice := changes.practice) is not None:
        rebuild = instant(now) if changes.rebuild else None
        key, data = keys.profile(learner, course), learner_course.practice_data(practice)
        items.append(ProfileItem(*key, data=data, rev=practice.rev, rebuild=rebuild, write_id=write_id))
    if (log := changes.log) is not None:
        data = learner_course.log_data(log, changes.late)
        items.append(LogItem(*keys.log(learner, course), data=data, write_id=write_id))
    if changes.session is not None:
        items.append(sessions.item(learner, course, changes.session, write_id, changes.measured))
    items.extend(_more_items(rows, changes, write_id, now))
    items.extend(_history_item(learner, course, offer) for offer in changes.history)
    # Whoever comes into an experiment answers from now on in a transaction: the row of the ledger has to say so.
    told = changes.ledger is not None or changes.refreshed is not None or changes.arm is not None
    if told or (seen and _unseen(rows, now)):
        items.append(learner_course.ledger_item(rows, changes, write_id, now, seen=seen))
    return items


def _more_items(rows: Rows, changes: Changes, write_id: str, now: datetime) -> Iterable[Item]:
    """The rows of progress, of paths and of a lesson that was asked for."""
    learner, course = rows.principal.learner, rows.course
    if changes.progress is not None or changes.tally is not None:
        summary, tally = changes.progress or rows.progress, changes.tally or rows.tally
        yield progress.item(learner, course, summary, tally, write_id)
    if changes.lesson is not None:
        yield progress.lesson_item(learner, course, *changes.lesson, write_id, now)
    if changes.paths is not None:
        yield paths.item(learner, course, changes.paths, write_id)
    for id_, path in changes.apart.items():
        if path is not None:
            yield paths.item_of_one(learner, course, id_, path, write_id, now)
    if changes.pointer is not None:
        yield pointers.row_of(rows.principal, course, *changes.pointer, now)
    if changes.answered is not None:
        yield repetitions.item(learner, changes.answered, now)


def _history_item(learner: str, course: str, offer: Offer) -> RecommendationItem:
    """The row of a closed or accepted recommendation."""
    written = replace(offer, before={}, waiting=False)
    return RecommendationItem(
        *keys.recommendation(learner, course, offer.id), data=pack(written.to_json()), status=offer.status
    )


def _unseen(rows: Rows, now: datetime) -> bool:
    return rows.active_on != now.date().isoformat()
