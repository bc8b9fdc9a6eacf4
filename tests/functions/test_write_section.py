"""A section is written once, whatever arrives twice, late, in another order, or never ends."""

import math
from dataclasses import replace

import pytest

from attune.actions.write_section import BUDGET, LEASE
from attune.domain.lesson_text import LessonText
from attune.domain.section import Draft, SectionRequest
from attune.domain.supplier import Supplier
from attune.edge import aws
from attune.writers.choice import FREE
from tests.backends import Backend
from tests.doubles.faults import Faults
from tests.functions.conftest import World
from tests.functions.line import postponed
from tests.functions.night import Died
from tests.functions.writing import (
    Script,
    ask,
    by_rules,
    deliver,
    down,
    dying,
    marked,
    queued,
    script,
    stored,
    supplies,
    text_of,
)

__all__ = ["script"]


# ---- Once


def test_each_section_is_written_once_and_the_lesson_is_there_with_the_last(world: World, script: Script) -> None:
    who = world.reader()
    bodies = queued(world, who)
    assert [deliver(body) for body in reversed(bodies)] == [["ok"]] * 3
    assert sorted(request.title for request, _, _ in script.asked) == ["Part 1", "Part 2", "Part 3"]
    assert all(deadline == BUDGET and not complaints for _, complaints, deadline in script.asked)
    assert ask(world, who).status == 200


def test_f01_a_message_that_comes_again_is_done_already(world: World, script: Script) -> None:
    bodies = queued(world)
    for body in bodies * 3:
        assert deliver(body) == ["ok"]
    assert len(script.asked) == 3


def test_a_section_that_is_stored_is_not_written_for_another_version(world: World, script: Script) -> None:
    for body in queued(world):
        deliver(body)
    text = world.course.texts[world.slug].content
    edited = LessonText(text.replace("It is read 22 times", "It is measured 22 times"), {})
    replace(world, course=replace(world.course, texts={world.slug: edited})).publish()
    bodies = queued(world)
    assert len(bodies) == 1
    assert deliver(*bodies) == ["ok"]
    assert [request.title for request, _, _ in script.asked[3:]] == ["Part 2"]
    assert ask(world, world.reader()).json["personalized_content"].count("It is measured 22 times") == 1


# ---- Two at once


def test_a_second_worker_leaves_the_section_to_the_first_and_comes_back_when_its_lease_is_over(
    world: World, script: Script
) -> None:
    body = queued(world)[0]
    second: list[str] = []
    waits: list[int] = []

    def meanwhile(request: SectionRequest) -> Draft:
        world.clock.advance(20)
        with postponed(waits):
            second.extend(deliver(body))
        return by_rules(request)

    script.steps = [meanwhile]
    assert deliver(body) == ["ok"]
    assert second == ["failed"]
    assert len(script.asked) == 1
    (wait,) = waits
    assert LEASE - 20 <= wait <= LEASE - 20 + 2
    assert deliver(body) == ["ok"]
    assert len(script.asked) == 1


def test_a_visibility_that_cannot_be_changed_stays_as_it_is(world: World, script: Script) -> None:
    script.steps = [down()]
    faults = Faults()
    faults.plan("denied", "ChangeMessageVisibility")
    body = queued(world)[0]
    with faults.on(aws.client("sqs")):
        assert deliver(body) == ["failed"]
    assert faults.met["denied"] == 1


def test_two_sections_that_end_together_make_a_lesson(world: World, script: Script) -> None:
    who = world.reader()
    first, second, third = queued(world, who)

    def meanwhile(request: SectionRequest) -> Draft:
        assert deliver(second) == deliver(third) == ["ok"]
        return by_rules(request)

    script.steps = [meanwhile]
    assert deliver(first) == ["ok"]
    assert ask(world, who).status == 200


# ---- Workers that die, and those that come back


def test_f12_after_a_worker_died_another_writes_once_its_lease_is_over(world: World, script: Script) -> None:
    body = queued(world)[0]
    script.steps = [dying]
    with pytest.raises(Died):
        deliver(body)
    world.clock.advance(LEASE - 1)
    assert deliver(body) == ["failed"]
    assert len(script.asked) == 1
    world.clock.advance(1)
    assert deliver(body) == ["ok"]
    assert len(script.asked) == 2
    found = stored(world, body)
    assert found is not None
    assert (found.state, found.attempts) == ("written", 2)


@pytest.mark.parametrize(("name", "state"), [("a model", "original"), (None, "written")])
def test_f12_only_what_costs_nothing_is_written_however_often_workers_die(
    world: World, script: Script, monkeypatch: pytest.MonkeyPatch, name: str | None, state: str
) -> None:
    supplies(monkeypatch, Supplier(name, script, FREE))
    body = queued(world)[0]
    script.steps = [dying, dying]
    for _ in range(2):
        with pytest.raises(Died):
            deliver(body)
        world.clock.advance(LEASE)
    assert deliver(body) == ["ok"]
    found = stored(world, body)
    assert found is not None
    assert found.state == state


def test_f12_a_late_worker_cannot_put_its_text_in_the_place_of_anothers(world: World, script: Script) -> None:
    body = queued(world)[0]

    def late(request: SectionRequest) -> Draft:
        world.clock.advance(LEASE + 1)
        script.steps = [marked("prompt")]
        assert deliver(body) == ["ok"]
        return marked("late")(request)

    script.steps = [late]
    assert deliver(body) == ["ok"]
    assert "prompt sensor" in text_of(world, body)
    assert "late" not in text_of(world, body)


def test_a_late_worker_whose_place_was_taken_stores_nothing_while_the_other_writes(
    world: World, script: Script
) -> None:
    body = queued(world)[0]

    def late(request: SectionRequest) -> Draft:
        world.clock.advance(LEASE + 1)
        script.steps = [dying]
        with pytest.raises(Died):
            deliver(body)
        return marked("late")(request)

    script.steps = [late]
    assert deliver(body) == ["ok"]
    found = stored(world, body)
    assert found is not None
    assert (found.state, found.text) == ("writing", None)


def test_f07_a_lesson_that_was_not_put_together_is_when_the_message_comes_again(
    world: World, script: Script, backend: Backend
) -> None:
    who = world.reader()
    bodies = queued(world, who)
    for body in bodies[:2]:
        deliver(body)
    with backend.faulty("throttle", "BatchGetItem", times=math.inf):
        assert deliver(bodies[2]) == ["failed"]
    assert deliver(bodies[2]) == ["ok"]
    assert len(script.asked) == 3
    assert ask(world, who).status == 200


@pytest.mark.parametrize("operation", ["UpdateItem", "GetItem", "BatchGetItem"])
@pytest.mark.parametrize("kind", ["lost_after", "throttle", "error_after"])
def test_faults_of_the_store_that_pass_cost_no_second_call(
    world: World, script: Script, backend: Backend, operation: str, kind: str
) -> None:
    for nth in (1, 2):
        body = queued(world, world.reader(experience=["none", "much"][nth - 1]))[0]
        with backend.faulty(kind, operation, nth=nth):
            assert deliver(body) == ["ok"]
        assert len(script.asked) == nth
        assert text_of(world, body)


def test_a_store_that_is_down_fails_the_record_and_nothing_is_paid(
    world: World, script: Script, backend: Backend
) -> None:
    body = queued(world)[0]
    for operation in ("GetItem", "UpdateItem"):
        with backend.faulty("throttle", operation, times=math.inf):
            assert deliver(body) == ["failed"]
    assert script.asked == []
    assert deliver(body) == ["ok"]
