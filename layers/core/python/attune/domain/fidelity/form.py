"""A text is made of characters that can be seen, and its fences are closed."""

from collections import Counter
from collections.abc import Iterator

from attune.domain import pieces
from attune.domain.characters import visible
from attune.domain.fidelity.case import Case


def faults(case: Case) -> Iterator[str]:
    hidden = Counter(case.written) - Counter(visible(case.written))
    if any(character not in case.source for character in hidden):
        yield "The text holds control or invisible characters."
    if case.after.unclosed and not case.before.unclosed:
        yield "A code fence is not closed."
    wrapped = [piece.kind for piece in case.after.pieces] == [pieces.CODE_BLOCK] and not case.after.paragraphs
    if wrapped and case.before.paragraphs:
        yield "The whole text stands inside a code fence."
