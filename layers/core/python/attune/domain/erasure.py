"""What an erasure has done so far, and what stays all the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

RUNNING: Final = "running"
DONE: Final = "done"
SETTLES: Final = timedelta(seconds=300 + 60)
"""The authorizer's memory and the longest timeout of a function: whoever began before the erasure has ended by then."""
KEPT: Final[Mapping[str, str]] = {
    "sections": "Texts written for a persona are shared by its readers and name none of them.",
    "tombstone": "A keyed hash of the id, so that it cannot be used again.",
    "sums": "Counts over many learners, in which no single one can be found.",
    "events": "What happened, under a keyed hash of its own that leads back to nobody, for 400 days.",
    "backups": "Copies of the table are overwritten within 35 days; the operator repeats erasures after a restore.",
    "stream": "Changes of the table can be read for 24 hours.",
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """`deleted` counts rows by kind, and the evidence in sessions; `learners` are those still to be swept."""

    receipt: str
    state: str
    requested_at: str
    done_at: str | None = None
    deleted: Mapping[str, int] = field(default_factory=dict)
    learners: frozenset[str] = frozenset()
    creations: frozenset[str] = frozenset()
    courses: frozenset[str] = frozenset()
    swept_at: datetime | None = None
    write_id: str | None = None
