"""Have a lesson written for a persona: planned once by whoever is first, and one message for each section to write."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Protocol

from attune.actions.clock import Clock
from attune.domain.course import LessonEntry
from attune.domain.errors import Unavailable
from attune.domain.messages import SectionMessage
from attune.domain.section import SectionRequest, Style
from attune.domain.section_requests import variant_key
from attune.domain.writing import DEFAULT, WritingParameters
from attune.store import sections, variants
from attune.store.sections import StoredSection
from attune.store.variants import Variant

LEASE: Final = 75.0
"""Seconds for which a worker may hold a section: longer than the worker's timeout."""
Send = Callable[[Sequence[SectionMessage]], None]


class Permit(Protocol):
    """What planning a lesson needs leave of: an allowance that is used up by lessons that nobody had planned."""

    def take(self, key: str, now: datetime) -> bool:
        """Whether there is room for this variant; then its place is kept for a while."""
        ...

    def keep(self, key: str, now: datetime) -> None:
        """It was planned."""
        ...

    def give_back(self, key: str, now: datetime) -> None:
        """Somebody else had planned it."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """A lesson for a persona: of which version, how it is to be written, and what each section asks of a writer."""

    course: str
    version: int
    entry: LessonEntry
    style: Style
    edition: int
    requests: Sequence[SectionRequest]
    writing: WritingParameters = DEFAULT

    @property
    def key(self) -> str:
        return variant_key([request.key for request in self.requests])

    def plan(self) -> variants.Plan:
        """What is stored of it, which names nobody."""
        return variants.Plan(
            course=self.course,
            version=self.version,
            slug=self.entry.slug,
            text_id=self.entry.text_id,
            content_hash=self.entry.content_hash,
            persona=dict(self.requests[0].persona),
            language=self.requests[0].language,
            style=asdict(self.style),
            edition=self.edition,
            sections=[request.key for request in self.requests],
            writing=self.writing.of_texts(),
        )


def place(
    order: Order, variant: Variant | None, permit: Permit | None, send: Send, clock: Clock
) -> Mapping[str, StoredSection]:
    """Plan the variant if nobody has, and send a message for each section that nobody is writing.

    The sections that are there. `permit` was taken before and is told what became of it. Raises `Unavailable`.
    """
    now, key = clock.now(), order.key
    due = now.timestamp() + LEASE
    mine = False
    if variant is None:
        mine = variants.enqueue(key, order.plan(), due, now)
        if permit is not None:
            (permit.keep if mine else permit.give_back)(key, now)
    names = variant.plan.sections if variant else [request.key for request in order.requests]
    found = sections.get_many(names, now)
    free = _free(names, found, now)
    if variant and free and variant.requeue_at <= now.timestamp():
        mine = variants.take_requeue(variant, due, now)
    if mine:
        _send(key, free, send, clock)
    return found


def retry_originals(variant: Variant, send: Send, clock: Clock) -> None:
    """Where sections stand as originals only for a while, and the while is over, have them written after all."""
    now = clock.now()
    at = now.timestamp()
    if variant.retry_at is None or max(variant.retry_at, variant.requeue_at) > at:
        return
    if variants.take_requeue(variant, at + LEASE, now):
        found = sections.get_many(variant.plan.sections, now)
        free = _free(variant.plan.sections, found, now)
        # If nothing is to be written, another lesson had it written: any message has this one assembled again.
        # The reader has a lesson already: a queue that is down is no reason to refuse it.
        with suppress(Unavailable):
            _send(variant.key, free or variant.plan.sections[:1], send, clock)


def _send(key: str, names: Sequence[str], send: Send, clock: Clock) -> None:
    now = clock.now()
    try:
        send([SectionMessage(key, name) for name in names])
    except Unavailable:
        # Nobody else will send them before they are due again: make them due now.
        if planned := variants.get(key, now, consistent=True):
            variants.take_requeue(planned, now.timestamp(), now)
        raise


def _free(names: Sequence[str], found: Mapping[str, StoredSection], now: datetime) -> list[str]:
    """The sections, each once, that are neither settled nor being written."""
    taken = {name for name, section in found.items() if section.settled(now) or section.held(now)}
    return [name for name in dict.fromkeys(names) if name not in taken]
