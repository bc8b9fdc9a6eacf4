"""What a model says beside the text: to whoever asked, of what it was told."""

from collections.abc import Iterator

from attune.domain import pieces
from attune.domain.fidelity.case import Case
from attune.domain.fidelity.leaks import leaks
from attune.domain.talk import talk


def faults(case: Case) -> Iterator[str]:
    if talk(case.written) - talk(case.source):
        yield "The text talks to whoever asked for it instead of to the reader."
    brackets = [sum(piece.kind == pieces.BRACKET for piece in some.pieces) for some in (case.before, case.after)]
    if brackets[1] > brackets[0]:
        yield "A ⟦token⟧ was left in the text."
    secret = "\n".join(case.request.instructions)
    if leaks(case.written, secret, f"{case.source}\n{case.definitions}"):
        yield "The text repeats its instructions."
