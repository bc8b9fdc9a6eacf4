"""Groups whose members were put into an arm together: a class is one draw, however many learn in it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from attune.domain.statistics.difference import Difference


@dataclass(frozen=True, slots=True)
class Clusters:
    """So many clusters in sums: of their sizes n, of their totals y, of the squares and the product of both."""

    count: int = 0
    n: float = 0.0
    y: float = 0.0
    nn: float = 0.0
    yy: float = 0.0
    ny: float = 0.0

    def plus(self, n: float, y: float) -> "Clusters":
        """With one cluster more."""
        return replace(
            self,
            count=self.count + 1,
            n=self.n + n,
            y=self.y + y,
            nn=self.nn + n * n,
            yy=self.yy + y * y,
            ny=self.ny + n * y,
        )

    @property
    def mean(self) -> float:
        """Over all members of all clusters."""
        return self.y / self.n if self.n else 0.0

    @property
    def variance_of_mean(self) -> float:
        """Between clusters, linearized: both how large a cluster is and how it did are chance."""
        if self.count < 2 or not self.n:
            return 0.0
        squares = self.yy - 2.0 * self.mean * self.ny + self.mean**2 * self.nn
        return max(0.0, squares) * self.count / (self.count - 1) / self.n**2


def clusters(members: Iterable[tuple[float, float]]) -> Clusters:
    """Clusters by their sizes and totals."""
    found = Clusters()
    for n, y in members:
        found = found.plus(n, y)
    return found


def between(control: Clusters, treated: Clusters) -> Difference:
    """The difference of two arms, each made of clusters."""
    error = control.variance_of_mean + treated.variance_of_mean
    return Difference(treated.mean - control.mean, error**0.5, control.count + treated.count)
