"""Do one of the jobs of the background, whichever it is; each may come twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from attune.actions import (
    carry_guest,
    erase_user,
    judge_experiment,
    rebuild_profile,
    reestimate,
    refresh,
    write_report,
)
from attune.actions.clock import Clock
from attune.actions.refresh_learner import Prepare, Send
from attune.domain.jobs import (
    CheckExperiment,
    EraseUser,
    Job,
    LinkUser,
    RebuildProfile,
    Reestimate,
    RefreshLearner,
    RefreshPage,
    StartRefresh,
    StartReports,
    WriteReport,
)
from attune.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What jobs are given: `moment` reads a scheduled time, `withdraw` takes messages back that were given up, `broken`
    reports what failed by the way, `told` what became of an experiment."""

    clock: Clock
    moment: Callable[[str], datetime]
    send: Send
    withdraw: Callable[[Callable[[str], bool]], int]
    prepare: Prepare
    broken: Callable[[str, BaseException], None]
    told: Callable[..., Any]


def run(job: Job, given: Surroundings) -> str:
    """Says what was done. Raises `NotYet` for an erasure whose second sweep is still to come, `Unavailable`."""
    clock, send = given.clock, given.send
    match job:
        case RebuildProfile(learner, course):
            return "rebuilt" if rebuild_profile.run(Principal.of(learner), course, clock.now()) else "as it was"
        case StartRefresh(time):
            return refresh.start(given.moment(time), clock.now(), send)
        case RefreshPage() as page:
            if page.is_first:
                erase_user.wake(clock.now(), send)
                carry_guest.wake(clock.now(), send)
            failed = partial(given.broken, "refresh_learner")
            return refresh.page(page, clock, send, failed, given.prepare)
        case RefreshLearner() as learner:
            return refresh.learner(learner, clock, send, given.prepare)
        case CheckExperiment(course, experiment):
            return judge_experiment.check(course, experiment, clock.now(), given.told)
        case Reestimate(run, course):
            return reestimate.run(course, run, clock.now())
        case StartReports(time, course):
            return write_report.start(given.moment(time), course, clock.now(), send)
        case WriteReport(course, week):
            return write_report.run(course, week, clock.now(), given.told)
        case EraseUser(receipt):
            return erase_user.run(receipt, clock.now(), send, given.withdraw)
        case LinkUser(account, guest):
            return carry_guest.run(Principal.of(account), guest, clock.now(), send)
