"""Drafts that the gate refuses, and writers that are down or will not: each is asked a bounded number of times."""

import math

import pytest

from attune.actions.write_section import BUDGET, LEASE
from attune.domain.placeholders import Tampered
from attune.domain.section import Draft, SectionRequest, WriterFault
from attune.edge import aws
from tests.backends import Backend
from tests.doubles.faults import Faults
from tests.functions.actions import Actions
from tests.functions.conftest import World
from tests.functions.line import postponed
from tests.functions.writing import (
    Script,
    ask,
    bad,
    by_rules,
    deliver,
    down,
    failing,
    marked,
    queued,
    script,
    stored,
    text_of,
)

__all__ = ["script"]

WAIT = 10.0


# ---- Drafts that the gate refuses


def test_a_bad_draft_is_repaired_once_with_the_reasons(world: World, script: Script) -> None:
    body = queued(world)[0]
    script.steps = [bad, marked("good")]
    assert deliver(body) == ["ok"]
    assert [bool(complaints) for _, complaints, _ in script.asked] == [False, True]
    found = stored(world, body)
    assert found is not None
    assert (found.state, found.model, found.input_tokens, found.output_tokens) == ("written", "m-1", 14, 18)
    assert "good sensor" in text_of(world, body)


def test_after_a_second_bad_draft_the_original_stands_for_good(world: World, script: Script) -> None:
    who = world.reader()
    bodies = queued(world, who)
    script.steps = [bad, bad]
    for body in bodies:
        assert deliver(body) == ["ok"]
    assert len(script.asked) == 4
    lesson = ask(world, who).json
    assert [section["state"] for section in lesson["sections"]] == ["original", "written", "written"]
    assert lesson["sections"][0]["reason"] == "gate_failed"
    assert "sorry" not in lesson["personalized_content"]
    world.clock.advance(90 * 86_400)
    assert ask(world, who).status == 200
    assert world.messages() == []
    assert deliver(bodies[0]) == ["ok"]
    assert len(script.asked) == 4


def test_a_draft_with_lost_tokens_is_repaired_with_what_is_missing(world: World, script: Script) -> None:
    body = queued(world)[0]
    script.steps = [failing(Tampered(["The token ⟦C1⟧ is missing."]))]
    assert deliver(body) == ["ok"]
    assert script.asked[1][1] == ("The token ⟦C1⟧ is missing.",)
    assert stored(world, body) is not None


def test_the_second_try_has_what_is_left_of_the_time(world: World, script: Script) -> None:
    body = queued(world)[0]

    def slow(request: SectionRequest) -> Draft:
        world.clock.advance(30)
        return bad(request)

    script.steps = [slow]
    deliver(body)
    assert [deadline for _, _, deadline in script.asked] == [BUDGET, BUDGET - 30]


def test_f06_nobody_is_asked_when_no_time_is_left(world: World, script: Script) -> None:
    body = queued(world)[0]

    def slow(request: SectionRequest) -> Draft:
        world.clock.advance(BUDGET)
        return bad(request)

    script.steps = [slow]
    deliver(body)
    assert all(deadline > 0 for _, _, deadline in script.asked)


# ---- Writers that are down, or will not


@pytest.mark.parametrize(("retry_after", "wait"), [(None, WAIT), (3.0, WAIT), (25.0, 25.0)])
def test_a_writer_that_is_down_is_tried_again_when_it_asks_to_be(
    world: World, script: Script, retry_after: float | None, wait: float
) -> None:
    body = queued(world)[0]
    script.steps = [failing(WriterFault("overloaded", final=False, retry_after=retry_after))]
    waits: list[int] = []
    with postponed(waits):
        assert deliver(body) == ["failed"]
    (seconds,) = waits
    assert wait <= seconds <= wait + 2
    world.clock.advance(seconds)
    assert deliver(body) == ["ok"]
    assert text_of(world, body)


def test_a_writer_that_stays_down_leaves_the_original_for_a_while(world: World, script: Script) -> None:
    who = world.reader()
    bodies = queued(world, who)
    script.steps = [down() for _ in range(5)]
    for body in bodies:
        assert deliver(body) == ["failed"]
    world.clock.advance(WAIT + 1)
    for body in bodies:
        assert deliver(body) == ["ok"]
    assert len(script.asked) == 5, "the fifth failure in a row was the last that was paid for"
    degraded = ask(world, who)
    assert degraded.status == 200
    assert {(section["state"], section["reason"]) for section in degraded.json["sections"]} == {
        ("original", "writer_down")
    }
    # Nobody tries again too soon, and then once for all who read.
    world.clock.advance(50)
    assert ask(world, who).status == 200
    assert world.messages() == []
    world.clock.advance(20)
    for _ in range(3):
        assert ask(world, who).json["sections"][0]["state"] == "original"
    again = [message["Body"] for message in world.messages()]
    assert sorted(again) == sorted(bodies[1:])
    for body in again:
        assert deliver(body) == ["ok"]
    half = ask(world, who)
    assert [section["state"] for section in half.json["sections"]] == ["original", "written", "written"]
    world.clock.advance(300)
    ask(world, who)
    world.work()
    healed = ask(world, who)
    assert {section["state"] for section in healed.json["sections"]} == {"written"}
    assert len({reply.headers["ETag"] for reply in (degraded, half, healed)}) == 3
    assert len(script.asked) == 8


