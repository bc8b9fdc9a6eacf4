"""Learners: who exists, since when."""

from datetime import datetime, timedelta

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from attune.domain.errors import Conflict, Invalid, NotFound
from attune.domain.instants import instant, parse_instant
from attune.domain.learner import User
from attune.domain.principal import Kind, Principal
from attune.domain.repetition import Repetition
from attune.store import keys, table
from attune.store.items import IdempotencyItem, UserItem

IDEMPOTENCY = timedelta(hours=24)


def get(principal: Principal, now: datetime) -> User | None:
    """The learner, or None if there is no such row (an account before its first write, or an erased guest)."""
    item = table.get(UserItem, keys.user(principal.learner), now, consistent=True)
    return of(item) if item else None


def create(principal: Principal, now: datetime, repetition: Repetition | None) -> tuple[User, bool]:
    """Create a learner; with True if the same request had created it before. Raises `Conflict`, `Invalid`."""
    key, write_id, at = keys.user(principal.learner), table.new_write_id(), instant(now)
    item = UserItem(*key, user_id=principal.subject, created_at=at, updated_at=at, write_id=write_id)

    def fill(transaction: TransactWrite) -> None:
        transaction.save(item, condition=UserItem.pk.does_not_exist())
        if repetition:
            record = IdempotencyItem(
                *keys.creation(repetition.route, repetition.key),
                request_hash=repetition.request_hash,
                reference=principal.subject,
                expires_at=int((now + IDEMPOTENCY).timestamp()),
            )
            fresh = IdempotencyItem.pk.does_not_exist() | (IdempotencyItem.expires_at <= int(now.timestamp()))
            transaction.save(record, condition=fresh)

    try:
        table.transact(fill)
    except table.ConditionFailed:
        replayed = repetition and repeated(repetition, now)
        if replayed:
            return replayed, True
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
    found = table.get(UserItem, keys.user(f"g.{record.reference}"), now, consistent=True)
    return of(found) if found else None


def begin(transaction: TransactWrite, principal: Principal, now: datetime) -> None:
    """Add to the transaction of a learner's first row in a course: a guest must exist, an account begins with it."""
    user, at = UserItem(*keys.user(principal.learner)), instant(now)
    if principal.kind is Kind.GUEST:
        transaction.condition_check(UserItem, user.pk, user.sk, condition=UserItem.pk.exists())
        return
    first_write: list[Action] = [
        UserItem.kind.set(UserItem),
        UserItem.schema_version.set(UserItem.schema_version | 1),
        UserItem.user_id.set(principal.subject),
        UserItem.created_at.set(UserItem.created_at | at),
        UserItem.updated_at.set(at),
    ]
    transaction.update(user, actions=first_write)


def refuse_unknown(principal: Principal, now: datetime) -> None:
    """Raise `NotFound` for a guest who does not exist: why a learner's first row was refused."""
    who = keys.user(principal.learner)
    if principal.kind is Kind.GUEST and table.get(UserItem, who, now, consistent=True) is None:
        raise NotFound("unknown_user", "There is no such learner.")


def of(item: UserItem) -> User:
    """The learner that a row holds."""
    return User(item.user_id, parse_instant(item.created_at), parse_instant(item.updated_at))
