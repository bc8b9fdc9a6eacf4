"""Have a section written for money: it is set aside before the call and settled after it, whatever becomes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from attune.actions.clock import Clock
from attune.domain.budget import NOTHING_USED, Limits, Price
from attune.domain.section import Draft, SectionRequest, Writer, WriterFault
from attune.store import budgets

UNKNOWN: Final = frozenset({"timeout", "unreachable"})
"""Faults after which nobody knows whether the provider counts the call: then all that was set aside is spent."""
LEASE: Final = 120.0
"""Seconds after which money that a dead worker set aside comes back; longer than a worker may take."""


Nearly = Callable[[str], None]


def nobody(said: object) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What calls cost and how much of it is allowed; `model` is asked in place of the request's own, if any is.

    `nearly` is told of each limit when most of it is gone, `paid` what was spent.
    """

    price: Price
    limits: Limits
    model: str | None = None
    nearly: Nearly = nobody
    paid: Callable[[int], None] = nobody


def write(
    writer: Writer,
    request: SectionRequest,
    complaints: Sequence[str],
    deadline: float,
    tries: int,
    course: str,
    purse: Purse,
    clock: Clock,
) -> Draft:
    """The draft of at most so many calls. Raises `Spent` before it, `WriterFault` after it."""
    amount = purse.price.of(writer.most(request, complaints))
    if not amount:
        return writer.write(request, complaints, deadline, tries)
    line = f"{request.style.writer} {purse.model or request.style.model}"
    held = budgets.hold(course, amount, purse.limits, LEASE, clock.now(), line)
    for limit in held.nearly:
        purse.nearly(limit)
    usage, cost = NOTHING_USED, amount
    try:
        draft = writer.write(request, complaints, deadline, tries)
        usage, cost = draft.usage, purse.price.of(draft.usage)
    except WriterFault as fault:
        usage = fault.usage
        cost = amount if fault.reason in UNKNOWN else purse.price.of(usage)
        raise
    finally:
        purse.paid(cost)
        budgets.settle(held, cost, usage, clock.now(), repair=bool(complaints))
    return draft
