"""The normal distribution, by the standard library."""

from statistics import NormalDist

_STANDARD = NormalDist()


def quantile(p: float) -> float:
    """The value below which a standard normal lies with probability p, 0 < p < 1."""
    return _STANDARD.inv_cdf(p)
