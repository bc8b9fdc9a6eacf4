"""Write one section for one persona: once, whatever arrives twice, late or in another order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attune.actions import assemble_lesson, spend
from attune.actions.clock import Clock
from attune.actions.spend import Purse
from attune.domain.fidelity import check
from attune.domain.messages import SectionMessage
from attune.domain.placeholders import Tampered
from attune.domain.section import Draft, SectionRequest, Style, Writer, WriterFault
from attune.domain.section_requests import section_requests
from attune.store import courses, sections, variants
from attune.store.budgets import Spent

LEASE: Final = 75.0
BUDGET: Final = 45.0
"""Seconds for all model calls of one delivery, below the worker's timeout."""
DELIVERIES: Final = 2
"""How many deliveries of a section may try to write it before the original stands."""
BACKOFF: Final = 10.0
LONGEST_BACKOFF: Final = 30.0
"""A provider that asks for more is down as far as readers are concerned: they get the original meanwhile."""
WRITER_DOWN_FOR: Final = 300.0
LONGEST_REST: Final = 3_600.0
REFUSED_FOR: Final = 86_400.0
REFUSALS: Final = frozenset({"context_length", "filtered", "refused", "truncated"})
"""What lies in the section and will be so again; every other final fault ends when the owner has mended something."""


class TryLater(Exception):
    """The section is somebody else's, or its writer needs a rest: the message is to come back in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds:.0f} s")
        self.seconds = max(1, int(seconds) + 1)


def run(message: SectionMessage, style: Style, writer: Writer, purse: Purse, clock: Clock) -> str:
    """Write the section if it is still wanted, and assemble the lesson if it was the last. Says what was done.

    Raises `TryLater`. Everything is read again by key; a message that is out of date has no effect.
    """
    now = clock.now()
    variant = variants.get(message.variant, now, consistent=True)
    if variant is None or message.section not in variant.plan.sections:
        return "unknown"
    plan = variant.plan
    current = courses.load(courses.current(plan.course, now, consistent=True), now)
    entry = current.lessons.get(plan.slug)
    if entry is None or entry.text_id != plan.text_id:
        return "withdrawn"
    text = courses.text(plan.course, plan.slug, plan.text_id, now)
    requests = section_requests(current, text, plan.persona, plan.language, style, plan.edition)
    if [request.key for request in requests] != list(plan.sections):
        return "outdated"
    request = requests[plan.sections.index(message.section)]
    claim = sections.claim(message.section, LEASE, now)
    done = "settled"
    if isinstance(claim, sections.Claim):
        outcome = _write(request, claim, writer, current.id, purse, clock)
        if not sections.finish(claim, outcome, clock.now()):
            return "overtaken"
        done = f"original: {outcome.reason}" if outcome.text is None else "written"
    elif claim.held(now):
        raise TryLater((claim.lease_until or 0) - now.timestamp())
    found = sections.get_many(plan.sections, clock.now())
    assemble_lesson.run(variant, current, text, requests, found, clock.now())
    return done


def _write(
    request: SectionRequest, claim: sections.Claim, writer: Writer, course: str, purse: Purse, clock: Clock
) -> sections.Outcome:
    """Ask the writer, check, let it repair once. Raises `TryLater` while another delivery may still succeed."""
    began = clock.now()
    spent: list[Draft] = []
    complaints: Sequence[str] = ()
    for _ in range(2):
        left = BUDGET - (clock.now() - began).total_seconds()
        if left <= 0:
            break
        try:
            draft = spend.write(writer, request, complaints, left, course, purse, clock)
            spent.append(draft)
            complaints = check(request, draft.text)
        except Tampered as fault:
            spent.append(_useless(fault))
            complaints = fault.complaints
        except Spent as refusal:
            return _outcome(spent, reason="budget", retry_at=refusal.again)
        except WriterFault as fault:
            return _failed(fault, fault, claim, [*spent, _useless(fault)], clock.now())
        except Exception as error:
            # What breaks in a writer or in the gate must be paid for no more often than a provider that is down.
            return _failed(WriterFault("writer_down", final=False), error, claim, spent, clock.now())
        else:
            if not complaints:
                return _outcome(spent, text=draft.text)
    return _outcome(spent, reason="gate_failed")


def _useless(fault: WriterFault) -> Draft:
    """An answer that gave no text and was paid for."""
    return Draft("", None, fault.usage.input_tokens, fault.usage.output_tokens)


def _failed(
    fault: WriterFault, cause: Exception, claim: sections.Claim, spent: Sequence[Draft], now: datetime
) -> sections.Outcome:
    at, asked = now.timestamp(), fault.retry_after or 0
    if fault.reason == "no_translation":
        return _outcome(spent, reason=fault.reason)
    if fault.reason in REFUSALS:
        return _outcome(spent, reason=fault.reason, retry_at=at + REFUSED_FOR)
    if fault.final or asked > LONGEST_BACKOFF or claim.attempt % DELIVERIES == 0:
        rest = max(WRITER_DOWN_FOR, min(asked, LONGEST_REST))
        return _outcome(spent, reason="writer_down", retry_at=at + rest)
    wait = max(BACKOFF, asked)
    sections.release(claim, at + wait - 1, now)
    raise TryLater(wait) from cause


def _outcome(
    spent: Sequence[Draft], text: str | None = None, reason: str | None = None, retry_at: float | None = None
) -> sections.Outcome:
    return sections.Outcome(
        text=text,
        reason=reason,
        retry_at=retry_at,
        model=next((draft.model for draft in reversed(spent) if draft.model), None),
        input_tokens=sum(draft.input_tokens for draft in spent),
        output_tokens=sum(draft.output_tokens for draft in spent),
    )
