"""Write one section for one persona: once, whatever arrives twice, late or in another order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NoReturn

from attune.actions import assemble_lesson, spend, still_wanted
from attune.actions.ask_suppliers import Asking, Opened, Permit
from attune.actions.clock import Clock
from attune.actions.spend import Nearly, Purse, nobody
from attune.domain.budget import Limits
from attune.domain.errors import Unavailable
from attune.domain.fidelity.gate import check
from attune.domain.messages import SectionMessage
from attune.domain.placeholders import Tampered
from attune.domain.section import Draft, SectionRequest, Style, WriterFault
from attune.domain.supplier import Supplier
from attune.store import reading, sections
from attune.store.budgets import Spent

LEASE: Final = 75.0
BUDGET: Final = 45.0
"""Seconds for all model calls of one delivery, below the worker's timeout."""
CALLS: Final = 3
"""Calls of one delivery at most; only the first delivery of a section tries one that fails again."""
ALL_CALLS: Final = 6
"""Calls that a section may ever cause; then its original stands until something in its key or its supplier changes, or
an operator says that all is well."""
BACKOFF: Final = 10.0
LONGEST_BACKOFF: Final = 30.0
"""A provider that asks for more is down as far as readers are concerned: they get the original meanwhile."""
WRITER_DOWN_FOR: Final = 300.0
LONG_REST: Final = 3_600.0
"""Before the last call, and between looks at whether there are calls again."""
REFUSED_FOR: Final = 86_400.0
REFUSALS: Final = frozenset({"context_length", "filtered", "refused", "truncated"})
"""What lies in the section and will be so again, whoever is asked."""


