"""The chi-square distribution: the upper regularized incomplete gamma function, as series and continued fraction."""

from math import erfc, exp, lgamma, log, sqrt
from typing import Final

_EPSILON: Final = 1e-15
_TINY: Final = 1e-300
_MOST: Final = 10_000


def survival(x: float, freedom: int) -> float:
    """The probability of a chi-square of so many degrees of freedom being larger than x."""
    if x <= 0.0:
        return 1.0
    if freedom == 1:
        return erfc(sqrt(x / 2.0))
    return upper_gamma(freedom / 2.0, x / 2.0)


def upper_gamma(a: float, x: float) -> float:
    """Q(a, x): 1 at x = 0, falling to 0."""
    if x <= 0.0:
        return 1.0
    scale = exp(a * log(x) - x - lgamma(a))
    return 1.0 - scale * _series(a, x) if x < a + 1.0 else scale * _fraction(a, x)


def _series(a: float, x: float) -> float:
    term = total = 1.0 / a
    for n in range(1, _MOST):
        term *= x / (a + n)
        total += term
        if term < total * _EPSILON:
            break
    return total


def _fraction(a: float, x: float) -> float:
    """Lentz's way through the continued fraction."""
    b = x + 1.0 - a
    c, d = 1.0 / _TINY, 1.0 / b
    h = d
    for n in range(1, _MOST):
        step = -n * (n - a)
        b += 2.0
        d = 1.0 / _not_zero(step * d + b)
        c = _not_zero(b + step / c)
        h *= c * d
        if abs(c * d - 1.0) < _EPSILON:
            break
    return h


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
