"""Messages that were given up go back to the queue that they came from.

A message names rows and nothing else, and what is done or out of date is skipped when it comes again, so any number of
them may go back any number of times.
"""

from typing import Any

_MOST = 10
_HIDDEN = 60
"""Seconds in which a batch is sent back and deleted; one that is not is there again afterwards."""


def redrive(sqs: Any, dead: str, queue: str) -> int:
    """Send back what was given up until now, and say how many that were.

    Each message is deleted only once the queue has taken it. What is given up again meanwhile is left.
    """
    asked = "ApproximateNumberOfMessages"
    there = int(sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=[asked])["Attributes"][asked])
    moved = 0
    while moved < there:
        messages = sqs.receive_message(
            QueueUrl=dead,
            MaxNumberOfMessages=min(_MOST, there - moved),
            MessageAttributeNames=["All"],
            VisibilityTimeout=_HIDDEN,
            WaitTimeSeconds=1,
        ).get("Messages", [])
        if not messages:
            break
        entries = [
            {
                "Id": str(place),
                "MessageBody": each["Body"],
                "MessageAttributes": {
                    name: {kind: value for kind, value in attribute.items() if kind in ("DataType", "StringValue")}
                    for name, attribute in each.get("MessageAttributes", {}).items()
                },
            }
            for place, each in enumerate(messages)
        ]
        sent = sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Successful", [])
        done = [{"Id": each["Id"], "ReceiptHandle": messages[int(each["Id"])]["ReceiptHandle"]} for each in sent]
        if not done:
            break
        sqs.delete_message_batch(QueueUrl=dead, Entries=done)
        moved += len(done)
    return moved