class TryLater(Exception):
    """The section is somebody else's, or its writer needs a rest: the message is to come back in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds:.0f} s")
        self.seconds = max(1, int(seconds) + 1)


def run(
    message: SectionMessage,
    style: Style,
    suppliers: Sequence[Supplier],
    limits: Limits,
    opened: Opened,
    clock: Clock,
    nearly: Nearly = nobody,
) -> str:
    """Write the section if it is still wanted, and assemble the lesson if it was the last. Says what was done.

    Suppliers are asked in their order; `opened` is told why one is not asked any more, `nearly` of which limit most is
    spent. Raises `TryLater`. Everything is read again by key; a message that is out of date has no effect.
    """
    now = clock.now()
    names = [supplier.name for supplier in suppliers if supplier.name is not None]
    variant, known = reading.work(message.variant, names, now)
    if variant is None or message.section not in variant.plan.sections:
        return "unknown"
    plan = variant.plan
    work = still_wanted.find(plan, style, now)
    if isinstance(work, str):
        return work
    request = work.requests[plan.sections.index(message.section)]
    asking = Asking(suppliers, known, opened)
    # What costs nothing need not be set aside: a text by the rules is made however often workers die.
    calls = CALLS if names else 0
    claim = sections.claim(message.section, LEASE, now, calls=calls, generation=asking.generation)
    done = "settled"
    if isinstance(claim, sections.Claim):
        outcome = _Delivery(request, claim, asking, plan.course, limits, clock, clock.now(), nearly).write()
        if not sections.finish(claim, outcome, clock.now()):
            return "overtaken"
        done = f"original: {outcome.reason}" if outcome.text is None else "written"
    elif claim.held(now):
        raise TryLater((claim.lease_until or 0) - now.timestamp())
    found = sections.get_many(plan.sections, clock.now())
    assemble_lesson.run(variant, work.course, work.text, work.requests, found, clock.now())
    return done


@dataclass(slots=True)
class _Delivery:
    """One delivery of a section that is ours to write, and what it has used up so far."""

    request: SectionRequest
    claim: sections.Claim
    asking: Asking
    course: str
    limits: Limits
    clock: Clock
    began: datetime
    nearly: Nearly
    calls: int = 0
    cost: int = 0
    spent: list[Draft] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How many calls this delivery may still make."""
        return min(CALLS, ALL_CALLS - self.claim.used) - self.calls

    def write(self) -> sections.Outcome:
        """Ask one after the other until one has answered. Raises `TryLater` while another delivery may succeed."""
        last: WriterFault | None = None
        for place, supplier in enumerate(self.asking.suppliers):
            if self.left <= 0 or self._seconds() <= 0:
                break
            permit = self.asking.permit(place, self.clock.now())
            if permit is None:
                continue
            try:
                outcome = self._ask(supplier, permit)
            except Spent as refusal:
                return self._outcome(reason="budget", retry_at=refusal.again)
            except WriterFault as fault:
                self.asking.failed(permit, fault, self.clock.now())
                if fault.reason in REFUSALS:
                    return self._outcome(reason=fault.reason, retry_at=self._at(REFUSED_FOR))
                if fault.reason == "no_translation":
                    return self._outcome(reason=fault.reason)
                last = fault
                continue
            self.asking.answered(permit, self.clock.now())
            return outcome or self._later(BACKOFF, None)
        return self._without(last)

    def _ask(self, supplier: Supplier, permit: Permit) -> sections.Outcome | None:
        """Ask, check, let it repair once; None if it may repair in the next delivery. Raises `Spent`, `WriterFault`."""
        complaints: Sequence[str] = ()
        drafts = 0
        while drafts < 2 and self.left > 0 and self._seconds() > 0:
            try:
                draft = self._draft(supplier, permit, complaints)
                complaints = check(self.request, draft.text)
            except Tampered as fault:
                complaints = fault.complaints
            except (Spent, WriterFault, Unavailable):
                raise
            except Exception as error:
                # What breaks in a writer or in the gate must be paid for no more often than a provider that is down.
                raise WriterFault("broken", final=False) from error
            if not complaints:
                return self._outcome(text=draft.text)
            drafts += 1
        return self._outcome(reason="gate_failed") if drafts == 2 or self.claim.used else None

    def _draft(self, supplier: Supplier, permit: Permit, complaints: Sequence[str]) -> Draft:
        """One draft, with what it cost noted, whether or not it is of use."""
        tries, seconds = self.left, self._seconds()
        if permit.place + 1 < len(self.asking.suppliers):
            # Whoever would be asked next is left a call and a third of the time.
            tries, seconds = max(1, tries - 1), seconds * 2 / 3
        if permit.probe or self.claim.used:
            tries = 1
        purse = Purse(supplier.price, self.limits, supplier.model, self.nearly, self._pay)
        try:
            draft = spend.write(
                supplier.writer, self.request, complaints, seconds, tries, self.course, purse, self.clock
            )
        except Spent:
            raise
        except WriterFault as fault:
            self._note(Draft("", None, fault.usage.input_tokens, fault.usage.output_tokens, fault.calls))
            raise
        except Exception:
            self._note(Draft(""))
            raise
        self._note(draft)
        return draft

    def _note(self, draft: Draft) -> None:
        """Remember what was paid for, whether or not it is of use."""
        self.spent.append(draft)
        self.calls += max(1, draft.calls)

    def _pay(self, cost: int) -> None:
        self.cost += cost

    def _without(self, fault: WriterFault | None) -> sections.Outcome:
        """Nobody wrote: the message comes back soon, or the original stands until it is worth asking again."""
        total, free_at = self.claim.used + self.calls, self.asking.free_at()
        asked = (fault.retry_after or 0.0) if fault else 0.0
        if self.left <= 0 and not self.calls:
            reason = self.claim.reason or "writer_down"
            return self._outcome(reason=reason, retry_at=self._at(REFUSED_FOR if reason in REFUSALS else LONG_REST))
        if fault and not fault.final and not free_at and self.claim.used == 0 and asked <= LONGEST_BACKOFF:
            self._later(max(BACKOFF, asked), fault)
        rest = LONG_REST if total >= ALL_CALLS - 1 else 0.0 if free_at else WRITER_DOWN_FOR
        return self._outcome(reason="writer_down", retry_at=max(free_at, self._at(max(rest, 1.0))))

    def _later(self, seconds: float, fault: WriterFault | None) -> NoReturn:
        """Give the section back, for the next delivery of the message."""
        now = self.clock.now()
        sections.release(self.claim, now.timestamp() + seconds - 1, now, self.calls, self.cost)
        raise TryLater(seconds) from fault

    def _seconds(self) -> float:
        return BUDGET - (self.clock.now() - self.began).total_seconds()

    def _at(self, seconds: float) -> float:
        return self.clock.now().timestamp() + seconds

    def _outcome(
        self, text: str | None = None, reason: str | None = None, retry_at: float | None = None
    ) -> sections.Outcome:
        return sections.Outcome(
            text=text,
            reason=reason,
            retry_at=retry_at,
            model=next((draft.model for draft in reversed(self.spent) if draft.model), None),
            input_tokens=sum(draft.input_tokens for draft in self.spent),
            output_tokens=sum(draft.output_tokens for draft in self.spent),
            calls=self.calls,
            cost=self.cost,
        )
