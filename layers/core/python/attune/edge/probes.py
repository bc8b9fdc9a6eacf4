"""How a queue is doing, for whoever operates it."""

from botocore.exceptions import BotoCoreError, ClientError

from attune.edge.aws import client
from attune.edge.health import QueueView


def queue(url: str, dead_letters: str) -> QueueView | None:
    """How many messages wait and how many were given up; None if the queue does not answer."""
    try:
        return QueueView(waiting=_waiting(url), dead=_waiting(dead_letters))
    except (BotoCoreError, ClientError):
        return None


def _waiting(url: str) -> int:
    wanted = "ApproximateNumberOfMessages"
    return int(client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])["Attributes"][wanted])
