"""Learners: who exists, since when."""

from contextlib import suppress
from datetime import datetime

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.errors import Conflict, Invalid, Unidentified
from attune.domain.instants import instant, parse_instant
from attune.domain.learner import User
from attune.domain.principal import Kind, Principal
from attune.domain.repetition import Repetition
from attune.store import keys, retention, table, tombstones
from attune.store.items import IdempotencyItem, UserItem


def get(principal: Principal, now: datetime) -> User | None:
    """The learner, or None if there is no such row (an account before its first write, or an erased guest)."""
    item = table.get(UserItem, keys.user(principal.learner), now, consistent=True)
    return of(item) if item else None


def create(
    principal: Principal, now: datetime, repetition: Repetition | None, *, fresh_id: bool = False
) -> tuple[User, bool]:
    """Create a learner; with True if the same request had created it before. Raises `Conflict`, `Invalid`.

    A `fresh_id` was made just now, so that nobody who bore it can have been erased.
    """
    key, write_id, at = keys.user(principal.learner), table.new_write_id(), instant(now)
    item = UserItem(*key, user_id=principal.subject, created_at=at, updated_at=at, token_at=at, write_id=write_id)
    if repetition:
        item.creation = keys.creation(repetition.route, repetition.key).pk

    def fill(transaction: TransactWrite) -> None:
        transaction.save(item, condition=UserItem.pk.does_not_exist())
        if not fresh_id:
            tombstones.refuse(transaction, principal.learner)
        if repetition:
            record = IdempotencyItem(
                *keys.creation(repetition.route, repetition.key),
                request_hash=repetition.request_hash,
                reference=principal.subject,
                expires_at=retention.ends(IdempotencyItem, now),
            )
            fresh = IdempotencyItem.pk.does_not_exist() | (IdempotencyItem.expires_at <= int(now.timestamp()))
            transaction.save(record, condition=fresh)

    try:
        table.transact(fill)
    except table.ConditionFailed:
        replayed = repetition and repeated(repetition, now)
        if replayed:
            return replayed, True
        with suppress(Unidentified):
            if own := table.settle(UserItem, key, write_id, now):
                return of(own), False
        raise Conflict("user_exists", "This id is taken.") from None
    return of(item), False


def repeated(repetition: Repetition, now: datetime) -> User | None:
    """The learner that this very request created before. Raises `Invalid` if the key was used for another request."""
    record_key = keys.creation(repetition.route, repetition.key)
    record = table.get(IdempotencyItem, record_key, now, consistent=True)
    if record is None:
        return None
    if record.request_hash != repetition.request_hash:
        raise Invalid(code="idempotency_key_reused", detail="This Idempotency-Key was sent with another body.")
    with suppress(Unidentified):
        found = table.get(UserItem, keys.user(f"g.{record.reference}"), now, consistent=True)
        return of(found) if found else None
    return None


def begin(transaction: TransactWrite, principal: Principal, now: datetime, write_id: str | None = None) -> None:
    """Add to the transaction of a learner's first row in a course: a guest must exist, an account begins with it.

    With a `write_id` an account's row shows that this was written.
    """
    user, at = UserItem(*keys.user(principal.learner)), instant(now)
    if principal.kind is Kind.GUEST:
        there = table.unless_newer(UserItem.pk.exists())
        transaction.condition_check(UserItem, user.pk, user.sk, condition=there)
        return
    tombstones.refuse(transaction, principal.learner)
    first_write: list[Action] = [
        UserItem.kind.set(UserItem),
        UserItem.schema_version.set(UserItem.schema_version | 1),
        UserItem.user_id.set(principal.subject),
        UserItem.created_at.set(UserItem.created_at | at),
        UserItem.updated_at.set(at),
        *([UserItem.write_id.set(write_id)] if write_id else []),
    ]
    transaction.update(user, actions=first_write, condition=table.unless_newer())


def seen(principal: Principal, now: datetime) -> User:
    """Note that a guest is given another token, so that it is known until when one can be valid. Raises `Unidentified`.

    It comes twice with the same effect, so no write is recognised here.
    """
    key = keys.user(principal.learner)
    try:
        row = table.update(UserItem, key, [UserItem.token_at.set(instant(now))], UserItem.user_id.exists())
    except table.ConditionFailed:
        # A marker says what became of them.
        table.get(UserItem, key, now, consistent=True)
        raise Unidentified("unknown_user", "There is no such learner any more.") from None
    return of(row)


def refuse_gone(principal: Principal, now: datetime) -> None:
    """Raise `Unidentified` for a guest who is not there (any more), or an account that was erased.

    It is asked where nothing is found of a learner, and where their first row was refused: one read more, then alone.
    """
    if principal.kind is Kind.ACCOUNT:
        if tombstones.find(principal.learner, now) is not None:
            raise Unidentified("erased", "This learner was erased.")
    elif table.get(UserItem, keys.user(principal.learner), now, consistent=True) is None:
        raise Unidentified("unknown_user", "There is no such learner any more.")


def of(item: UserItem) -> User:
    """The learner that a row holds."""
    return User(item.user_id, parse_instant(item.created_at), parse_instant(item.updated_at))
