"""Personalized lessons as readers get them: planned by the first who asks, assembled when all sections are settled."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from attune.domain.instants import instant
from attune.domain.quoted import quoted
from attune.store import keys, retention, table
from attune.store.items import VariantItem

QUEUED, READY = "queued", "ready"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written and from what: enough to make each request again, and nothing of any learner.

    `writing` are the parameters that shape it where they are not those of everybody.
    """

    course: str
    version: int
    slug: str
    text_id: str
    content_hash: str
    persona: Mapping[str, str]
    language: str
    style: Mapping[str, Any]
    edition: int
    sections: Sequence[str]
    writing: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values that `Plan` is made of; earlier releases know no `writing`."""
        plain = asdict(self)
        return plain if self.writing else {name: value for name, value in plain.items() if name != "writing"}


@dataclass(frozen=True, slots=True)
class Assembled:
    """A lesson that is ready: its text (as JSON quotes it), its sections as shown, the glossary terms in it, and where
    it comes from."""

    quoted: str
    sections: Sequence[Mapping[str, Any]]
    terms: Sequence[str]
    provenance: Mapping[str, Any]
    generated_at: str


@dataclass(frozen=True, slots=True)
class Variant:
    """Lost messages may be sent again from `requeue_at`, originals tried again from `retry_at` on (epoch seconds).

    `cost` is what its sections cost (millionths of a dollar), each in full, however many lessons share it.
    `planned_at` tells it from an earlier one under the same key, `out_since` when ratings took it out of service.
    """

    key: str
    plan: Plan
    assembled: Assembled | None
    requeue_at: float
    retry_at: float | None
    planned_at: str | None = None
    out_since: str | None = None
    cost: int = 0


def get(key: str, now: datetime, *, consistent: bool = False) -> Variant | None:
    """The variant, or None."""
    item = table.get(VariantItem, keys.variant(key), now, consistent=consistent)
    return of(item) if item else None


def costs(wanted: Sequence[str], now: datetime) -> dict[str, int]:
    """What each of some variants cost that are ready; not what cost nothing so far and is yet to be written."""
    found = table.get_many([keys.variant(key) for key in wanted], now)
    rows = (row for row in found.values() if isinstance(row, VariantItem) and row.state == READY)
    return {row.pk.partition("#")[2]: int(row.cost) for row in rows if row.cost or row.retry_at is None}


def enqueue(key: str, plan: Plan, requeue_at: float, now: datetime) -> bool:
    """Plan a variant; True for the one caller who is to send its messages."""
    item = VariantItem
    row = VariantItem(
        *keys.variant(key),
        state=QUEUED,
        plan=plan.to_json(),
        requeue_at=requeue_at,
        planned_at=instant(now),
        write_id=table.new_write_id(),
        expires_at=retention.ends(VariantItem, now),
    )
    try:
        table.put(row, item.pk.does_not_exist() | (item.expires_at <= int(now.timestamp())))
    except table.ConditionFailed:
        return table.settle(item, keys.variant(key), row.write_id, now) is not None
    return True


def take_requeue(variant: Variant, requeue_at: float, now: datetime) -> bool:
    """Win the right to send a variant's messages again; True for one caller at a time."""
    item, write_id = VariantItem, table.new_write_id()
    actions = [item.requeue_at.set(requeue_at), item.write_id.set(write_id)]
    try:
        table.update(item, keys.variant(variant.key), actions, item.requeue_at == variant.requeue_at)
    except table.ConditionFailed:
        return table.settle(item, keys.variant(variant.key), write_id, now) is not None
    return True


def assemble(key: str, assembled: Assembled, retry_at: float | None, now: datetime, cost: int = 0) -> None:
    """Store the lesson. Whoever assembles it from the same settled sections stores the same; the first one stands."""
    item = VariantItem
    actions = [
        item.state.set(READY),
        item.data.set(_packed(assembled)),
        item.cost.set(cost),
        item.generated_at.set(instant(now)),
        item.expires_at.set(retention.ends(VariantItem, now)),
        item.retry_at.set(retry_at) if retry_at is not None else item.retry_at.remove(),
    ]
    unfinished = (item.state == QUEUED) | item.retry_at.exists()
    try:
        table.update(item, keys.variant(key), actions, item.pk.exists() & unfinished)
    except table.ConditionFailed:
        return


def of(item: VariantItem) -> Variant:
    """The variant that a row holds."""
    data = cast("bytes | None", item.data)
    return Variant(
        key=item.pk.partition("#")[2],
        plan=Plan(**item.plan),
        assembled=_assembled(data) if data else None,
        requeue_at=item.requeue_at,
        retry_at=item.retry_at,
        planned_at=item.planned_at,
        out_since=item.out_since,
        cost=int(item.cost),
    )


_TEXT: Final = ',\n"content":'
"""What stands before the text, which comes last: a line ends nowhere else, so the text is found without being read."""


def _packed(assembled: Assembled) -> bytes:
    rest = {name: getattr(assembled, name) for name in Assembled.__slots__ if name != "quoted"}
    whole = f"{json.dumps(rest, ensure_ascii=False)[:-1]}{_TEXT}{assembled.quoted}}}"
    return zlib.compress(whole.encode(), 9)


def _assembled(data: bytes) -> Assembled:
    whole = zlib.decompress(data).decode()
    rest, apart, text = whole.rpartition(_TEXT)
    if apart:
        return Assembled(text[:-1], **json.loads(rest + "}"))
    # As earlier releases wrote it.
    plain = json.loads(whole)
    return Assembled(quoted(plain.pop("content")), **plain)
