"""Ratings of personalized lessons: each reader's in a row of their own, and counted beside the variant.

A rating, the count and what follows for readers change in one transaction, made from what was read: so each reader
counts once, whatever comes twice or at once. A variant that was planned anew, after the one before it had expired,
is another text: what was said of that one does not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.instants import instant
from attune.domain.principal import Principal
from attune.domain.ratings import NO_RATINGS, Rating, Tally
from attune.store import keys, table, users, variants
from attune.store.items import Item, RatingItem, RatingsItem, VariantItem, WithdrawalItem
from attune.store.variants import Variant


@dataclass(frozen=True, slots=True)
class Rated:
    """A variant, what is counted of it, and what one reader said of it; `written` are the write ids of both rows."""

    variant: Variant
    tally: Tally
    mine: Rating | None
    written: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A variant that is out of service, as the owner sees it."""

    variant: str
    lesson_slug: str
    persona: dict[str, str]
    language: str
    edition: int
    rated: int
    low: int
    since: str


def read(principal: Principal, variant: str, course: str, now: datetime) -> Rated | None:
    """What is there of a variant and a reader's rating of it, in one round trip; None without the variant."""
    wanted = keys.variant(variant), keys.ratings(variant), keys.rating(principal.learner, course, variant)
    found = table.get_many(wanted, now, consistent=True)
    row, tally, mine = (found.get(key) for key in wanted)
    if not isinstance(row, VariantItem):
        return None
    known = variants.of(row)
    written = tuple(each.write_id if each else None for each in (mine, tally))
    return Rated(
        known,
        _tally(tally if isinstance(tally, RatingsItem) else None, known),
        _rating(mine) if isinstance(mine, RatingItem) and mine.planned_at == known.planned_at else None,
        cast("tuple[str | None, str | None]", written),
    )


def write(principal: Principal, rated: Rated, rating: Rating, now: datetime) -> None:
    """Count a reader's rating, in the place of their earlier one. Raises `ConditionFailed`, `NotFound`."""
    variant, plan, write_id = rated.variant, rated.variant.plan, table.new_write_id()
    tally = rated.tally.with_rating(rating, rated.mine)
    mine = RatingItem(
        *keys.rating(principal.learner, plan.course, variant.key),
        variant=variant.key,
        lesson_slug=plan.slug,
        stars=rating.stars,
        reason=rating.reason,
        rated_at=rating.at,
        planned_at=variant.planned_at,
        write_id=write_id,
    )

    def fill(transaction: TransactWrite) -> None:
        transaction.save(mine, condition=_unchanged(rated.written[0]))
        _count(transaction, rated, tally, write_id, now)
        if rated.written[0] is None:
            users.begin(transaction, principal, now)

    try:
        table.transact(fill)
    except table.ConditionFailed:
        if rated.written[0] is None:
            users.refuse_gone(principal, now)
        raise


def approve(rated: Rated, now: datetime) -> None:
    """Keep a variant in service whatever is said of it. Raises `ConditionFailed`."""
    tally = Tally(rated.tally.rated, rated.tally.low, approved=True)
    table.transact(lambda transaction: _count(transaction, rated, tally, table.new_write_id(), now))


def withdrawn(course: str, now: datetime) -> Iterator[Withdrawal]:
    """The variants of a course that are out of service."""
    rows = list(table.query(WithdrawalItem, keys.withdrawal_prefix(course), now))
    names = [row.sk.rpartition("#")[2] for row in rows]
    found = table.get_many([keys.variant(name) for name in names], now)
    for name, row in zip(names, rows, strict=True):
        variant = found.get(keys.variant(name))
        # One that expired, or was planned anew since, is not out of service.
        if isinstance(variant, VariantItem) and variant.out_since:
            yield Withdrawal(
                name,
                row.lesson_slug,
                row.persona,
                row.language,
                int(row.edition),
                int(row.rated),
                int(row.low),
                row.since,
            )


def _count(transaction: TransactWrite, rated: Rated, tally: Tally, write_id: str, now: datetime) -> None:
    """The new count, and, where it is or was out of service, what readers and the owner see."""
    variant = rated.variant
    row = RatingsItem(
        *keys.ratings(variant.key),
        rated=tally.rated,
        low=tally.low,
        approved=tally.approved,
        planned_at=variant.planned_at,
        write_id=write_id,
    )
    transaction.save(row, condition=_unchanged(rated.written[1]))
    if not tally.out_of_service and variant.out_since is None:
        return
    item, since = VariantItem, variant.out_since or instant(now)
    actions: list[Action] = [item.out_since.set(since) if tally.out_of_service else item.out_since.remove()]
    transaction.update(item(*keys.variant(variant.key)), actions=actions, condition=_same(variant))
    shown = WithdrawalItem(
        *keys.withdrawal(variant.plan.course, variant.key),
        lesson_slug=variant.plan.slug,
        persona=dict(variant.plan.persona),
        language=variant.plan.language,
        edition=variant.plan.edition,
        rated=tally.rated,
        low=tally.low,
        since=since,
    )
    if tally.out_of_service:
        transaction.save(shown)
    else:
        transaction.delete(shown)


def _same(variant: Variant) -> Condition:
    item = VariantItem
    planned: Any = item.planned_at
    same: Condition = planned.does_not_exist() if variant.planned_at is None else planned == variant.planned_at
    return table.unless_newer(item.pk.exists() & same)


def _unchanged(write_id: str | None) -> Condition:
    return table.unless_newer(Item.pk.does_not_exist() if write_id is None else Item.write_id == write_id)


def _tally(item: RatingsItem | None, variant: Variant) -> Tally:
    if item is None or item.planned_at != variant.planned_at:
        return NO_RATINGS
    return Tally(int(item.rated), int(item.low), bool(item.approved))


def _rating(item: RatingItem) -> Rating:
    return Rating(int(item.stars), item.reason, item.rated_at)
