"""What nobody may rewrite is all there and in order: code, formulas, links, pictures, `:::` lines."""

from collections import Counter
from collections.abc import Iterator

from attune.domain import pieces
from attune.domain.fidelity.case import Case
from attune.domain.pieces import dissect

_GROUPS = (
    ("code block", pieces.CODE_BLOCK, True),
    ("piece of inline code", pieces.CODE, False),
    ("formula", pieces.MATHS + pieces.MATHS_BLOCK, False),
    ("link", pieces.LINK + pieces.URL + pieces.DEFINITION, False),
    ("picture", pieces.IMAGE, True),
    ("::: line", pieces.DIRECTIVE, True),
)
_ORDERED = pieces.CODE_BLOCK + pieces.MATHS_BLOCK + pieces.DIRECTIVE


def faults(case: Case) -> Iterator[str]:
    extra = dissect(case.definitions).pieces if case.definitions else ()
    for name, kinds, counted in _GROUPS:
        expected, found, allowed = (
            Counter(
                " ".join(piece.value.split()) if not counted else piece.value for piece in some if piece.kind in kinds
            )
            for some in (case.before.pieces, case.after.pieces, extra)
        )
        if not counted:
            expected, found = Counter(set(expected)), Counter(set(found))
        if expected - found:
            yield f"A {name} of the source is missing or changed."
        if found - expected - allowed:
            yield f"There is a {name} that the source does not have."
    before, after = (
        [(piece.kind, piece.value) for piece in some.pieces if piece.kind in _ORDERED]
        for some in (case.before, case.after)
    )
    if before != after and Counter(before) == Counter(after):
        yield "The blocks are not in the order of the source."
