"""Count what became of a recommendation for the experiments that the learner is in: nothing is read for it."""

from collections.abc import Sequence
from datetime import datetime

from attune.domain.experiments.built_in import Counted, count
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import Offer
from attune.store import experiments
from attune.store.learner_course import Rows


def run(rows: Rows, ledger: Ledger, was: Offer, offer: Offer, now: datetime) -> tuple[Ledger, Sequence[Counted]]:
    """The ledger that remembers what was counted, and what is counted with it in one write."""
    settings = rows.settings
    if not settings.arms or not settings.personalization:
        return ledger, ()
    return count(ledger, was, offer, experiments.recent(rows.course, now), settings.arms)
