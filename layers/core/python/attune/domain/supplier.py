"""Who can be asked to write: a writer, what its tokens cost, and the name under which its failures are counted."""

from dataclasses import dataclass

from attune.domain.budget import Price
from attune.domain.section import Writer


@dataclass(frozen=True, slots=True)
class Supplier:
    """`name` changes with everything that could mend it; None for a writer that is never down.

    `model` is what its tokens are paid for, in the books.
    """

    name: str | None
    writer: Writer
    price: Price
    model: str | None = None
