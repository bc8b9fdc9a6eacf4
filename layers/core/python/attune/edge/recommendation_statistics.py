"""What became of the recommendations, as it is answered."""

from typing import Any

from attune.domain.recommendations.statistics import Statistics
from attune.edge.rounding import POINTS, SHARES, rounded
from attune.edge.views import View


class StatisticsView(View):
    """What became of the recommendations: shares of those answered or expired, the effect measured, what clients said.

    `effective` stays null under 20 measured completions.
    """

    total: int
    accepted: int
    declined: int
    completed: int
    expired: int
    acceptance_rate: float | None
    completion_rate: float | None
    average_rating: float | None
    average_effectiveness: float | None
    measured: int
    observed_improvement: float | None
    expected_improvement: float | None
    effective: bool | None

    @classmethod
    def of(cls, found: Statistics) -> "StatisticsView":
        return cls(**statistics_fields(found))


def statistics_fields(found: Statistics) -> dict[str, Any]:
    """The fields of a view of statistics."""
    return {
        "total": found.total,
        "accepted": found.accepted,
        "declined": found.declined,
        "completed": found.completed,
        "expired": found.expired,
        "acceptance_rate": rounded(found.acceptance, SHARES),
        "completion_rate": rounded(found.completion, SHARES),
        "average_rating": rounded(found.mean_rating, SHARES),
        "average_effectiveness": rounded(found.mean_effectiveness, SHARES),
        "measured": found.measured,
        "observed_improvement": rounded(found.observed, POINTS),
        "expected_improvement": rounded(found.expected, POINTS),
        "effective": found.effective,
    }
