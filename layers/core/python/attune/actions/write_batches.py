"""Look after the batches in which lessons are written overnight: begin, send, ask how far they are, take in what came.

Every step says in the course's row what it is about to do or has done, so that whoever comes after a crash goes on from
there. Only one step pays: creating the batch. It is done once its intent is stored, its worst price set aside and each
of its sections counted, under a name by which the provider's list is looked through before it is ever done again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from attune.actions import choose_batch, collect_batch, still_wanted
from attune.actions.batch_desk import LEASE, Desk, hold_of
from attune.actions.write_section import ALL_CALLS
from attune.domain.batch import CLOSED, GONE, INTENDED, NO_COUNTS, SENT, SETTLED, Batch, Counts, Seen, halved
from attune.domain.budget import Figures, day_of, month_of
from attune.domain.section import WriterFault
from attune.store import batches, breakers, budgets, sections, table, variants
from attune.store.batches import Overtaken
from attune.store.budgets import Spent

BUSY: Final = 360.0
"""Seconds for which one may work on a batch; longer than the function may take."""
UNSENT: Final = 86_400.0
"""Seconds after which a batch that could not be sent is given up."""
UNSEEN: Final = 3 * 86_400.0
"""Seconds after which one is given up of which nothing more is heard; providers promise an end within one day."""


def run(desk: Desk) -> str:
    """One look at the batches of all courses; says what was done. Raises the last of what went wrong."""
    now = desk.clock.now()
    known = {batch.course: batch for batch in batches.every(now)}
    waiting: dict[str, list[str]] = {}
    for course, variant in batches.wanted(now):
        waiting.setdefault(course, []).append(variant)
    done: list[str] = []
    wrong: Exception | None = None
    for course in sorted({*known, *waiting}):
        try:
            said = _course(desk, course, known.get(course), waiting.get(course, []))
        except Overtaken:
            said = "overtaken"
        except Exception as error:
            desk.broken("write_batches", error)
            said, wrong = "failed", error
        done += [f"{course}: {said}"] if said else []
    if wrong is not None:
        raise wrong
    return ", ".join(done) or "nothing"


def _course(desk: Desk, course: str, batch: Batch | None, waiting: Sequence[str]) -> str:
    now = desk.clock.now()
    if batch is None or not batch.open:
        return _begin(desk, course, batch, waiting) if waiting and desk.night is not None else ""
    if batch.busy_until > now.timestamp():
        return "busy"
    if batch.state == SENT:
        return _look(desk, batch)
    again = replace(batch, tries=batch.tries + 1) if batch.state == INTENDED else batch
    taken = batches.take(again, BUSY, now)
    if taken is None:
        return "busy"
    return _send(desk, taken) if taken.state == INTENDED else _close(desk, taken)


# ---- Begin


def _begin(desk: Desk, course: str, last: Batch | None, waiting: Sequence[str]) -> str:
    """Intend a batch of what waits and has room, and send it."""
    now = desk.clock.now()
    if any(not known.state.closed() for known in breakers.all_known(now) if known.supplier == desk.supplier.name):
        return "the model rests"
    taken, needless, requests, amount = choose_batch.run(desk, course, waiting)
    batches.drop(course, needless)
    if not taken:
        return "no room" if len(needless) < len(waiting) else "nothing to write"
    batch = Batch(
        course=course,
        name=f"attune-{table.new_write_id()}",
        state=INTENDED,
        began_at=now.timestamp(),
        variants=taken,
        sections=[request.key for request in requests],
        amount=amount,
        month=month_of(now),
        day=day_of(now),
        line=f"{desk.style.writer} {desk.supplier.model or desk.style.model}",
        price=halved(desk.supplier.price),
        tries=1,
        busy_until=now.timestamp() + BUSY,
        write_id=last.write_id if last else None,
    )
    batch = batches.save(batch, now)
    batches.drop(course, taken)
    return _send(desk, batch)


# ---- Send


def _send(desk: Desk, batch: Batch) -> str:
    """Set its worst price aside and have it made, unless an earlier try has; then it is ours."""
    now = desk.clock.now()
    try:
        held = budgets.hold_batch(hold_of(batch), desk.limits, desk.night, LEASE, now)
    except Spent:
        for key in batch.variants:
            batches.want(batch.course, key, now)
        return _closed(desk, batch, "budget", NO_COUNTS)
    for limit in held.nearly:
        desk.nearly(limit)
    unsure = batch.tries > 1
    try:
        found = desk.batches.find(batch.name, batch.began_at) if unsure else ()
        unsure = False
        if found:
            return _sent(desk, batch, found[-1], found[:-1], batch.sections)
        lines = _lines(desk, batch)
        if not lines:
            return _give_up(desk, batch, "nothing_to_write")
        seen = desk.batches.send(batch.name, list(lines.values()))
        return _sent(desk, batch, seen, (), list(lines))
    except WriterFault as fault:
        late = now.timestamp() - batch.began_at > UNSENT
        if fault.final and not unsure:
            return _give_up(desk, batch, fault.reason)
        if late:
            return _lost(desk, batch, fault.reason)
        batches.save(replace(batch, reason=fault.reason, busy_until=0), now)
        return f"not sent: {fault.reason}"


def _lines(desk: Desk, batch: Batch) -> Mapping[str, bytes]:
    """A line for each section of the batch that can be claimed for it, which counts the call; by the section's key."""
    lines: dict[str, bytes] = {}
    wanted = set(batch.sections)
    for key in batch.variants:
        now = desk.clock.now()
        variant = variants.get(key, now, consistent=True)
        work = still_wanted.find(variant.plan, desk.style, now) if variant else "unknown"
        for request in () if isinstance(work, str) else work.requests:
            if request.key in wanted and request.key not in lines and _counted(request.key, batch, desk):
                lines[request.key] = desk.batches.line(request)
    return lines


