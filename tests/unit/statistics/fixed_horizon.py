"""The test that may be looked at once: what the product never decides by, to compare with."""

from math import erfc, sqrt

from attune.domain.statistics.difference import Difference
from attune.domain.statistics.normal import quantile


def p_value(found: Difference) -> float:
    """Of no difference."""
    return erfc(abs(found.value) / found.standard_error / sqrt(2.0)) if found.standard_error else 1.0


def fixed_interval(found: Difference) -> tuple[float, float]:
    half = found.standard_error * quantile(0.975)
    return found.value - half, found.value + half
