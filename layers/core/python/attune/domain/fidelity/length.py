"""A text is about as long as its source."""

from collections.abc import Iterator

from attune.domain.fidelity.case import Case

LENGTH, LENGTH_OF_TRANSLATION = (0.5, 2.0), (0.35, 3.0)
PARAGRAPHS_KEPT = 2 / 3
_SLACK = 80


def faults(case: Case) -> Iterator[str]:
    low, high = LENGTH_OF_TRANSLATION if case.translated else LENGTH
    before, after = (len(" ".join(anatomy.prose.split())) for anatomy in (case.before, case.after))
    if after < low * before - _SLACK:
        yield "The text is much shorter than the source."
    elif after > high * before + _SLACK + len(case.definitions):
        yield "The text is much longer than the source."
    elif len(case.after.paragraphs) < PARAGRAPHS_KEPT * len(case.before.paragraphs) - 0.01:
        yield "Paragraphs or list items of the source are missing."