def test_g19_while_one_worker_probes_the_others_leave_the_writer_alone(world: World, script: Script) -> None:
    bodies = queued(world)
    script.steps = [failing(WriterFault("quota_exhausted", final=True))]
    for body in bodies:
        assert deliver(body) == ["ok"]
    world.clock.advance(301)

    def meanwhile(request: SectionRequest) -> Draft:
        with Actions.aside():
            assert deliver(bodies[1]) == deliver(bodies[2]) == ["ok"]
        return by_rules(request)

    script.steps = [meanwhile]
    assert deliver(bodies[0]) == ["ok"]
    assert len(script.asked) == 2
    found = [stored(world, body) for body in bodies]
    assert [each.state for each in found if each] == ["written", "original", "original"]
    assert [each.reason for each in found if each] == [None, "writer_down", "writer_down"]


def test_g19_a_failure_that_cannot_be_counted_costs_the_section_nothing(
    world: World, script: Script, backend: Backend
) -> None:
    body = queued(world)[0]
    script.steps = [failing(WriterFault("refused", final=True))]
    with backend.faulty("throttle", "PutItem", times=math.inf):
        assert deliver(body) == ["ok"]
    script.steps = [down()]
    other = queued(world, world.reader(experience="much"))[0]
    with backend.faulty("throttle", "PutItem", times=math.inf) as faults:
        assert deliver(other) == ["failed"]
    assert faults.met["throttle"] == 3
    world.clock.advance(WAIT + 1)
    assert deliver(other) == ["ok"]
    assert text_of(world, other)


def test_a_queue_that_is_down_takes_no_ready_lesson_away(world: World, script: Script) -> None:
    who = world.reader()
    bodies = queued(world, who)
    script.steps = [down() for _ in range(6)]
    for _ in range(2):
        for body in bodies:
            deliver(body)
        world.clock.advance(WAIT + 1)
    world.clock.advance(300)
    faults = Faults()
    faults.plan("denied", "SendMessageBatch", times=math.inf)
    with faults.on(aws.client("sqs")):
        assert ask(world, who).status == 200
    assert faults.met["denied"] == 1
    assert ask(world, who).status == 200
    assert len(world.messages()) == 3


def test_i08_a_writer_that_is_down_for_ever_is_asked_a_bounded_number_of_times(world: World, script: Script) -> None:
    body = queued(world)[0]
    script.steps = [down() for _ in range(100)]
    for _ in range(8):
        deliver(body)
        world.clock.advance(WAIT + 1)
    assert len(script.asked) <= 6


def test_a_refusal_is_remembered_for_a_day(world: World, script: Script) -> None:
    who = world.reader()
    bodies = queued(world, who)
    script.steps = [failing(WriterFault("refused", final=True))]
    for body in bodies:
        assert deliver(body) == ["ok"]
    assert ask(world, who).json["sections"][0]["reason"] == "refused"
    world.clock.advance(86_000)
    assert deliver(bodies[0]) == ["ok"]
    assert ask(world, who).status == 200
    assert world.messages() == []
    assert len(script.asked) == 3
    world.clock.advance(500)
    ask(world, who)
    assert [message["Body"] for message in world.messages()] == [bodies[0]]


def test_a_writer_that_breaks_fails_the_record_and_is_followed_after_the_lease(world: World, script: Script) -> None:
    body = queued(world)[0]

    def broken(_: SectionRequest) -> Draft:
        raise KeyError("bug")

    script.steps = [broken]
    assert deliver(body) == ["failed"]
    world.clock.advance(LEASE)
    assert deliver(body) == ["ok"]


@pytest.mark.parametrize("asked", [31.0, 3_600.0, 86_400.0])
def test_a_provider_that_asks_for_long_is_down_and_readers_get_the_original(
    world: World, script: Script, asked: float
) -> None:
    who = world.reader()
    bodies = queued(world, who)
    script.steps = [failing(WriterFault("overloaded", final=False, retry_after=asked))]
    assert [deliver(body) for body in bodies] == [["ok"]] * len(bodies)
    assert len(script.asked) == 1
    assert {section["reason"] for section in ask(world, who).json["sections"]} == {"writer_down"}
    world.clock.advance(3_601)
    ask(world, who)
    world.work()
    assert {section["state"] for section in ask(world, who).json["sections"]} == {"written"}


def test_what_the_owner_mends_is_mended_for_readers_soon(world: World, script: Script) -> None:
    who = world.reader()
    bodies = queued(world, who)
    script.steps = [failing(WriterFault("unauthorized", final=True))]
    for body in bodies:
        deliver(body)
    assert len(script.asked) == 1
    assert {section["reason"] for section in ask(world, who).json["sections"]} == {"writer_down"}
    world.clock.advance(301)
    ask(world, who)
    world.work()
    assert {section["state"] for section in ask(world, who).json["sections"]} == {"written"}


def test_whatever_breaks_in_a_writer_is_paid_for_twice_at_most(world: World, script: Script) -> None:
    def broken(_: SectionRequest) -> Draft:
        raise LookupError("nobody thought of this")

    who = world.reader()
    body = queued(world, who)[0]
    script.steps = [broken] * 10
    assert deliver(body) == ["failed"]
    world.clock.advance(WAIT + 1)
    assert deliver(body) == ["ok"]
    for _ in range(3):
        world.clock.advance(80)
        deliver(body)
    assert len(script.asked) == 2
