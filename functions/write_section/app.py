"""SQS: sections of lessons are written, checked and stored."""

from attune.actions import write_section as action
from attune.domain.messages import section_message
from attune.edge import log, metrics, queue
from attune.edge.clock import clock
from attune.edge.secrets import read_optional
from attune.settings import settings
from attune.writers import style
from attune.writers.choice import suppliers


def write_section(body: str) -> str:
    """Write the section that a message names; says what was done."""
    try:
        found, asked = section_message(body), suppliers(settings, read_optional)
        opened, nearly = metrics.supplier_opened, log.nearly_spent
        return action.run(found, style.current(settings), asked, settings.limits, opened, clock, nearly)
    except action.TryLater as later:
        raise queue.Later(later.seconds) from later


lambda_handler = queue.handler("write_section", write_section, lambda: settings.section_queue)
