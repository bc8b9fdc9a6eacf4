"""Schedule, Mondays at 06:00 UTC: reports of the week before are asked for, once what the night closed is counted."""

from datetime import datetime

from attune.actions import write_report
from attune.edge import queue, schedule
from attune.edge.clock import clock
from attune.settings import settings

send = queue.sender(lambda: settings.job_queue, queue.current.get)


def write_weekly_report(due: datetime) -> str:
    """Ask for a report of each course; says of which week."""
    return write_report.start(due, settings.default_course, clock.now(), send)


lambda_handler = schedule.handler("write_weekly_report", write_weekly_report)
