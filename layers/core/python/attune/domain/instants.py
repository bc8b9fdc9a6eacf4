"""Moments as they are written: RFC 3339 in UTC with a `Z`, to the second."""

from datetime import UTC, datetime
from typing import Final

DAY_MS: Final = 86_400_000
"""Milliseconds of a day."""


def instant(moment: datetime) -> str:
    """A moment's text. It must know its time zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> datetime:
    """The moment of a text that `instant` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
