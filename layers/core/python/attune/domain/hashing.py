"""The names of texts by what they hold."""

import hashlib


def content_hash(text: str) -> str:
    """`sha256:` and the 64 hex digits of a text's UTF-8 bytes."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
