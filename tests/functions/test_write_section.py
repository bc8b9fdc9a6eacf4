"""A section is written once, whatever arrives twice, late, in another order, or never ends."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from attune.actions import publish_course
from attune.actions.write_section import BUDGET, LEASE
from attune.domain.budget import NOTHING_USED, Usage
from attune.domain.lesson_text import LessonText
from attune.domain.placeholders import Tampered
from attune.domain.principal import Principal
from attune.domain.section import Draft, SectionRequest, Style, WriterFault
from attune.domain.supplier import Supplier
from attune.edge import aws
from attune.store import sections
from attune.writers import style
from attune.writers.choice import FREE
from attune.writers.rules import RulesWriter
from tests.backends import Backend
from tests.builders import a_key, sqs_event
from tests.doubles.faults import Faults
from tests.functions.actions import Actions
from tests.functions.conftest import Reply, World, invoke
from tests.functions.line import postponed

Step = Callable[[SectionRequest], Draft]
WAIT = 10.0


class Died(BaseException):
    """The worker is gone from one moment to the next."""


@dataclass
class Script:
    """A writer that does its steps in order, and writes by the rules when there are none left."""

    steps: list[Step] = field(default_factory=list)
    asked: list[tuple[SectionRequest, Sequence[str], float]] = field(default_factory=list)

    def most(self, request: SectionRequest, complaints: Sequence[str]) -> Usage:
        return NOTHING_USED

    def write(self, request: SectionRequest, complaints: Sequence[str], deadline: float, tries: int) -> Draft:
        self.asked.append((request, complaints, deadline))
        return self.steps.pop(0)(request) if self.steps else by_rules(request)


def by_rules(request: SectionRequest) -> Draft:
    return RulesWriter().write(request)


def marked(mark: str) -> Step:
    """What the rules write, and a word by which to know it."""
    return lambda request: Draft(
        by_rules(request).text.replace("A Sensor", f"{mark} sensor of the Sensor kind"), "m-1", 7, 9
    )


def bad(_: SectionRequest) -> Draft:
    return Draft("I'm sorry, I cannot help with that.", "m-1", 7, 9)


def failing(fault: WriterFault) -> Step:
    def step(_: SectionRequest) -> Draft:
        raise fault

    return step


def down() -> Step:
    return failing(WriterFault("unreachable", final=False))


def dying(_: SectionRequest) -> Draft:
    raise Died


def supplies(monkeypatch: pytest.MonkeyPatch, *suppliers: Supplier) -> None:
    """These write, in this order."""
    monkeypatch.setattr("functions.write_section.app.suppliers", lambda *_: list(suppliers))


@pytest.fixture
def script(world: World, monkeypatch: pytest.MonkeyPatch) -> Script:
    """The writer of the worker."""
    made = Script()
    supplies(monkeypatch, Supplier("script", made, FREE))
    return made


def ask(world: World, who: Principal) -> Reply:
    return world.call("personalize_lesson", who, {"lesson_slug": world.slug})


def queued(world: World, who: Principal | None = None) -> list[str]:
    """The messages of a lesson that somebody asks for."""
    assert ask(world, who or world.reader()).status == 202
    return [message["Body"] for message in world.messages()]


def deliver(*bodies: str) -> list[str]:
    """Deliver a batch; what became of each: ok or failed."""
    event = sqs_event(*bodies)
    failed = {each["itemIdentifier"] for each in invoke("write_section", event)["batchItemFailures"]}
    return ["failed" if record["messageId"] in failed else "ok" for record in event["Records"]]


def stored(world: World, body: str) -> sections.StoredSection | None:
    key = json.loads(body)["section"]
    return sections.get_many([key], world.clock.now()).get(key)


def text_of(world: World, body: str) -> str:
    found = stored(world, body)
    assert found is not None
    assert found.text is not None
    return found.text


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


# ---- Out of date


def test_f02_a_message_for_a_text_that_is_no_longer_published_has_no_effect(world: World, script: Script) -> None:
    bodies = queued(world)
    text = LessonText(world.course.texts[world.slug].content.replace("error", "fault"), {})
    replace(world, course=replace(world.course, texts={world.slug: text})).publish()
    assert [deliver(body) for body in bodies] == [["ok"]] * 3
    assert script.asked == []
    assert [stored(world, body) for body in bodies] == [None] * 3


def test_f14_a_text_published_while_a_section_is_written_is_never_answered_with_it(
    world: World, script: Script
) -> None:
    who = world.reader()
    bodies = queued(world, who)
    text = LessonText(world.course.texts[world.slug].content.replace("error", "fault"), {})

    def meanwhile(request: SectionRequest) -> Draft:
        with Actions.aside():
            replace(world, course=replace(world.course, texts={world.slug: text})).publish()
        return marked("old")(request)

    script.steps = [meanwhile]
    for body in bodies:
        assert deliver(body) == ["ok"]
    assert ask(world, who).status == 202
    assert world.work() == []
    content = ask(world, who).json["personalized_content"]
    assert "old sensor" not in content
    assert content.count("fault of its own") == 3


def test_f15_a_message_for_a_persona_that_nobody_has_any_more_has_no_effect(world: World, script: Script) -> None:
    bodies = queued(world)
    instructions = {"level": {"new": "Go very slowly."}}
    world.publish(writing={**world.course.manifest["writing"], "instructions": instructions})
    assert [deliver(body) for body in bodies] == [["ok"]] * 3
    assert script.asked == []


def test_a_message_for_another_prompt_has_no_effect_and_the_reader_asks_for_the_new_one(
    world: World, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = world.reader()
    bodies = queued(world, who)
    monkeypatch.setattr(style, "current", lambda _: Style("rules", None, None, "2"))
    assert [deliver(body) for body in bodies] == [["ok"]] * 3
    assert script.asked == []
    assert ask(world, who).status == 202
    assert world.work() == []
    assert ask(world, who).json["provenance"]["prompt_version"] == "2"


def test_a_lesson_that_is_gone_is_not_written(world: World, script: Script) -> None:
    bodies = queued(world)
    part = {**world.course.manifest["parts"][0], "chapters": [{"id": "only", "lessons": []}]}
    publish_course.publish(world.course.id, {**world.course.manifest, "parts": [part], "items": []}, world.clock.now())
    assert deliver(bodies[0]) == ["ok"]
    assert script.asked == []


# ---- Poison


def test_f03_a_poisoned_message_fails_alone(world: World, script: Script) -> None:
    good = queued(world)[0]
    sound = json.loads(good)
    poison = [
        "",
        "not JSON",
        "[]",
        "null",
        "[" * 2000,
        json.dumps({**sound, "type": "another"}),
        json.dumps({**sound, "schema": 2}),
        json.dumps({name: value for name, value in sound.items() if name != "section"}),
        json.dumps({**sound, "variant": "../x"}),
    ]
    assert deliver(*poison, good) == ["failed"] * len(poison) + ["ok"]
    assert len(script.asked) == 1


def test_f05_all_of_a_batch_may_fail(world: World, script: Script) -> None:
    assert deliver("a", "b", "c") == ["failed"] * 3


@pytest.mark.parametrize("event", [{"Records": []}, {}])
def test_an_empty_batch_is_done(world: World, event: dict[str, Any]) -> None:
    assert invoke("write_section", event) == {"batchItemFailures": []}


def test_f20_a_forged_message_gets_nothing_written(world: World, script: Script) -> None:
    sound = json.loads(queued(world)[0])
    assert deliver(json.dumps({**sound, "variant": a_key()})) == ["ok"]
    assert deliver(json.dumps({**sound, "section": a_key()})) == ["ok"]
    assert deliver(json.dumps({**sound, "persona": {"level": "me"}, "user_id": "me", "prompt": "leak"})) == ["ok"]
    assert [dict(request.persona) for request, _, _ in script.asked] == [{"level": "new", "hardware": "false"}]


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
