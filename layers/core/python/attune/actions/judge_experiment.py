"""What came of an experiment so far; and whether it has to be paused for it."""

from collections.abc import Callable
from datetime import datetime

from attune.actions import change_experiment
from attune.domain.errors import NotFound
from attune.domain.experiments.experiment import RUNNING, Experiment
from attune.domain.experiments.results import Results, results
from attune.domain.jobs import CheckExperiment
from attune.store import experiments, tallies

Alarm = Callable[[str, Experiment], None]
"""Told of what an owner has to look at: a word for it, and the experiment."""


def run(course: str, id_: str, now: datetime, alarm: Alarm) -> tuple[Experiment, Results]:
    """Raises `NotFound`."""
    found = experiments.get(course, id_, now)
    judged = results(found, tallies.read(course, found, now))
    if not judged.is_valid:
        alarm("experiment_invalid", found)
    return found, judged


def checks(course: str, now: datetime) -> list[CheckExperiment]:
    """What has each experiment that runs looked at: the night counts who stays away, and a split may break unseen."""
    try:
        known = experiments.recent(course, now)
    except NotFound:
        return []
    return [CheckExperiment(course, one.id) for one in known if one.status == RUNNING]


def check(course: str, id_: str, now: datetime, alarm: Alarm) -> str:
    """Pause it if it runs and a guardrail is breached; says what was done."""
    found, judged = run(course, id_, now, alarm)
    if found.status != RUNNING or not judged.breached:
        return "as it was"
    paused = change_experiment.pause_for_guardrail(course, id_, now)
    alarm("experiment_paused", paused)
    return "paused"