def _counted(key: str, batch: Batch, desk: Desk) -> bool:
    """Whether a section may be asked for once more, and is counted as asked for by this batch.

    Nobody is kept from it meanwhile: a reader who cannot wait has it written at once, and the first text stands.
    """
    now = desk.clock.now()
    claim = sections.claim(key, 0, now, calls=1, batch=batch.name)
    if not isinstance(claim, sections.Claim):
        return False
    if claim.used >= ALL_CALLS:
        sections.release(claim, now.timestamp(), now, 0)
        return False
    return True


def _sent(desk: Desk, batch: Batch, seen: Seen, others: Sequence[Seen], keys: Sequence[str]) -> str:
    if others:
        desk.told("batch_made_twice", batch.name)
    sent = replace(
        batch,
        state=SENT,
        provider_id=seen.id,
        files=seen.files,
        status=seen.status,
        reason=None,
        sections=keys,
        duplicates=len(others),
        busy_until=0,
    )
    batches.save(sent, desk.clock.now())
    return f"sent {len(keys)} sections"


# ---- Look


def _look(desk: Desk, batch: Batch) -> str:
    """Ask the provider how far it is; once it has ended, take in what came."""
    now = desk.clock.now()
    late = now.timestamp() - batch.began_at > UNSEEN
    mine = batch
    try:
        seen = [desk.batches.look(str(batch.provider_id)), *_others(desk, batch)]
        ended = all(each.ended for each in seen)
        if not ended and not late:
            return _under_way(desk, batch, seen)
        taken = batches.take(batch, BUSY, now)
        if taken is None:
            return "busy"
        mine = taken
        if not ended:
            return _lost(desk, mine, "unfinished")
        counts = collect_batch.run(desk, mine, seen)
    except WriterFault as fault:
        if fault.reason == GONE or late:
            return _lost(desk, mine, fault.reason)
        if mine.reason != fault.reason or mine.busy_until:
            batches.save(replace(mine, reason=fault.reason, busy_until=0), now)
        return f"not reached: {fault.reason}"
    first, files = seen[0], [file for each in seen for file in each.files]
    known = replace(mine, status=first.status, reason=first.reason, duplicates=len(seen) - 1, files=files)
    return _close(desk, batches.save(replace(known, state=SETTLED, counts=counts), desk.clock.now()))


def _under_way(desk: Desk, batch: Batch, seen: Sequence[Seen]) -> str:
    """What a look has found; it is stored if it is new."""
    found = replace(batch, status=seen[0].status, duplicates=len(seen) - 1, reason=None)
    if found != batch:
        batches.save(found, desk.clock.now())
    return seen[0].status


def _others(desk: Desk, batch: Batch) -> Sequence[Seen]:
    """What else the provider made of the same intent, whose answers are paid for too; no more of it is wanted."""
    if batch.tries == 1:
        return ()
    others = [each for each in desk.batches.find(batch.name, batch.began_at) if each.id != batch.provider_id]
    for each in others:
        if not each.ended and each.status != "cancelling":
            desk.batches.cancel(each.id)
    return others


# ---- End


def _close(desk: Desk, batch: Batch) -> str:
    """Have the provider keep nothing of a batch that is settled."""
    try:
        desk.batches.forget(batch.files)
    except WriterFault as fault:
        if desk.clock.now().timestamp() - batch.began_at <= UNSEEN:
            batches.save(replace(batch, busy_until=0), desk.clock.now())
            return f"not forgotten: {fault.reason}"
        desk.told("batch_not_forgotten", batch.name)
    return _closed(desk, batch, batch.reason, batch.counts)


def _give_up(desk: Desk, batch: Batch, reason: str) -> str:
    """Nothing was made of it: its money comes back, and its lessons go to the ordinary queue."""
    budgets.settle_figures(hold_of(batch), Figures())
    if reason != "nothing_to_write":
        collect_batch.have_written(desk, batch.variants)
    return _closed(desk, batch, reason, Counts(left=len(batch.sections)))


def _lost(desk: Desk, batch: Batch, reason: str) -> str:
    """Nobody can say what was made of it: all that was set aside is spent, as for a call without an answer."""
    desk.told("batch_lost", batch.name)
    lines = len(batch.sections)
    budgets.settle_figures(hold_of(batch), Figures(cost=batch.amount, uncertain=lines))
    return _closed(desk, batch, reason, Counts(lines, left=lines, cost=batch.amount))


def _closed(desk: Desk, batch: Batch, reason: str | None, counts: Counts) -> str:
    now = desk.clock.now()
    batches.save(
        replace(batch, state=CLOSED, reason=reason, counts=counts, busy_until=0, files=(), ended_at=now.timestamp()),
        now,
    )
    return f"closed: {reason or batch.status}"
