"""Count what became of a recommendation, or of the learner, for the experiments that they are in: nothing is read."""

from collections.abc import Sequence
from datetime import datetime

from attune.domain.experiments.built_in import Counted, count, drop_out
from attune.domain.recommendations.ledger import Ledger
from attune.domain.recommendations.offer import Offer
from attune.store import experiments
from attune.store.learner_course import Rows


def run(rows: Rows, ledger: Ledger, was: Offer, offer: Offer, now: datetime) -> tuple[Ledger, Sequence[Counted]]:
    """The ledger that remembers what was counted, and what is counted with it in one write."""
    if not _is_counted(rows):
        return ledger, ()
    return count(ledger, was, offer, experiments.recent(rows.course, now), rows.settings.arms)


def of_absence(rows: Rows, ledger: Ledger, now: datetime) -> tuple[Ledger, Sequence[Counted]]:
    """The same for a learner who stayed away for a fortnight."""
    if not _is_counted(rows):
        return ledger, ()
    return drop_out(ledger, experiments.recent(rows.course, now), rows.settings.arms)


def _is_counted(rows: Rows) -> bool:
    return bool(rows.settings.arms) and rows.settings.personalization
