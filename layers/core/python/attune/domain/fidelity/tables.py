"""What a table says in numbers stays in its place."""

from collections.abc import Iterator

from attune.domain.fidelity.case import Case
from attune.domain.quantities import in_order


def faults(case: Case) -> Iterator[str]:
    """What a row says in numbers stays in its place, whatever is said around it."""
    before, after = (
        [found for row in some.rows if (found := [value for value, _ in in_order(row)])]
        for some in (case.before, case.after)
    )
    if before and (len(before) != len(after) or not all(map(_is_part, before, after))):
        yield "The numbers of a table are changed, or not in their places."


def _is_part(numbers: list[str], row: list[str]) -> bool:
    """Whether these stand in a row in this order, perhaps among others."""
    left = iter(row)
    return all(number in left for number in numbers)
