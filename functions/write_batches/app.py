"""Schedule, every quarter of an hour: what nights ask for is written in batches, if the model's provider takes them."""

from attune.actions import write_batches as action
from attune.actions.batch_desk import Desk
from attune.edge import log, queue, schedule
from attune.edge.clock import clock
from attune.edge.secrets import read_optional
from attune.settings import settings
from attune.writers import style
from attune.writers.choice import batches

send = queue.sender(lambda: settings.section_queue, queue.current.get)


def write_batches() -> str:
    """Begin, send, look after and take in the batches of all courses; says what was done."""
    found = batches(settings, read_optional)
    if found is None:
        return "no batches here"
    supplier, provider = found
    now, night = style.current(settings), settings.prepared
    told = log.nearly_spent, log.broken, log.batch
    return action.run(Desk(provider, supplier, now, settings.limits, night, send, clock, *told))


lambda_handler = schedule.regular("write_batches", write_batches)
