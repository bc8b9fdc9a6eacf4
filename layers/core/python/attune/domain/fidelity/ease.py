"""A text is as easy to read as its readers ask for, or easier than its source."""

from collections.abc import Iterator

from attune.domain.fidelity.case import Case
from attune.domain.languages import language_of
from attune.domain.readability import grade

NEAR = 2.0
"""Grades around the one asked for: within them a text is as easy as it should be."""


def faults(case: Case) -> Iterator[str]:
    """The text moves towards the grade that its readers ask for, unless it is near it.

    Only a model can move it: what the rules leave out or put in is the author's own.
    """
    wanted, language = case.request.readability, language_of(case.request.language)
    if wanted is None or case.translated or not language.graded or case.request.style.writer == "rules":
        return
    before, after = grade(case.before.paragraphs), grade(case.after.paragraphs)
    if before is None or after is None or abs(after - wanted) <= NEAR or abs(after - wanted) < abs(before - wanted):
        return
    yield f"The text is no {'easier' if after > wanted else 'denser'} to read than the source, and should be."
