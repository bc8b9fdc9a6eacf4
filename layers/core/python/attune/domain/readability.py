"""How hard a text is to read: the automated readability index, which is about the school year that can follow it."""

import re

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # noqa: RUF001
_END = re.compile(r"[.!?…]+(?=[\s\"'”’)*_]|$)")  # noqa: RUF001


def grade(paragraphs: tuple[str, ...]) -> float | None:
    """The index of some paragraphs of English, each of which ends a sentence; None where there are too few words."""
    words = [word for paragraph in paragraphs for word in _WORD.findall(paragraph)]
    if len(words) < LEAST_WORDS:
        return None
    sentences = sum(_sentences(paragraph) for paragraph in paragraphs)
    letters = sum(map(len, words))
    return 4.71 * letters / len(words) + 0.5 * len(words) / max(1, sentences) - 21.43


LEAST_WORDS = 60
"""Below this, one word more or less moves the index by more than a rewriting does."""


def _sentences(paragraph: str) -> int:
    bare = paragraph.rstrip()
    if not _WORD.search(bare):
        return 0
    ends = list(_END.finditer(bare))
    rest = bare[ends[-1].end() :] if ends else bare
    return len(ends) + bool(_WORD.search(rest))
