"""Count what changes of rows say that happened: each change once, in whatever order and batches it is told."""

from collections.abc import Mapping
from datetime import datetime

from attune.actions import count_events
from attune.store import metrics
from attune.store.changes import Heard


def run(told: Mapping[str, Heard], now: datetime) -> int:
    """How many events were counted that had not been counted before; by record of the stream. Raises `Unavailable`.

    For reports and for experiments apart: each knows by itself what it has counted.
    """
    events = {record: heard.events for record, heard in told.items()}
    done = sum(metrics.add(part, now) for part in metrics.parts(events, now))
    count_events.run(told, now)
    return done
