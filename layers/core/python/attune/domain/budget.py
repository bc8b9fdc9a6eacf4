"""What a model's answers may cost: prices, limits, and how much has to be set aside before a call.

Money is counted in whole millionths of a dollar, so that sums are exact and a price per
million tokens is a price per token.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens sent to a model and received from it."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens)


NOTHING_USED: Final = Usage()


PROMPT_TOKENS: Final = 2_000
"""More than what is said to a model beside the section itself."""


def estimated(source: str) -> Usage:
    """Rather more than writing a section takes: up to two texts of its length, of four bytes a token or fewer."""
    size = len(source.encode())
    return Usage(PROMPT_TOKENS + ceil(size / 2), size)


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars per million tokens."""

    input: float
    output: float

    def of(self, usage: Usage) -> int:
        """Millionths of a dollar, rounded up."""
        return ceil(round(usage.input_tokens * self.input + usage.output_tokens * self.output, 6))


@dataclass(frozen=True, slots=True)
class Figures:
    """What was spent on something: money in millionths of a dollar, answers and the tokens that were counted for them.

    `repairs` are those of the `calls` that mended a draft. `uncertain` calls brought no answer, so that nobody knows
    whether they were counted: they cost what was set aside for them.
    """

    cost: int = 0
    calls: int = 0
    repairs: int = 0
    uncertain: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @classmethod
    def of(cls, cost: int, usage: Usage, *, repair: bool) -> "Figures":
        """Those of one call."""
        answered = usage != NOTHING_USED
        return cls(
            cost=cost,
            calls=int(answered),
            repairs=int(answered and repair),
            uncertain=int(cost > 0 and not answered),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
        )

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, name) + getattr(other, name) for name in Figures.__slots__))


@dataclass(frozen=True, slots=True)
class Limits:
    """Millionths of a dollar that may be spent in a UTC day, in a month, and in a day on one course; None: no limit."""

    day: int | None
    month: int | None
    course_day: int | None = None


NEARLY: Final = 0.8
"""The share of a limit at which its owner is told."""


def passes(after: int, amount: int, limit: int | None) -> bool:
    """Whether an amount is what brings a sum to the share of its limit at which the owner is told."""
    return limit is not None and after - amount < NEARLY * limit <= after


def micro(dollars: float) -> int:
    """A sum of dollars in millionths."""
    return round(dollars * MICRO)


def day_of(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%d")


def month_of(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m")


def next_day(now: datetime) -> datetime:
    """When a day's limit begins anew."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
