"""How many decimals figures are answered with."""

POINTS = 1
SHARES = 4
"""Decimals of rating points, and of probabilities and shares."""


def rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
