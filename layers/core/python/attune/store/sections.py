"""Written sections, shared by everybody whose request has the same key: claimed by one worker at a time, stored once.

absent ──claim──> writing ──finish──> written (for good) or original (until `retry_at`, then it may be claimed again)

Every call that a section causes is counted in its row. A claim sets some aside, so that those of a worker that dies are
counted too; finishing or giving back puts the true number in their place.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pynamodb.expressions.update import Action

from attune.domain.instants import instant
from attune.store import keys, retention, table
from attune.store.items import SectionItem

WRITING, WRITTEN, ORIGINAL = "writing", "written", "original"
FOR_EVER = 2**53
"""A `retry_at` that never comes: the section stands as the original until something in its key changes."""


@dataclass(frozen=True, slots=True)
class StoredSection:
    """A section that is settled (`text` or a `reason`), or being written (`lease_until`, epoch seconds)."""

    key: str
    state: str
    text: str | None
    reason: str | None
    retry_at: float | None
    lease_until: float | None
    attempts: int
    calls: int
    model: str | None
    input_tokens: int
    output_tokens: int
    cost: int

    def settled(self, now: datetime) -> bool:
        """Whether a reader can be served with it: written, or original and not yet to be tried again."""
        return self.state == WRITTEN or (self.state == ORIGINAL and (self.retry_at or 0) > now.timestamp())

    def held(self, now: datetime) -> bool:
        """Whether a worker is writing it and has not overstayed."""
        return self.state == WRITING and (self.lease_until or 0) > now.timestamp()


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write a section: only its holder, under its fence, may finish it. `attempt` counts from 1.

    `used` are the calls that earlier claims made in this `generation`, `reason` how the last of them ended, if badly.
    `paid` is what all earlier calls cost.
    """

    key: str
    owner: str
    fence: int
    attempt: int
    used: int = 0
    generation: int = 0
    reason: str | None = None
    paid: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How writing a section ended: with a text, or with the original and a reason, to be tried again at `retry_at`.

    `calls` were made under this claim, and cost so much (millionths of a dollar).
    """

    text: str | None = None
    reason: str | None = None
    retry_at: float | None = None
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    cost: int = 0


def get_many(section_keys: Iterable[str], now: datetime) -> dict[str, StoredSection]:
    """The rows of these sections, read consistently, so that the worker who ends last sees that all are there."""
    found = table.get_many([keys.section(key) for key in section_keys], now, consistent=True)
    items = (item for item in found.values() if isinstance(item, SectionItem))
    return {section.key: section for section in map(_section, items)}


def claim(
    key: str, lease: float, now: datetime, *, calls: int = 0, generation: int = 0, batch: str | None = None
) -> Claim | StoredSection:
    """Take the section for `lease` seconds, or learn who has it or that it is settled.

    `calls` are set aside for it; those of an earlier generation are forgotten. A worker that loses the answer to its
    claim recognises the claim as its own; one that dies is followed, after its lease, by another with a higher fence.
    With a `batch` that is the owner: it claims a section once, however often it asks.
    """
    item, row, owner = SectionItem, keys.section(key), batch or table.new_write_id()
    at = now.timestamp()
    free = (
        item.pk.does_not_exist()
        | ((item.state == WRITING) & (item.lease_until <= at))
        | ((item.state == ORIGINAL) & (item.retry_at <= at))
        | (item.expires_at <= int(at))
    )
    if batch is not None:
        free = free & (item.owner.does_not_exist() | (item.owner != batch))
    actions = [
        item.kind.set(SectionItem),
        item.schema_version.set(1),
        item.state.set(WRITING),
        item.owner.set(owner),
        item.fence.set((item.fence | 0) + 1),
        item.attempts.set((item.attempts | 0) + 1),
        item.calls.set((item.calls | 0) + calls),
        item.lease_until.set(at + lease),
        item.expires_at.set(retention.ends(item, now)),
    ]
    try:
        taken = table.update(item, row, actions, free)
    except table.ConditionFailed:
        found = table.get(item, row, now, consistent=True)
        if found is None:
            return claim(key, lease, now, calls=calls, generation=generation, batch=batch)
        if found.owner != owner or (batch is not None and found.state != WRITING):
            return _section(found)
        taken = found
    known = int(taken.generation)
    used = int(taken.calls) - calls if known >= generation else 0
    claimed = int(taken.fence), int(taken.attempts), used, max(known, generation), taken.reason
    return Claim(key, owner, *claimed, paid=int(taken.cost))


def finish(held: Claim, outcome: Outcome, now: datetime) -> bool:
    """Store how writing ended; False if the claim was lost meanwhile, and then nothing is stored."""
    item = SectionItem
    actions = [
        item.state.set(ORIGINAL if outcome.text is None else WRITTEN),
        item.lease_until.remove(),
        item.written_at.set(instant(now)),
        item.input_tokens.set(outcome.input_tokens),
        item.output_tokens.set(outcome.output_tokens),
        *_counted(held, outcome.calls, outcome.cost),
        item.expires_at.set(retention.ends(item, now)),
    ]
    if outcome.text is None:
        actions += [item.reason.set(outcome.reason or "unknown"), item.retry_at.set(outcome.retry_at or FOR_EVER)]
    else:
        packed = zlib.compress(outcome.text.encode(), 9)
        actions += [item.data.set(packed), item.reason.remove(), item.retry_at.remove()]
    if outcome.model is not None:
        actions.append(item.model.set(outcome.model))
    mine = (item.owner == held.owner) & (item.fence == held.fence)
    try:
        table.update(item, keys.section(held.key), actions, mine & (item.state == WRITING))
    except table.ConditionFailed:
        found = table.get(item, keys.section(held.key), now, consistent=True)
        return found is not None and found.owner == held.owner and found.state != WRITING
    return True


def release(held: Claim, until: float, now: datetime, calls: int = 0, cost: int = 0) -> None:
    """Give the claim back after so many calls at such a cost, to be taken again from `until` (epoch seconds) on."""
    item = SectionItem
    mine = (item.owner == held.owner) & (item.fence == held.fence) & (item.state == WRITING)
    try:
        actions = [item.lease_until.set(until), *_counted(held, calls, cost)]
        table.update(item, keys.section(held.key), actions, mine)
    except table.ConditionFailed:
        return


def _counted(held: Claim, calls: int, cost: int) -> list[Action]:
    """The calls that were made instead of those that were set aside, and what all cost."""
    item = SectionItem
    counted = [item.calls.set(held.used + calls), item.generation.set(held.generation)]
    return [*counted, item.cost.set(held.paid + cost)]


def _section(item: SectionItem) -> StoredSection:
    return StoredSection(
        key=item.pk.partition("#")[2],
        state=item.state,
        text=zlib.decompress(item.data).decode() if item.state == WRITTEN else None,
        reason=item.reason,
        retry_at=item.retry_at,
        lease_until=item.lease_until,
        attempts=int(item.attempts),
        calls=int(item.calls),
        model=item.model,
        input_tokens=int(item.input_tokens),
        output_tokens=int(item.output_tokens),
        cost=int(item.cost),
    )
