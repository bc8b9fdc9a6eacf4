"""What an experiment counts of each learner who was exposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from attune.domain.instants import DAY_MS

BINARY: Final = "binary"
MEAN: Final = "mean"
TYPES: Final = (BINARY, MEAN)

DROPOUT: Final = "dropout"
BUILT_IN: Final[Mapping[str, str]] = {
    "accepted": BINARY,
    "completed_within_7d": BINARY,
    "measured_gain": MEAN,
    DROPOUT: BINARY,
}
"""Metrics that are measured here, by their type: whether a recommendation was accepted, whether one was completed
within seven days of the exposure, the points that completed ones brought, and whether the learner stayed away for a
fortnight since the exposure. All others are the site's own."""
GUARDS: Final = frozenset({DROPOUT})
"""Those of them that can be guardrails: what must not rise."""
WINDOW_MS: Final = 7 * DAY_MS


@dataclass(frozen=True, slots=True)
class Metric:
    """`binary`: whether a learner did it, once at most. `mean`: the sum of all that was recorded of a learner."""

    name: str
    type: str = BINARY


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A metric that must not rise by more than `max_increase` over the control: a share, or points of a mean."""

    metric: Metric
    max_increase: float
