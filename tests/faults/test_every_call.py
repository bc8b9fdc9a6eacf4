"""Every function meets every fault of the store and the queue at every call that it makes, and ends in the same state.

The answer is the undisturbed one or a 503 that says when to come back; who then sends again ends where nothing had gone
wrong. A function of a queue or a schedule fails, and its message comes again.
"""

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from attune.domain.errors import Unavailable
from attune.store.items import Item
from tests.doubles.clock import Clock
from tests.doubles.faults import READS, End, Ended, Faults, Recorder
from tests.doubles.tap import Send, Tap
from tests.faults.conftest import FUNCTIONS, STORING, Site

Json = dict[str, Any]
HANG = 3.0
"""Seconds until a try that hangs is given up: what the client is told."""
REDELIVERED = 400
"""Seconds after which a message that was not acknowledged is there again."""


@dataclass
class Timed(Faults):
    """Faults whose waits and hangs pass on a stopwatch, as long as the client means to wait."""

    watch: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.sleep, self.hang = self.watch.sleep, HANG

    def delay(self, seconds: float) -> float:
        self.watch.sleep(seconds)
        return 0


@dataclass
class Mail(Tap):
    """The bodies of all messages that the queues took."""

    bodies: set[str] = field(default_factory=set)

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        response = go_on()
        if operation == "SendMessageBatch":
            self.bodies |= {entry["MessageBody"] for entry in json.loads(cast("bytes", request.body))["Entries"]}
        return response


@dataclass(frozen=True, slots=True)
class Told:
    """What a function answered, as far as it can be told twice: no token and no id of a request."""

    status: int
    body: Any = None
    etag: str | None = None

    @property
    def busy(self) -> bool:
        return self.status == 503


