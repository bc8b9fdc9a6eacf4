"""The names of texts by what they hold."""

import hashlib
import json


def content_hash(text: str) -> str:
    """`sha256:` and the 64 hex digits of a text's UTF-8 bytes."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def exact(value: object) -> str:
    """SHA-256 (64 hex digits) of a JSON value as it is: two texts that only look the same have two names."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def share_of(text: str) -> float:
    """A number in [0, 1) that is always the same for a text, and even over many."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) / 2**32
