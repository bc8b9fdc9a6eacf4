"""A text that was cut is noticed by how it ends."""

import re
from collections.abc import Iterator

from attune.domain.fidelity.case import Case
from attune.domain.fidelity.words import stems

TAIL = 6
"""The words at the end of the source of which some must be left."""
_WORD = re.compile(r"[^\W\d_]+")
_LAST_WORD = re.compile(r"[^\W\d_]+\Z")
_OPEN_END = re.compile(r"(?:^[ \t]*(?:[-*+]|\d{1,9}[.)])|[,([]|(?:^|\s)[*_]{1,3})\Z", re.MULTILINE)
_ENDING = tuple(".!?…:;)]}\"'”’»۔؟।。！？*_|>")  # noqa: RUF001


def faults(case: Case) -> Iterator[str]:
    """A text that was cut ends in the middle of something, or without a trace of what its source ends with."""
    last, given = case.written.rstrip(), case.source.rstrip()
    ends_with_piece = case.after.pieces and case.after.pieces[-1].end >= len(last)
    if not ends_with_piece and not last.endswith(_ENDING):
        known = set(_WORD.findall(case.source.lower()))
        word = _LAST_WORD.search(last.lower())
        torn = word and word[0] not in known and any(each.startswith(word[0]) for each in known)
        if given.endswith(_ENDING) or (torn and not case.translated):
            yield "The text stops in the middle of a sentence."
            return
    if _OPEN_END.search(last) and not _OPEN_END.search(given):
        yield "The text stops in the middle of a sentence."
    elif not case.translated:
        words = stems(case.before.prose)
        own = set(words[-TAIL:]) - set(words[:-TAIL])
        if len(own) >= TAIL / 2 and own.isdisjoint(stems(case.after.prose)):
            yield "The end of the source is missing."
