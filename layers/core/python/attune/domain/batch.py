"""Sections that are asked for together: a provider takes them as one file, answers within a day, and wants half of it.

intended --made at the provider--> sent --ended, texts stored, money settled--> settled --its files are gone--> closed
intended --refused, or given up--> closed, with its money back
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from attune.domain.budget import Price, Usage
from attune.domain.section import Draft, SectionRequest, WriterFault

INTENDED, SENT, SETTLED, CLOSED = "intended", "sent", "settled", "closed"
ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})
"""How a provider says that nothing more will come; whatever was answered by then is there."""
LINES: Final = 500
BYTES: Final = 20_000_000
"""What is sent in one batch at most: what one worker can store in its time. Providers take 50,000 lines and 200 MB."""
GONE: Final = "unknown_model"
"""The reason of a fault where a provider knows no such batch or file: that of any 404."""
FREE: Final = Price(0, 0)
HALF: Final = 0.5
"""The share of the price that a provider wants for what may take a day."""


def halved(price: Price) -> Price:
    """What tokens cost in a batch."""
    return Price(price.input * HALF, price.output * HALF)


def line_id(request: SectionRequest) -> str:
    """The name of a line: the key of the section for its persona, and the start of its source's hash."""
    return f"{request.key}.{hashlib.sha256(request.source.encode()).hexdigest()[:16]}"


def section_of(line: str) -> str:
    """The key of the section in the name of a line."""
    return line.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch as its provider shows it; `name` is the one that we gave it."""

    id: str
    status: str
    name: str | None = None
    created_at: float = 0.0
    input_file: str | None = None
    output_file: str | None = None
    error_file: str | None = None
    reason: str | None = None

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def files(self) -> Sequence[str]:
        """What the provider keeps of it."""
        return [each for each in (self.input_file, self.output_file, self.error_file) if each]


Answers = Mapping[str, bytes | WriterFault]
"""What came back, by the name of the line: the body of an answer, or why there is none."""


class Batches(Protocol):
    """A provider's batches. Everything raises `WriterFault` where the provider or the network does."""

    def line(self, request: SectionRequest) -> bytes:
        """The line of a section, with its end."""
        ...

    def send(self, name: str, lines: Sequence[bytes]) -> Seen:
        """Have these lines written, under a name by which the batch is found again."""
        ...

    def find(self, name: str, since: float) -> Sequence[Seen]:
        """The batches that were made under a name since a moment (epoch seconds)."""
        ...

    def look(self, id: str) -> Seen:
        """How far a batch is."""
        ...

    def cancel(self, id: str) -> None:
        """Have no more of it written."""
        ...

    def answers(self, seen: Seen) -> Answers:
        """What a batch that has ended brought, in whatever order it stands in its files."""
        ...

    def usage(self, body: bytes) -> Usage:
        """The tokens that an answer counts, whatever else it says."""
        ...

    def read(self, request: SectionRequest, body: bytes) -> Draft:
        """The section in an answer, as one that was asked for by itself; see `Writer.write`."""
        ...

    def forget(self, files: Sequence[str]) -> None:
        """Have the provider keep nothing of it."""
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a batch: lines that were sent, of them `written`, settled as originals, and left to be asked for
    by themselves; what it cost (millionths of a dollar)."""

    lines: int = 0
    written: int = 0
    originals: int = 0
    left: int = 0
    cost: int = 0


NO_COUNTS: Final = Counts()


@dataclass(frozen=True, slots=True)
class Batch:
    """The one batch of a course that is under way, or the last that was.

    `name` is ours, and in its metadata; `provider_id` the provider's. `sections` are the keys of its lines, `variants`
    the lessons that they are for. `amount` was set aside in the books of `month` and `day`, under `line` there, at
    `price`. `tries` counts who sent it, `busy_until` (epoch seconds) is how long one holds it. `status` and `reason`
    are the provider's last word, `duplicates` what it made of one intent beside the one that counts.
    """

    course: str
    name: str
    state: str
    began_at: float
    variants: Sequence[str] = ()
    sections: Sequence[str] = ()
    amount: int = 0
    month: str = ""
    day: str = ""
    line: str = ""
    price: Price = FREE
    tries: int = 0
    busy_until: float = 0.0
    provider_id: str | None = None
    files: Sequence[str] = ()
    status: str | None = None
    reason: str | None = None
    duplicates: int = 0
    counts: Counts = NO_COUNTS
    ended_at: float | None = None
    write_id: str | None = None

    @property
    def open(self) -> bool:
        return self.state != CLOSED
