"""What an experiment counts of each learner who was exposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from attune.domain.instants import DAY_MS

BINARY: Final = "binary"
MEAN: Final = "mean"
RATIO: Final = "ratio"

DROPOUT: Final = "dropout"
RETENTION: Final = "retained_7d"
HELPFUL: Final = "helpful_rating"
GAIN_PER_MINUTE: Final = "gain_per_minute"
TEXT_COST: Final = "text_cost"
WRITTEN_WITH: Final[Mapping[str, str]] = {
    "accepted": BINARY,
    "completed_within_7d": BINARY,
    "measured_gain": MEAN,
    DROPOUT: BINARY,
}
"""Metrics that are counted in the write in which they become so, by their type: whether a recommendation was accepted,
whether one was completed within seven days of the exposure, the points that completed ones brought, and whether the
learner stayed away for a fortnight since the exposure."""
TOLD_BY_STREAM: Final[Mapping[str, str]] = {RETENTION: BINARY, HELPFUL: MEAN, GAIN_PER_MINUTE: RATIO}
"""Metrics that are counted from what the table's stream tells (`attune.domain.experiments.streamed`)."""
BUILT_IN: Final[Mapping[str, str]] = {**WRITTEN_WITH, **TOLD_BY_STREAM, TEXT_COST: MEAN}
"""All that are measured here; what a learner's texts cost is found out by the nights. All others are the site's own."""
GUARDS: Final = frozenset({DROPOUT, TEXT_COST})
"""Those of them of which less is better: they can be guardrails, since they must not rise."""
WINDOW_MS: Final = 7 * DAY_MS


@dataclass(frozen=True, slots=True)
class Metric:
    """`binary`: whether a learner did it, once at most. `mean`: the sum of all that was recorded of a learner.

    `ratio`: one such sum by another, as points by minutes, each of all learners.
    """

    name: str
    type: str = BINARY

    @property
    def sign(self) -> int:
        """Which way is better: up, but for what must not rise."""
        return -1 if self.name in GUARDS else 1

    @property
    def per(self) -> str:
        """The name of the other sum of a ratio, beside those of metrics, which have no space in them."""
        return f"{self.name} per"


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A metric that must not rise by more than `max_increase` over the control: a share, or points of a mean."""

    metric: Metric
    max_increase: float
