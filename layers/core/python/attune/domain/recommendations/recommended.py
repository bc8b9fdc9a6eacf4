"""A set of recommendations with all that is told about it."""

from dataclasses import dataclass

from attune.domain.learner import LearnerSettings
from attune.domain.recommendations.asked import Resolved
from attune.domain.recommendations.ledger import OfferSet
from attune.domain.recommendations.recommendation import Dropped
from attune.domain.recommendations.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Recommended:
    """A set, what it was asked for with, whom it is for, and, if wanted, why everything else was dropped."""

    made: OfferSet
    resolved: Resolved
    settings: LearnerSettings
    statistics: Statistics
    dropped: tuple[Dropped, ...] | None
