"""SQS: whatever is done in the background, one job a message; each may come twice."""

from functools import partial

from attune.actions import erase_user, judge_experiment, link_user, rebuild_profile, reestimate, refresh
from attune.actions.prepare_lesson import Preparer
from attune.domain.course import Course
from attune.domain.jobs import (
    CheckExperiment,
    EraseUser,
    LinkUser,
    RebuildProfile,
    Reestimate,
    RefreshLearner,
    RefreshPage,
    StartRefresh,
    job,
)
from attune.domain.learner import LearnerSettings
from attune.domain.principal import Principal
from attune.domain.recommendations.ledger import Ledger
from attune.edge import log, queue, schedule
from attune.edge.clock import clock
from attune.settings import settings
from attune.writers import style

send = queue.sender(lambda: settings.job_queue, queue.current.get)
to_write = queue.sender(lambda: settings.section_queue, queue.current.get)


def prepare(learner: LearnerSettings, ledger: Ledger, course: Course) -> None:
    """See to the lesson that a learner is likely to open next; a night goes on without it."""
    try:
        made = Preparer(style.current(settings), settings.price, settings.prepared, to_write, clock)
        made.prepare(learner, ledger, course)
    except Exception as error:
        log.broken("prepare_lesson", error, {})


withdraw = partial(queue.withdraw, lambda: settings.job_dead_letters)


def run_job(body: str) -> str:
    """Do the job that a message names; says what was done."""
    match job(body):
        case RebuildProfile(learner, course):
            return "rebuilt" if rebuild_profile.run(Principal.of(learner), course, clock.now()) else "as it was"
        case StartRefresh(time):
            return refresh.start(schedule.moment(time), clock.now(), send)
        case RefreshPage() as page:
            return refresh.page(page, clock, send, lambda error: log.broken("refresh_learner", error, {}), prepare)
        case RefreshLearner() as learner:
            return refresh.learner(learner, clock, send, prepare)
        case CheckExperiment(course, experiment):
            return judge_experiment.check(course, experiment, clock.now(), log.experiment)
        case Reestimate(run, course):
            return reestimate.run(course, run, clock.now())
        case EraseUser(receipt):
            return _erase(receipt)
        case LinkUser(account, guest):
            return link_user.run(Principal.of(account), guest, clock.now(), send)


def _erase(receipt: str) -> str:
    try:
        return erase_user.run(receipt, clock.now(), send, withdraw)
    except erase_user.NotYet as later:
        raise queue.Later(later.seconds) from later


lambda_handler = queue.handler("run_job", run_job, lambda: settings.job_queue)