def call(site: Site, name: str) -> Told:
    """Call a function; a message that was not acknowledged and a schedule that failed count as a 503."""
    try:
        found = site.call(name)
    except Unavailable:
        return Told(503)
    if not isinstance(found, Mapping) or "statusCode" not in found:
        return Told(503 if (found or {}).get("batchItemFailures") else 200)
    headers = found["headers"]
    body = json.loads(site.known(found["body"])) if found.get("body") else None
    if found["statusCode"] == 503:
        assert (headers["Retry-After"], headers["Content-Type"]) == ("2", "application/problem+json")
        return Told(503)
    if isinstance(body, dict):
        body = {key: value for key, value in body.items() if key not in ("token", "token_expires_at")}
    return Told(int(found["statusCode"]), body, headers.get("ETag"))


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a function does where nothing goes wrong."""

    told: Told
    calls: Sequence[str]
    before: Json
    state: Json
    mail: set[str]


_known: dict[str, Undisturbed] = {}


def undisturbed(site: Site, name: str) -> Undisturbed:
    """What a function does, looked at once."""
    if name not in _known:
        site.reset()
        # What is remembered between requests is read once.
        call(site, name)
        site.reset()
        before, mail = site.state(), Mail()
        with Recorder().on(Item, site.sqs) as recorder, mail.on(site.sqs):
            told = call(site, name)
        calls = [each.operation for each in recorder.calls]
        assert told.status < 500
        _known[name] = Undisturbed(told, calls, before, site.state(), set(map(site.known, mail.bodies)))
    return _known[name]


class Trial:
    """One function, over and over again."""

    def __init__(self, site: Site, name: str, watch: Clock) -> None:
        self.site, self.name, self.watch = site, name, watch
        self.mail = Mail()
        self.taken = 0.0
        self.right = undisturbed(site, name)

    def meets(self, *taps: Tap) -> Told | None:
        """What it answers when these are in its way, from the beginning; None if it came to an end."""
        self.site.reset()
        self.mail = Mail()
        began = self.watch.monotonic()
        with ExitStack() as opened:
            for tap in (self.mail, *taps):
                opened.enter_context(tap.on(Item, self.site.sqs))
            try:
                return call(self.site, self.name)
            except Ended:
                return None
            finally:
                self.taken = self.watch.monotonic() - began

    def again(self) -> Told:
        """The client sends again, or the queue does."""
        self.site.rewind(REDELIVERED if "Records" in self.site.event(self.name) else 0)
        with self.mail.on(self.site.sqs):
            return call(self.site, self.name)

    def assert_as_undisturbed(self, where: object) -> None:
        state = self.site.state()
        differs = {key for key in state.keys() | self.right.state.keys() if state.get(key) != self.right.state.get(key)}
        assert not differs, where
        assert set(map(self.site.known, self.mail.bodies)) == self.right.mail, where


@pytest.fixture
def trial(site: Site, stopwatch: Clock, request: pytest.FixtureRequest) -> Trial:
    return Trial(site, request.param, stopwatch)


each_function = pytest.mark.parametrize("trial", STORING, indirect=True)

PASSING: dict[str, list[tuple[str, Json]]] = {
    "d1_d2_throttled_then_done_and_not_said": [("throttle", {"attempts": [1]}), ("error_after", {"attempts": [2]})],
    "d3_c6_reset_then_done_and_not_heard": [("reset", {"attempts": [1]}), ("lost_after", {"attempts": [2]})],
    "d3_half_an_answer": [("garbled", {"attempts": [1]})],
    "d5_meets_a_transaction": [("conflict", {"operation": "TransactWriteItems", "times": 2})],
}


@each_function
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_at_every_call_is_not_noticed(trial: Trial, fault: str) -> None:
    if fault.startswith("d5") and "TransactWriteItems" not in trial.right.calls:
        return
    faults = Timed(watch=trial.watch)
    for kind, plan in PASSING[fault]:
        faults.plan(kind, **plan)
    told = trial.meets(faults)
    if fault == "d3_half_an_answer" and told and told.busy:
        trial.again()
    else:
        assert told == trial.right.told
    trial.assert_as_undisturbed(fault)


@each_function
def test_c7_d2_d4_a_fault_that_stays_from_any_call_on_is_mended_by_sending_again(trial: Trial) -> None:
    timeout = FUNCTIONS[trial.name].timeout
    for nth, operation in enumerate(trial.right.calls, 1):
        for kind in ("hang",) if operation in READS else ("hang", "lost_after"):
            faults = Timed(watch=trial.watch)
            faults.plan(kind, nth=nth, times=math.inf)
            told = trial.meets(faults)
            assert told is not None
            assert told.busy or told == trial.right.told, (nth, kind)
            assert round(trial.taken, 6) <= min(timeout - 1, 3), (nth, kind)
            assert not trial.again().busy
            trial.assert_as_undisturbed((nth, operation, kind))


@each_function
def test_c7_an_end_before_and_after_any_write_is_mended_by_sending_again(trial: Trial) -> None:
    for nth, operation in enumerate(trial.right.calls, 1):
        for after in (False, True) if operation not in READS else ():
            assert trial.meets(End(nth, after)) is None
            assert not trial.again().busy
            trial.assert_as_undisturbed((nth, operation, after))


@each_function
@pytest.mark.parametrize(("kind", "most"), [("throttle", 3), ("conflict", 5), ("denied", 2), ("missing", 2)])
def test_d1_d5_d9_a_table_that_says_no_is_503_soon_and_nothing_is_changed(trial: Trial, kind: str, most: int) -> None:
    operation = "TransactWriteItems" if kind == "conflict" else "*"
    if not trial.right.calls or (kind == "conflict" and operation not in trial.right.calls):
        return
    faults = Timed(watch=trial.watch)
    faults.plan(kind, operation, times=math.inf)
    told = trial.meets(faults)
    assert told is not None
    assert told.busy
    assert faults.met[kind] <= most
    assert trial.taken <= 3
    assert trial.site.state() == trial.right.before
