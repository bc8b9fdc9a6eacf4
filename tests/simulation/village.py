"""A village in one process: learners with clients that try again, the real functions, a queue, nights and a clock.

All is drawn from one seed. Calls to the table meet faults, some processes end in the middle, some calls have another
device's request come in between; answers are lost and sent for again. What a client was told is what counts.
"""

import contextvars
import importlib
import json
import random
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from attune.domain.jobs import StartRefresh
from attune.domain.principal import Kind, Principal, account_subject
from attune.edge import aws, tokens
from attune.store.items import Item
from tests.builders import GUESTS, ISSUER, CourseFiles, http_event, sqs_event
from tests.doubles.clock import Clock
from tests.doubles.faults import End, Ended, Faults, answering
from tests.doubles.tap import Send, Tap
from tests.functions.conftest import FUNCTIONS, ROOTED
from tests.guests import PRIVATE_KEY
from tools.code import Context

Json = dict[str, Any]
HIDDEN: Final = 400
"""Seconds after which a message that was not acknowledged is there again."""
TRIES: Final = 4
FAULTS: Final = {"lost_after": 0.03, "error_after": 0.02, "throttle": 0.03, "lost_before": 0.02}


@dataclass(frozen=True)
class Told:
    status: int
    json: Any


@dataclass
class Villager:
    """A learner: what they were told is theirs, and what may be since an answer never came."""

    number: int
    principal: Principal
    here: bool = False
    maybe_gone: bool = False
    minutes: set[int] = field(default_factory=lambda: {30})
    revision: str | None = None
    attempts: set[str] = field(default_factory=set)
    perhaps: set[str] = field(default_factory=set)
    seconds: int = 0
    unsure: bool = False
    answered: dict[str, str] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    joined_to: "Villager | None" = None

    @property
    def word(self) -> str:
        """A word of their own that nobody else may ever see."""
        return f"word-of-{self.number}-only"


class Post(Tap):
    """The queue: takes messages, sometimes twice, sometimes not at all."""

    def __init__(self, village: "Village") -> None:
        self._village = village

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        village = self._village
        if operation == "SendMessageBatch":
            entries = json.loads(bytes(request.body))["Entries"]  # type: ignore[arg-type]
            for entry in entries:
                for _ in range(2 if village.happens(0.1) else 1):
                    village.queue.append([entry["MessageBody"], village.clock.timestamp()])
            done = [{"Id": each["Id"], "MessageId": "m", "MD5OfMessageBody": ""} for each in entries]
            return answering(request, 200, json.dumps({"Successful": done, "Failed": []}).encode())
        return answering(request, 200, b"{}")


class Meanwhile(Tap):
    """At a call to the table, something else happens first."""

    def __init__(self, village: "Village") -> None:
        self._village, self.inside = village, False

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        act = self._village.meanwhile
        if act is not None and not self.inside and self._village.happens(0.3):
            self.inside, self._village.meanwhile = True, None
            try:
                # A function keeps its request in a context of its own.
                contextvars.copy_context().run(act)
            finally:
                self.inside = False
        return go_on()


class Village:
    """All of it."""

    def __init__(self, seed: int, course: CourseFiles, clock: Clock) -> None:
        self.rng, self.course, self.clock = random.Random(seed), course, clock
        self.villagers: list[Villager] = []
        self.queue: list[list[Any]] = []
        self.faulty = True
        self.meanwhile: Any = None
        self.trace: list[str] = []
        self.fragile = 0.08
        self.issuer, self.name = ISSUER, ""
        """Who accounts come from, and what the last who came is called there."""
        self._focus: Villager | None = None
        self._depth = 0

    def happens(self, probability: float) -> bool:
        return self.faulty and self.rng.random() < probability

    def somebody(self) -> Villager | None:
        here = [one for one in self.villagers if one.here]
        if self._depth and self._focus in here:
            # What comes in between is mostly another device of whoever is at it.
            return self._focus
        self._focus = self.rng.choice(here) if here else None
        return self._focus

    def newcomer(self, kind: Kind) -> Villager:
        name = self.name = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        guest = kind is Kind.GUEST
        subject, issuer = (name, GUESTS) if guest else (account_subject(self.issuer, name), self.issuer)
        made = Villager(len(self.villagers), Principal(kind, subject, issuer), here=not guest)
        self.villagers.append(made)
        return made

    # ---- Requests

    def once(self, function: str, who: Principal | None, body: object = None, **more: Any) -> Told | None:
        """One request; None if no answer came."""
        path = more.pop("path", None) or ROOTED[function].path
        event = http_event(ROOTED[function].method, path, who, body, more.pop("query", None), **more)
        found = self._run(function, event)
        if found is None or found["statusCode"] >= 500 or self.happens(0.05):
            return None
        return Told(found["statusCode"], json.loads(found["body"]) if found.get("body") else None)

    def ask(self, function: str, who: Principal | None, body: object = None, **more: Any) -> Told | None:
        """As a client asks: the same again until there is an answer, or it loses patience."""
        for _ in range(TRIES):
            if (told := self.once(function, who, body, **dict(more))) is not None:
                return told
            self.clock.advance(self.rng.choice((0, 1, 5)))
        return None

    def _run(self, function: str, event: Json) -> Any:
        """A function, in the middle of which its process may end."""
        handler = importlib.import_module(f"functions.{function}.app").lambda_handler
        with ExitStack() as opened:
            if self.faulty and self.rng.random() < self.fragile and not self._depth:
                opened.enter_context(End(self.rng.randint(1, 6), self.rng.random() < 0.5).on(Item))
            self._depth += 1
            try:
                return handler(event, Context.of(FUNCTIONS[function], "an-invocation"))
            except Ended:
                return None
            finally:
                self._depth -= 1

    # ---- What goes on behind

    def deliver(self) -> None:
        """The worker takes any message that is due."""
        due = [each for each in self.queue if each[1] <= self.clock.timestamp()]
        if not due:
            return
        taken = self.rng.choice(due)
        taken[1] = self.clock.timestamp() + HIDDEN
        found = self._run("run_job", sqs_event(taken[0]))
        if found is not None and not found["batchItemFailures"] and not self.happens(0.1):
            self.queue.remove(taken)

    def night(self) -> None:
        """Time goes on to two in the morning, and the schedule fires."""
        now = self.clock.now()
        due = datetime(now.year, now.month, now.day, 2, tzinfo=now.tzinfo) + timedelta(days=1)
        self.clock.advance((due - now).total_seconds())
        self.queue.append([StartRefresh(due.strftime("%Y-%m-%dT%H:%M:%SZ")).to_json(), self.clock.timestamp()])

    def heal(self) -> None:
        """From now on nothing fails; all that waits is done, and two nights pass."""
        self.faulty, self.meanwhile = False, None
        for _ in range(2):
            self._rest()
            self.night()
        self._rest()

    def _rest(self) -> None:
        for _ in range(300):
            if not self.queue:
                return
            self.deliver()
            if all(each[1] > self.clock.timestamp() for each in self.queue):
                self.clock.advance(HIDDEN)
        raise AssertionError("messages are pending for ever")

    def token(self, guest: Villager) -> str:
        return tokens.mint(guest.principal.subject, PRIVATE_KEY, GUESTS, self.clock.now())[0]

    @contextmanager
    def open(self) -> Iterator[None]:
        """The table and the queue as they are here."""
        faults = Faults(rng=self.rng)
        for kind, probability in FAULTS.items():
            faults.plan(kind, probability=probability, when=lambda _: self.faulty)
        with faults.on(Item), Meanwhile(self).on(Item), Post(self).on(aws.client("sqs")):
            yield
