"""SQS: sections of lessons are written, checked and stored."""

from attune.actions import write_section as action
from attune.actions.spend import Purse
from attune.domain.messages import section_message
from attune.edge import queue
from attune.edge.clock import clock
from attune.edge.secrets import read_optional
from attune.settings import settings
from attune.writers import style
from attune.writers.choice import writer


def write_section(body: str) -> str:
    """Write the section that a message names; says what was done."""
    purse = Purse(settings.price, settings.limits)
    try:
        found = section_message(body)
        return action.run(found, style.current(settings), writer(settings, read_optional), purse, clock)
    except action.TryLater as later:
        raise queue.Later(later.seconds) from later


lambda_handler = queue.handler("write_section", write_section, lambda: settings.section_queue)
