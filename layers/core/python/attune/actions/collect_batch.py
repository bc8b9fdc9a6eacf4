"""Take in what a batch brought: each text through the gate, what was used into the books, what is missing to the queue.

All of it may be done again from the start: a stored section stays, money is settled once, a message may come twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from attune.actions import assemble_lesson, still_wanted
from attune.actions.batch_desk import Desk, hold_of
from attune.actions.prepare_lesson import Allowance
from attune.actions.still_wanted import Work
from attune.actions.write_section import LEASE, REFUSALS, REFUSED_FOR
from attune.domain.batch import Batch, Counts, Seen, section_of
from attune.domain.budget import NOTHING_USED, Figures, Usage, estimated
from attune.domain.fidelity.gate import check
from attune.domain.messages import SectionMessage
from attune.domain.section import SectionRequest, WriterFault
from attune.store import budgets, sections, variants
from attune.store.variants import Variant

Answered = Mapping[str, bytes | WriterFault]


def run(desk: Desk, batch: Batch, ended: Sequence[Seen]) -> Counts:
    """Store, settle and queue; what became of the lines. `ended` begins with the batch that counts.

    Raises `WriterFault` if the files cannot be read: then nothing was changed.
    """
    all_answers = [desk.batches.answers(seen) for seen in ended]
    mine = {section_of(line): answer for line, answer in all_answers[0].items()}
    used: dict[str, Usage] = {}
    for key in batch.variants:
        _lesson(desk, batch, key, mine, used)
    figures = _figures(desk, batch, all_answers, used)
    budgets.settle_figures(hold_of(batch), figures)
    counts = _counts(batch, figures.cost, desk.clock.now())
    if ended[0].status != "cancelled":
        # Whoever cancelled it wants no more of it written tonight.
        have_written(desk, batch.variants)
    return counts


def have_written(desk: Desk, keys: Sequence[str]) -> None:
    """Send what is missing of these lessons to the ordinary queue, as far as the night may."""
    for key in keys:
        variant = variants.get(key, desk.clock.now(), consistent=True)
        work = still_wanted.find(variant.plan, desk.style, desk.clock.now()) if variant else "unknown"
        if variant is not None and not isinstance(work, str):
            _queue(desk, variant, work)


def _lesson(desk: Desk, batch: Batch, key: str, answers: Answered, used: dict[str, Usage]) -> None:
    """Store the sections of one lesson, and the lesson if they are all there."""
    now = desk.clock.now()
    variant = variants.get(key, now, consistent=True)
    work = still_wanted.find(variant.plan, desk.style, now) if variant else "unknown"
    if variant is None or isinstance(work, str):
        return
    for request in work.requests:
        if request.key in answers and request.key in batch.sections and request.key not in used:
            used[request.key] = _section(desk, batch, request, answers[request.key])
    found = sections.get_many(variant.plan.sections, desk.clock.now())
    assemble_lesson.run(variant, work.course, work.text, work.requests, found, desk.clock.now())


def _section(desk: Desk, batch: Batch, request: SectionRequest, answer: bytes | WriterFault) -> Usage:
    """Store a section if its text passes the gate, or if it was refused; what the answer used.

    Nobody can repair here: what fails otherwise is left to the queue, which has calls for it.
    """
    outcome, used = _judged(desk, request, answer)
    if outcome is not None:
        now = desk.clock.now()
        # A worker that writes it just now, or wrote it meanwhile, goes first; this call was counted when it was sent.
        claim = sections.claim(request.key, LEASE, now)
        if isinstance(claim, sections.Claim):
            sections.finish(claim, replace(outcome, cost=batch.price.of(used)), desk.clock.now())
    return used


def _judged(desk: Desk, request: SectionRequest, answer: bytes | WriterFault) -> tuple[sections.Outcome | None, Usage]:
    """What is to be stored, if anything, and what the answer used: by the rules of a text that came alone."""
    now, used = desk.clock.now(), NOTHING_USED
    try:
        if isinstance(answer, WriterFault):
            raise answer
        used = desk.batches.usage(answer)
        draft = desk.batches.read(request, answer)
        used = draft.usage
        if check(request, draft.text):
            return None, used
    except WriterFault as fault:
        used = fault.usage
        if fault.reason not in REFUSALS:
            return None, used
        again = now.timestamp() + REFUSED_FOR
        return sections.Outcome(None, fault.reason, again, None, used.input_tokens, used.output_tokens), used
    except Exception as error:
        # What breaks over one text must not keep all others from being stored.
        desk.broken("collect_batch", error)
        return None, used
    return sections.Outcome(draft.text, None, None, draft.model, draft.input_tokens, draft.output_tokens), used


def _figures(desk: Desk, batch: Batch, all_answers: Sequence[Answered], used: Mapping[str, Usage]) -> Figures:
    """What all answers used, those too that nobody wants any more, and those of a batch that was made twice."""
    each: list[Usage] = []
    for place, answers in enumerate(all_answers):
        for line, answer in answers.items():
            read = used.get(section_of(line)) if place == 0 else None
            raw = answer.usage if isinstance(answer, WriterFault) else desk.batches.usage(answer)
            each.append(raw if read is None else read)
    total = sum(each, NOTHING_USED)
    calls = sum(usage != NOTHING_USED for usage in each)
    return Figures(
        cost=batch.price.of(total), calls=calls, input_tokens=total.input_tokens, output_tokens=total.output_tokens
    )


def _queue(desk: Desk, variant: Variant, work: Work) -> None:
    """Have what is missing of a lesson written by itself, once, if the night has the money for it."""
    now = desk.clock.now()
    found = sections.get_many(variant.plan.sections, now)
    taken = {name for name, section in found.items() if section.settled(now) or section.held(now)}
    missing = [request for request in work.requests if request.key not in taken]
    if not missing or desk.night is None or variant.requeue_at > now.timestamp():
        return
    price = desk.supplier.price.of(sum((estimated(request.source) for request in missing), NOTHING_USED))
    allowance = Allowance(price, desk.night)
    if not allowance.take(variant.key, now):
        return
    if not variants.take_requeue(variant, now.timestamp() + LEASE, now):
        allowance.give_back(variant.key, now)
        return
    desk.send([SectionMessage(variant.key, name) for name in dict.fromkeys(request.key for request in missing)])


def _counts(batch: Batch, cost: int, now: datetime) -> Counts:
    """As the sections now are, whoever wrote them."""
    found = sections.get_many(batch.sections, now)
    written = sum(section.state == sections.WRITTEN for section in found.values())
    originals = sum(section.state == sections.ORIGINAL for section in found.values())
    return Counts(len(batch.sections), written, originals, len(batch.sections) - written - originals, cost)
