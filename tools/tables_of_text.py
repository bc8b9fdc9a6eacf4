"""Tables for a terminal and for Markdown."""

from collections.abc import Iterator, Sequence

Row = Sequence[str]


def aligned(rows: Sequence[Row]) -> Iterator[str]:
    """Lines whose first column is aligned to the left, the others to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        first, *others = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join([first, *others]).rstrip()


def markdown(head: Row, rows: Sequence[Row]) -> Iterator[str]:
    """The same as a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield "|---|" + "---:|" * (len(head) - 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"
