"""The words of a text, by the letters that tell one from another."""

import re

STEM = 5
"""Letters that tell one word from another."""
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def stems(text: str) -> list[str]:
    return [word[:STEM] for word in _LONG_WORD.findall(text.lower())]
