"""Schedule, 02:00 UTC: the nightly refresh begins, with a message for each partition of the learners who are due."""

from datetime import datetime

from attune.actions import refresh
from attune.edge import queue, schedule
from attune.edge.clock import clock
from attune.settings import settings

send = queue.sender(lambda: settings.job_queue, queue.current.get)


def plan_refresh(due: datetime) -> str:
    """Begin the run of the day; says which."""
    return refresh.start(due, clock.now(), send)


lambda_handler = schedule.handler("plan_refresh", plan_refresh)
