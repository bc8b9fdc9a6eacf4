"""How many units an experiment needs to see an effect of a size, if it is there."""

from math import ceil
from typing import Final

from attune.domain.statistics.normal import quantile

POWER: Final = 0.8


def units_for_shares(base: float, change: float, alpha: float = 0.05, power: float = POWER) -> int:
    """Units per arm that see a share move from `base` by `change`, as the difference of two shares, unpooled."""
    moved = base + change
    return units_for_means((base * (1.0 - base) + moved * (1.0 - moved)) / 2.0, change, alpha, power)


def units_for_means(variance: float, change: float, alpha: float = 0.05, power: float = POWER) -> int:
    """Units per arm that see a mean move by `change`, at one look at the end.

    An interval that may be looked at at any time needs more: at its planned size it is about 1.5 times as wide.
    """
    if change == 0.0:
        raise ValueError("an effect of nothing cannot be seen")
    reach = quantile(1.0 - alpha / 2.0) + quantile(power)
    return ceil(reach**2 * 2.0 * variance / change**2)
