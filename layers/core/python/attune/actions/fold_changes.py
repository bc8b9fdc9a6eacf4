"""Count what changes of rows say that happened: each change once, in whatever order and batches it is told."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attune.domain.reports.event import Event
from attune.store import metrics


def run(told: Mapping[str, Sequence[Event]], now: datetime) -> int:
    """How many events were counted that had not been counted before; by record of the stream. Raises `Unavailable`."""
    return sum(metrics.add(part, now) for part in metrics.parts(told, now))
