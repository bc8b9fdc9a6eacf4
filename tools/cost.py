"""What model calls cost in a month: by day, by course and model, and as a whole; all of it is in one row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from attune.domain.budget import MICRO, Figures, month_of
from attune.domain.errors import Unavailable
from attune.store import budgets
from attune.store.budgets import Spending
from tools.errors import OperatorError

HEAD = ("", "calls", "repairs", "uncertain", "tokens in", "tokens out", "USD")


def spent(month: str | None) -> tuple[str, Spending]:
    """A month, this one if none is named, and what was spent in it. OperatorError if that cannot be said."""
    now = datetime.now(UTC)
    month = month or month_of(now)
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise OperatorError(f"{month!r} is no month: 2026-11 is one.")
    try:
        return month, budgets.spending(now, month)
    except Unavailable as error:
        raise OperatorError(f"The table cannot be used ({error.code}).") from error


def plain(month: str, found: Spending) -> dict[str, Any]:
    """The same for machines, in dollars."""
    lines = [
        {"course": course, "writer": line.partition(" ")[0], "model": line.partition(" ")[2], **_plain(figures)}
        for (course, line), figures in found.lines.items()
    ]
    return {
        "month": month,
        "total": _plain(_sum(found.daily)),
        "set_aside": _dollars(found.committed - found.spent),
        "days": [{"day": day, **_plain(figures)} for day, figures in found.daily.items()],
        "lines": lines,
    }


def said(month: str, found: Spending) -> str:
    """The same as a table."""
    rows: list[Sequence[str]] = [HEAD]
    rows += [_row(day, figures) for day, figures in found.daily.items()]
    rows += [_row(f"{course}, {line.replace(' ', ', ')}", figures) for (course, line), figures in found.lines.items()]
    rows.append(_row(month, _sum(found.daily)))
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    lines = ["  ".join(_aligned(row, widths)).rstrip() for row in rows]
    if found.committed > found.spent:
        lines.append(f"set aside for calls under way: {_dollars(found.committed - found.spent):.6f} USD")
    return "\n".join(lines)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    yield row[0].ljust(widths[0])
    for cell, width in zip(row[1:], widths[1:], strict=True):
        yield cell.rjust(width)


def _row(name: str, figures: Figures) -> Sequence[str]:
    counts = (figures.calls, figures.repairs, figures.uncertain, figures.input_tokens, figures.output_tokens)
    return (name, *(str(count) for count in counts), f"{_dollars(figures.cost):.6f}")


def _sum(daily: Mapping[str, Figures]) -> Figures:
    return sum(daily.values(), Figures())


def _plain(figures: Figures) -> dict[str, Any]:
    found: dict[str, Any] = asdict(figures)
    cost = found.pop("cost")
    return {**found, "usd": _dollars(cost)}


def _dollars(micro: int) -> float:
    return micro / MICRO
