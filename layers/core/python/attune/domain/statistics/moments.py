"""A group in sums: all that its mean, its variance and an adjustment by a covariate need, whatever its size."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moments:
    """`n` values y with their sums, and those of the covariate z that was known of each before."""

    n: int = 0
    y: float = 0.0
    yy: float = 0.0
    z: float = 0.0
    zz: float = 0.0
    yz: float = 0.0

    @classmethod
    def of_share(cls, n: int, conversions: int) -> "Moments":
        """A group of which so many did it."""
        return cls(n, conversions, conversions)

    @property
    def mean(self) -> float:
        return self.y / self.n if self.n else 0.0

    @property
    def mean_z(self) -> float:
        return self.z / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """Of the values themselves: of a share p it is p (1 - p)."""
        return max(0.0, self.yy / self.n - self.mean**2) if self.n else 0.0

    @property
    def variance_z(self) -> float:
        return max(0.0, self.zz / self.n - self.mean_z**2) if self.n else 0.0

    @property
    def covariance(self) -> float:
        return self.yz / self.n - self.mean * self.mean_z if self.n else 0.0
