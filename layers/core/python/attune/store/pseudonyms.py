"""What events call a learner: a keyed hash, the same for all of a learner's events and of no use to find them by."""

import hashlib
import hmac
from typing import Final

from attune.store import tombstones

_LENGTH: Final = 16


def of(learner: str) -> str:
    """The name of a learner in events; another than the one that an erasure leaves behind."""
    named = hmac.new(tombstones.key().encode(), f"events {learner}".encode(), hashlib.sha256)
    return named.hexdigest()[:_LENGTH]
