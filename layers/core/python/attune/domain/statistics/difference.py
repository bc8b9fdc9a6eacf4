"""The difference of two groups, with the error of its estimate."""

from dataclasses import dataclass

from attune.domain.statistics.moments import Moments


@dataclass(frozen=True, slots=True)
class Difference:
    """The second group's mean less the first's; `n` counts the units that the error rests on."""

    value: float
    standard_error: float
    n: int


def difference(control: Moments, treated: Moments) -> Difference:
    """Of independent values, each unit's own."""
    error = control.variance / control.n + treated.variance / treated.n
    return Difference(treated.mean - control.mean, error**0.5, control.n + treated.n)


def adjusted(control: Moments, treated: Moments) -> Difference:
    """With what a covariate from before the exposure explains taken out (CUPED).

    The slope is that within the groups, so the mean effect stays what it is; where nothing varies there is none.
    """
    n = control.n + treated.n
    variance_z = (control.n * control.variance_z + treated.n * treated.variance_z) / n
    covariance = (control.n * control.covariance + treated.n * treated.covariance) / n
    slope = covariance / variance_z if variance_z > 0.0 else 0.0
    value = treated.mean - control.mean - slope * (treated.mean_z - control.mean_z)
    error = sum(_residual(group, slope) / group.n for group in (control, treated))
    return Difference(value, error**0.5, n)


def _residual(group: Moments, slope: float) -> float:
    """The variance of y - slope z."""
    return max(0.0, group.variance - 2.0 * slope * group.covariance + slope**2 * group.variance_z)
