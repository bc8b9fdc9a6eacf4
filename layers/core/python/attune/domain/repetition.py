"""What makes a repeated creation recognisable."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repetition:
    """The route, the caller's key, and a hash of what was sent under it."""

    route: str
    key: str
    request_hash: str
