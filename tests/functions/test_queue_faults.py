"""What the queue does to a message that is done already: it comes again, from the queue or from the dead letters."""

import json
import math

import pytest
from botocore.exceptions import BotoCoreError

from tests import backends
from tests.builders import an_id
from tests.doubles.faults import Faults
from tests.functions.conftest import FUNCTIONS, World, invoke
from tests.functions.writing import Script, ask, deliver, queued, script
from tools import redrive
from tools.queues import Poller

__all__ = ["script"]


@pytest.fixture
def poller(world: World) -> Poller:
    """Takes the sections' messages by Lambda's rules."""
    names = {function.id: name for name, function in FUNCTIONS.items()}
    (mapped,) = (each for each in backends.TEMPLATE.mapped if each.queue == "SectionQueue")
    return Poller(world.sqs, world.queue, mapped, lambda function, event: invoke(names[function], event))


@pytest.fixture
def dead(world: World) -> str:
    return str(world.sqs.create_queue(QueueName=f"dead-{an_id().replace('.', '-')}")["QueueUrl"])


def test_f08_a_delete_that_is_lost_brings_the_message_again_and_costs_nothing(
    world: World, script: Script, poller: Poller
) -> None:
    who = world.reader()
    first, *others = queued(world, who)
    for body in others:
        deliver(body)
    world.sqs.send_message(QueueUrl=world.queue, MessageBody=first)
    # What is not deleted is there again at once.
    world.sqs.set_queue_attributes(QueueUrl=world.queue, Attributes={"VisibilityTimeout": "0"})
    faults = Faults()
    faults.plan("lost_before", "DeleteMessageBatch", times=math.inf)
    with faults.on(world.sqs), pytest.raises(BotoCoreError):
        poller.handle(poller._take(1))
    assert faults.met["lost_before"] >= 1
    assert len(script.asked) == 3
    again = poller._take(1)
    assert [each["Body"] for each in again] == [first]
    poller.handle(again)
    assert len(script.asked) == 3
    assert poller._take(1) == []
    assert ask(world, who).status == 200


def test_f17_what_was_given_up_is_done_once_when_it_comes_back(world: World, script: Script, dead: str) -> None:
    who = world.reader()
    bodies = queued(world, who)
    assert deliver(bodies[0]) == ["ok"]
    attributes = {"correlation_id": {"DataType": "String", "StringValue": "a-request-of-mine"}}
    old = json.dumps({**json.loads(bodies[0]), "section": "0" * 64})
    for body in [*bodies, *bodies, old, *[old] * 12]:
        world.sqs.send_message(QueueUrl=dead, MessageBody=body, MessageAttributes=attributes)
    assert redrive.redrive(world.sqs, dead, world.queue) == 19
    assert redrive.redrive(world.sqs, dead, world.queue) == 0
    back = world.messages()
    assert len(back) == 19
    assert {each["MessageAttributes"]["correlation_id"]["StringValue"] for each in back} == {"a-request-of-mine"}
    for message in back:
        assert deliver(message["Body"]) == ["ok"]
    assert sorted(request.title for request, _, _ in script.asked) == ["Part 1", "Part 2", "Part 3"]
    assert ask(world, who).status == 200


def test_f17_what_the_queue_does_not_take_stays_where_it_is(world: World, dead: str) -> None:
    world.sqs.send_message(QueueUrl=dead, MessageBody="kept")
    faults = Faults()
    faults.plan("denied", "SendMessageBatch")
    with faults.on(world.sqs), pytest.raises(world.sqs.exceptions.ClientError):
        redrive.redrive(world.sqs, dead, world.queue)
    assert world.messages() == []
    count = world.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])["Attributes"]
    assert count["ApproximateNumberOfMessagesNotVisible"] == "1"
