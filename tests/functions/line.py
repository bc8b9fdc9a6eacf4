"""The queue of sections on a test's clock: hides what was delivered, counts deliveries, gives up after the fifth."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from attune.edge import aws
from tests.builders import sqs_event
from tests.contract.declared import RESOURCES
from tests.doubles.faults import Faults
from tests.functions.conftest import World, invoke

_QUEUE = RESOURCES["SectionQueue"]["Properties"]
VISIBILITY = float(_QUEUE["VisibilityTimeout"])
MOST_RECEIVES = int(_QUEUE["RedrivePolicy"]["maxReceiveCount"])


@contextmanager
def postponed(waits: list[int]) -> Iterator[None]:
    """Notes for how long messages are put off."""

    def note(sent: dict[str, Any]) -> bool:
        waits.append(sent["VisibilityTimeout"])
        return False

    spy = Faults()
    spy.plan("reset", "ChangeMessageVisibility", when=note)
    with spy.on(aws.client("sqs")):
        yield


@dataclass
class _Message:
    body: str
    due: float
    receives: int = 0


@dataclass
class Line:
    """Takes what the functions send, and delivers it one by one."""

    world: World
    waiting: list[_Message] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    delivered: int = 0

    def run(self, seconds: float = 0.0) -> None:
        """Deliver all that is due until so many seconds have passed."""
        clock = self.world.clock
        ends = clock.timestamp() + seconds
        while True:
            self.waiting += [_Message(each["Body"], clock.timestamp()) for each in self.world.messages()]
            due = [each for each in self.waiting if each.due <= clock.timestamp()]
            for message in due:
                self._deliver(message)
            if not due:
                soonest = min((each.due for each in self.waiting), default=ends)
                if soonest > ends or not self.waiting:
                    break
                clock.advance(soonest - clock.timestamp())
        if clock.timestamp() < ends:
            clock.advance(ends - clock.timestamp())

    def _deliver(self, message: _Message) -> None:
        message.receives += 1
        self.delivered += 1
        waits: list[int] = []
        with postponed(waits):
            failed = invoke("write_section", sqs_event(message.body, receives=message.receives))["batchItemFailures"]
        if not failed:
            self.waiting.remove(message)
        elif message.receives >= MOST_RECEIVES:
            self.waiting.remove(message)
            self.dead.append(message.body)
        else:
            message.due = self.world.clock.timestamp() + (waits[-1] if waits else VISIBILITY)
