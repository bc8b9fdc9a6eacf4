"""Which of the lessons that wait are to be in the next batch of their course: what there is money and room for."""

from collections.abc import Sequence

from attune.actions import still_wanted
from attune.actions.batch_desk import Desk
from attune.actions.write_section import ALL_CALLS
from attune.domain.batch import BYTES, LINES, halved
from attune.domain.section import SectionRequest
from attune.store import budgets, sections, variants


def run(desk: Desk, course: str, waiting: Sequence[str]) -> tuple[list[str], list[str], list[SectionRequest], int]:
    """The lessons that fit into a batch and its money, those that nobody needs in one, what to ask, its worst price."""
    now = desk.clock.now()
    left = budgets.room(course, desk.limits, desk.night or 0, now)
    price, bytes_left = halved(desk.supplier.price), BYTES
    taken: list[str] = []
    needless: list[str] = []
    chosen: dict[str, SectionRequest] = {}
    amount = 0
    for key in waiting:
        requests = _free(desk, key)
        if not requests:
            needless.append(key)
            continue
        new = {request.key: request for request in requests if request.key not in chosen}
        cost = sum(price.of(desk.supplier.writer.most(request, ())) for request in new.values())
        size = sum(len(desk.batches.line(request)) for request in new.values())
        if amount + cost <= left and size <= bytes_left and len(chosen) + len(new) <= LINES:
            taken.append(key)
            chosen |= new
            amount, bytes_left = amount + cost, bytes_left - size
    return taken, needless, list(chosen.values()), amount


def _free(desk: Desk, key: str) -> Sequence[SectionRequest]:
    """What of a lesson is still to be written, by nobody else, and may still be asked for."""
    now = desk.clock.now()
    variant = variants.get(key, now, consistent=True)
    work = still_wanted.find(variant.plan, desk.style, now) if variant and not variant.assembled else "unknown"
    if isinstance(work, str):
        return ()
    found = sections.get_many([request.key for request in work.requests], now)

    def free(request: SectionRequest) -> bool:
        known = found.get(request.key)
        return known is None or not (known.settled(now) or known.held(now) or known.calls >= ALL_CALLS)

    return [request for request in work.requests if free(request)]
