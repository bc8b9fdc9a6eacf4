"""Story B, faults: what is wrong in a batch, a message that cannot be done, a table that throttles or is not heard."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from attune.domain.jobs import RebuildProfile, StartReports
from tests.contract.declared import PAID, RESOURCES, resources
from tests.doubles.faults import Faults
from tests.journeys import nights
from tests.journeys.conftest import World, until
from tests.journeys.practising import PREFERENCES, PROFILE, SESSIONS, answer, answers, results, send, told
from tools.client import Client, Reply
from tools.queues import Poller
from tools.redrive import redrive

COURSE = "poker"
BEGINS = "2026-11-10T18:05:00Z"
ITEM = "value-betting"
WATCHED = resources(PAID)


@pytest.fixture(scope="module")
def story(still: World) -> World:
    return still


def test_b48_an_unknown_item_spoils_nothing_but_its_own_attempt(story: World) -> None:
    one = story.account("b48")
    batch = answers(story, [ITEM, "no-such-item", "bankroll-management"])
    reply = send(one, "b48", batch)
    assert results(reply) == ["accepted", "invalid", "accepted"]
    assert reply.json["results"][1]["code"] == "unknown_item"
    later = send(one, "b48", [answer("later", ITEM, told(story.clock.now()), correct=True)])
    assert results(later) == ["accepted"]
    assert counted(one) == 2


def counted(one: Client) -> int:
    """The answers that the item's skill is measured from."""
    found: int = one.get(PROFILE).json["skills"]["postflop"]["attempts"]
    return found


class Takes:
    """The event source mapping of the jobs, in the place of the stack's own, that notes what it hands over."""

    def __init__(self, world: World) -> None:
        (mapped,) = [each for each in world.stack.template.mapped if each.queue == "JobQueue"]
        self.batches: list[list[str]] = []
        self._invoke = world.stack.gateway.invoke
        self.poller = Poller(world.stack.client("sqs"), world.stack.queue("JobQueue"), mapped, self.invoke)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        self.batches.append([record["body"] for record in event["Records"]])
        return self._invoke(function, event)

    @property
    def taken(self) -> Counter[str]:
        return Counter(body for batch in self.batches for body in batch)


@pytest.fixture
def takes(story: World) -> Iterator[Takes]:
    """Messages come back after a second; before this one begins, there are some."""
    sqs, queue = story.stack.client("sqs"), story.stack.queue("JobQueue")
    hidden = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    own = story.poller("JobQueue")
    found = Takes(story)
    with own.resting():
        until(own.idle)
        yield found
        found.poller.stop()
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=hidden)


def dead(world: World) -> int:
    """The jobs that were given up, as the owner is shown."""
    found: int = world.owner.get("/api/health?deep=true").json["jobs"]["dead"]
    return found


def alarmed(queue: str, waiting: int) -> bool:
    """Whether the template's alarm of a queue goes off when so many messages are in it."""
    (alarm,) = [
        resource["Properties"]
        for resource in WATCHED.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and queue in str(resource["Properties"].get("Dimensions"))
    ]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["ComparisonOperator"] in ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold")
    return bool(waiting >= alarm["Threshold"] + (alarm["ComparisonOperator"] == "GreaterThanThreshold"))


def overdue(world: World, one: Client) -> str:
    """Let a player's profile be behind by an answer that is older than the log; the job that mends it, not yet done."""
    for part in range(2):
        send(one, f"b49-{part}", answers(world, [ITEM] * 100, apart=1))
        world.clock.advance(minutes=5)
    world.clock.advance(days=-1)
    late = told(world.clock.now())
    world.clock.advance(days=1)
    assert results(send(one, "b49-late", [answer("late", ITEM, late, correct=True)])) == ["accepted"]
    return RebuildProfile(f"a.{one.get('/api/user/me').json['id']}", COURSE).to_json()


def test_b49_a_poison_message_is_given_up_alone_and_done_once_when_it_can_be(story: World, takes: Takes) -> None:
    one = story.account("b49")
    job = overdue(story, one)
    assert counted(one) == 200
    was = nights.broken(story, one)
    good = StartReports(told(story.clock.now()), COURSE).to_json()
    sqs, queue = story.stack.client("sqs"), story.stack.queue("JobQueue")
    sqs.send_message(QueueUrl=queue, MessageBody=good)
    takes.poller.start()
    until(lambda: dead(story) == 1)
    most = RESOURCES["JobQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
    assert takes.taken[job] == most
    assert takes.taken[good] == 1
    assert any({job, good} <= set(batch) for batch in takes.batches)
    assert alarmed("JobDeadLetterQueue", 1)
    assert not alarmed("JobDeadLetterQueue", 0)
    nights.broken(story, one, was)
    assert counted(one) == 200
    assert redrive(sqs, story.stack.queue("JobDeadLetterQueue"), queue) == 1
    until(lambda: counted(one) == 201)
    until(lambda: nights.waiting(story) == 0)
    assert takes.taken[job] == most + 1
    assert dead(story) == 0
    assert counted(one) == 201


def preferring(one: Client, minutes: int, headers: Mapping[str, str]) -> Reply:
    return one.send("PUT", PREFERENCES, {"time_availability": minutes}, headers)


def practising(world: World) -> Callable[[Client], Reply]:
    batch = answers(world, [ITEM] * 3)
    return lambda one: send(one, "b50", batch)


def test_b50_a_throttled_table_is_said_so_and_the_same_request_has_one_effect(story: World) -> None:
    one = story.account("b50")
    one.get(PROFILE)
    practise = practising(story)
    for request in (practise, lambda one: preferring(one, 45, {"Idempotency-Key": "b50"})):
        before = story.rows()
        faults = Faults()
        faults.plan("throttle", times=math.inf)
        with faults.on(nights.store(story)):
            refused = request(one)
        assert refused.status == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["retry-after"]) > 0
        assert story.rows() == before
        assert request(one).status in (200, 201)
        assert request(one).status == 200
    assert counted(one) == 3
    assert one.get(PREFERENCES).json["rev"] == 1


def test_b50_a_write_whose_answer_was_lost_is_no_conflict(story: World) -> None:
    one = story.account("b50 lost")
    one.get(PROFILE)
    practise = practising(story)
    faults = Faults()
    for operation in ("UpdateItem", "PutItem", "TransactWriteItems"):
        faults.plan("lost_after", operation, attempts=[1])
    with faults.on(nights.store(story)):
        rev = one.get(PREFERENCES).json["rev"]
        for change in (1, 2, 3):
            changed = preferring(one, 45 + change, {"If-Match": f'"{rev}"'})
            assert (changed.status, changed.json["rev"]) == (200, rev + 1)
            rev += 1
        assert set(results(practise(one))) == {"accepted"}
    assert faults.met["lost_after"] >= 4
    assert len(one.get(SESSIONS).json["items"]) == 1
    assert counted(one) == 3
