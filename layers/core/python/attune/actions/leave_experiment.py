"""Leave an experiment, or never come into it: everybody's parameters from now on."""

from datetime import datetime
from typing import Final

from attune.domain.errors import Unavailable
from attune.domain.experiments.assignments import Assignment, left
from attune.domain.experiments.tally import Tally
from attune.domain.principal import Principal
from attune.store import arms, experiments, learner_settings, table
from attune.store.arms import ArmChange

TRIES: Final = 5


def run(principal: Principal, course: str, id_: str, now: datetime) -> Assignment:
    """The assignment, left. Raises `NotFound` for an experiment that neither is open nor ever took the learner."""
    for turn in range(TRIES):
        settings = learner_settings.get(principal, course, now, consistent=True)
        was = settings.arms.get(id_)
        if was is None and not experiments.known(course, id_, now).is_open:
            raise experiments.unknown()
        gone = left(was, int(now.timestamp() * 1000))
        if gone == was:
            return gone
        counted = was is not None and was.counts
        try:
            arms.write(principal, course, settings, ArmChange(id_, gone, Tally(exited=int(counted))), now)
        except table.ConditionFailed:
            table.pause(turn)
            continue
        return gone
    raise Unavailable("store_busy")
