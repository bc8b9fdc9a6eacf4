"""The headings are those of the source, in its order."""

from collections import Counter
from collections.abc import Iterator

from attune.domain.fidelity.case import Case


def faults(case: Case) -> Iterator[str]:
    expected, found = case.before.headings, case.after.headings
    if expected == found:
        return
    missing = Counter(expected) - Counter(found)
    yield from (f"The heading “{'#' * level} {text}” is missing or changed." for level, text in missing)
    if Counter(found) - Counter(expected):
        yield "There is a heading that the source does not have."
    elif not missing:
        yield "The headings are not in the order of the source."
