"""What everybody who works on batches has at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from attune.actions.clock import Clock
from attune.actions.queue_lesson import Send
from attune.domain.batch import Batch, Batches
from attune.domain.budget import Limits
from attune.domain.section import Style
from attune.domain.supplier import Supplier
from attune.store.budgets import Hold

LEASE: Final = 4 * 86_400.0
"""Seconds after which money for a batch comes back that nobody looks after any more."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The provider and who answers for it, the style of the deployment, what may be spent, and where sections queue.

    `night` is what a night may plan to spend; None plans nothing. `nearly` is told of limits of which most is spent,
    `broken` of faults, `told` in a few words, with the name of the batch, of what the owner should know.
    """

    batches: Batches
    supplier: Supplier
    style: Style
    limits: Limits
    night: int | None
    send: Send
    clock: Clock
    nearly: Callable[[str], None]
    broken: Callable[[str, BaseException], None]
    told: Callable[[str, str], None]


def hold_of(batch: Batch) -> Hold:
    """The money that is set aside for a batch, under the batch's own name."""
    return Hold(batch.name, batch.month, batch.day, batch.course, batch.amount, batch.line, night=True)
