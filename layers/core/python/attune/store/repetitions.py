"""What learners made under an idempotency key: the answer, kept for a day, written along with what was made."""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.expressions.condition import Condition

from attune.domain.errors import Invalid
from attune.domain.repetition import Repetition
from attune.store import keys, retention
from attune.store.items import IdempotencyItem
from attune.store.packed import pack, unpack


@dataclass(frozen=True, slots=True)
class Record:
    """What was sent under a key (a hash), and what was answered."""

    request_hash: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that is to be recognised, what was made by it, and the answer to repeat."""

    repetition: Repetition
    reference: str
    answer: str


def of(row: IdempotencyItem) -> Record:
    """The record that a row holds."""
    return Record(row.request_hash, unpack(row.data) if row.data else "")


def item(learner: str, answered: Answered, now: datetime) -> IdempotencyItem:
    """The row of an answer."""
    asked = answered.repetition
    return IdempotencyItem(
        *keys.repetition(learner, asked.route, asked.key),
        request_hash=asked.request_hash,
        reference=answered.reference,
        data=pack(answered.answer),
        expires_at=retention.ends(IdempotencyItem, now),
    )


def is_free(now: datetime) -> Condition:
    """That nothing is kept under a key, or it is out of date and not deleted yet."""
    free: Condition = IdempotencyItem.pk.does_not_exist() | (IdempotencyItem.expires_at <= int(now.timestamp()))
    return free


def demand_same(record: Record, repetition: Repetition) -> None:
    """Raise `Invalid` if the key was used for another request."""
    if record.request_hash != repetition.request_hash:
        raise Invalid(code="idempotency_key_reused", detail="This Idempotency-Key was sent with another body.")
