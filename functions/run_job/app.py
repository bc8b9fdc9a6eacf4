"""SQS: whatever is done in the background, one job a message; each may come twice."""

from functools import partial

from attune.actions import do_job as action
from attune.actions.erase_user import NotYet
from attune.actions.prepare_lesson import Preparer
from attune.domain.course import Course
from attune.domain.jobs import job
from attune.domain.learner import LearnerSettings
from attune.domain.recommendations.ledger import Ledger
from attune.edge import log, queue, schedule
from attune.edge.clock import clock
from attune.settings import settings
from attune.writers import style

send = queue.sender(lambda: settings.job_queue, queue.current.get)
to_write = queue.sender(lambda: settings.section_queue, queue.current.get)
withdraw = partial(queue.withdraw, lambda: settings.job_dead_letters)


def prepare(learner: LearnerSettings, ledger: Ledger, course: Course) -> None:
    """See to the lesson that a learner is likely to open next; a night goes on without it."""
    try:
        given = settings.price, settings.prepared, to_write, clock, settings.batches
        Preparer(style.current(settings), *given).prepare(learner, ledger, course)
    except Exception as error:
        log.broken("prepare_lesson", error)


def run_job(body: str) -> str:
    """Do the job that a message names; says what was done."""
    given = action.Surroundings(clock, schedule.moment, send, withdraw, prepare, log.broken, log.experiment)
    try:
        return action.run(job(body), given)
    except NotYet as later:
        raise queue.Later(later.seconds) from later


lambda_handler = queue.handler("run_job", run_job, lambda: settings.job_queue)
