"""Nights that are written in batches: half the price, one effect, and whatever fails ends where it would have alone."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from attune.actions.write_section import ALL_CALLS
from attune.domain.batch import HALF, section_of
from attune.domain.budget import Limits
from attune.domain.errors import Unavailable
from attune.domain.lesson_text import LessonText
from attune.settings import settings
from attune.store import batches, budgets, sections
from attune.store.items import Item
from attune.writers.batches import OpenAIBatches
from tests.backends import Backend
from tests.builders import NOW
from tests.doubles.behaviours import USAGE
from tests.doubles.faults import Faults
from tests.doubles.model import ModelServer
from tests.functions.batching import EVENT, NIGHT, PRICE, Office, all_sections, office
from tests.functions.conftest import World, invoke, publish
from tests.functions.night import Death, Died, to

TODAY = "2031-05-05"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def desk(world: World, server: ModelServer) -> Iterator[Office]:
    with office(world, server) as made:
        yield made


def costs(lines: int) -> int:
    """Of so many answers, by what the model reports of each."""
    return math.ceil(lines * (USAGE["in"] * PRICE.input + USAGE["out"] * PRICE.output) * HALF)


def done(desk: Office, written: int, lines: int = 3) -> None:
    """The batch is closed, nothing is set aside any more, and the books say what the provider counted."""
    assert (desk.batch.state, desk.batch.counts.written, desk.batch.counts.lines) == ("closed", written, lines)
    assert desk.held() == 0
    spent = budgets.spending(desk.world.clock.now())
    assert spent.input_tokens + spent.output_tokens == desk.model.tokens
    assert all(row.calls <= ALL_CALLS for row in all_sections())


# ---- As it should be


def test_a58_a_night_in_a_batch_leaves_a_lesson_that_is_there_at_once(desk: Office) -> None:
    who = desk.world.reader()
    desk.night(who, desk.world.reader())
    assert desk.world.messages() == []
    desk.look()
    assert (desk.batch.state, desk.batch.status, len(desk.batch.sections)) == ("sent", "validating", 3)
    assert desk.held() == desk.batch.amount == desk.planned(TODAY) > costs(3)
    desk.model.batches.work()
    desk.look()
    done(desk, written=3)
    reply = desk.asked(who)
    assert (reply.status, reply.json["cached"], reply.json["adapted_by"]) == (200, True, "openai")
    assert reply.json["provenance"]["model"] == "double"
    assert desk.model.count == 0, "nothing was asked for by itself"
    spent = budgets.spending(desk.world.clock.now())
    assert (spent.spent, spent.calls, desk.planned(TODAY)) == (costs(3), 3, costs(3))
    assert spent.lines[desk.world.course.id, "openai double"].cost == costs(3)
    assert desk.model.batches.files == {}, "the provider keeps nothing of it"
    before = len(desk.model.asked)
    desk.look()
    assert len(desk.model.asked) == before, "nothing is left to look after"


def test_a_batch_is_looked_at_until_it_ends(desk: Office) -> None:
    desk.night(desk.world.reader())
    desk.model.batches.by_itself = True
    seen = []
    for _ in range(5):
        desk.look()
        seen.append((desk.batch.state, desk.batch.status))
    assert [status for _, status in seen] == ["validating", "in_progress", "finalizing", "completed", "completed"]
    assert [state for state, _ in seen] == ["sent", "sent", "sent", "closed", "closed"]


def test_a_line_names_the_section_for_a_persona_and_its_source(desk: Office) -> None:
    desk.night(desk.world.reader(), desk.world.reader(experience="much"))
    desk.look()
    content = desk.model.batches.content[desk.model.batches.last["input_file_id"]]
    lines = [json.loads(line) for line in content.splitlines()]
    assert {section_of(line["custom_id"]) for line in lines} == set(desk.batch.sections)
    assert len(lines) == 6
    assert len({line["custom_id"].partition(".")[2] for line in lines}) == 3, "two personas, and the same three sources"
    assert desk.model.batches.last["metadata"] == {"attune": desk.batch.name}
    assert desk.world.course.id not in str(desk.model.batches.last)


# ---- Lines that fail


@pytest.mark.parametrize("behaviour", ["invented_link", "500", "400", "empty", "not_json", "dropped_token"])
def test_a_line_that_is_no_text_is_left_to_the_queue(desk: Office, behaviour: str) -> None:
    who = desk.world.reader()
    desk.model.behave(behaviour, section="Part 2")
    desk.night(who)
    desk.look()
    desk.model.batches.work()
    desk.look()
    done(desk, written=2)
    assert (desk.batch.counts.left, desk.batch.counts.originals) == (1, 0)
    desk.model.behave_well()
    assert desk.world.work() == []
    assert desk.asked(who).json["cached"]
    assert {row.state for row in all_sections()} == {"written"}
    assert [call.asked.title for call in desk.model.calls] == ["Part 2"]
    assert sorted(int(row.calls) for row in all_sections()) == [1, 1, 2]


def test_g13_a_line_that_was_refused_stands_as_the_original_for_a_day(desk: Office) -> None:
    who = desk.world.reader()
    desk.model.behave("refusal", section="Part 1")
    desk.night(who)
    desk.look()
    desk.model.batches.work()
    desk.look()
    done(desk, written=2)
    assert desk.batch.counts.originals == 1
    assert desk.world.messages() == []
    reply = desk.asked(who)
    assert reply.status == 200
    assert [section.get("reason") for section in reply.json["sections"]] == ["refused", None, None]


def test_a_section_is_asked_for_six_times_at_most_whoever_asks(desk: Office) -> None:
    who = desk.world.reader()
    desk.model.behave("invented_link")
    for _ in range(9):
        desk.night(who)
        desk.look()
        desk.model.batches.work()
        desk.look()
        desk.world.work()
        desk.world.clock.advance(86_400)
        desk.asked(who)
        desk.world.work()
    assert max(int(row.calls) for row in all_sections()) <= ALL_CALLS
    assert desk.model.batches.lines + desk.model.count <= 3 * ALL_CALLS


@pytest.mark.parametrize("answered", [0, 2])
def test_a_day_that_is_over_returns_what_was_not_used(desk: Office, answered: int) -> None:
    who = desk.world.reader()
    desk.night(who)
    desk.look()
    desk.world.clock.advance(86_400)
    desk.model.batches.expire(answered)
    desk.look()
    done(desk, written=answered)
    assert desk.batch.status == "expired"
    assert budgets.spending(desk.world.clock.now()).spent == costs(answered)
    assert len(desk.world.messages()) == 3 - answered


def test_what_the_provider_does_not_take_goes_to_the_queue(desk: Office) -> None:
    who = desk.world.reader()
    desk.night(who)
    desk.look()
    desk.model.batches.fail()
    desk.look()
    done(desk, written=0)
    assert (desk.batch.status, desk.batch.reason) == ("failed", "token_limit_exceeded")
    assert budgets.spending(desk.world.clock.now()).spent == 0
    assert desk.world.work() == []
    assert desk.asked(who).json["cached"]


def test_what_the_owner_cancels_is_written_for_who_asks(desk: Office) -> None:
    who = desk.world.reader()
    desk.night(who)
    desk.look()
    desk.model.batches.last["status"] = "cancelling"
    desk.model.batches.work(done=1)
    desk.look()
    done(desk, written=1)
    assert desk.world.messages() == []
    assert desk.asked(who).status == 202
    assert desk.world.work() == []
    assert desk.asked(who).json["cached"]


@pytest.mark.parametrize("path", ["POST /v1/files", "POST /v1/batches"])
def test_a_server_that_takes_no_batches_is_asked_section_by_section(desk: Office, path: str) -> None:
    who = desk.world.reader()
    desk.night(who)
    desk.model.break_at(path, "unknown")
    desk.look()
    assert (desk.batch.state, desk.batch.reason, desk.held()) == ("closed", "unknown_model", 0)
    assert desk.world.work() == []
    assert desk.asked(who).json["cached"]


# ---- Others are faster, or the world has moved on


def test_a_reader_who_cannot_wait_is_served_and_their_text_stands(desk: Office) -> None:
    who = desk.world.reader()
    desk.night(who)
    desk.look()
    assert desk.asked(who).status == 202
    assert desk.world.work() == []
    first = desk.asked(who)
    assert first.json["cached"]
    before = {row.pk: (row.fence, bytes(row.data)) for row in all_sections()}
    desk.model.batches.work()
    desk.look()
    done(desk, written=3)
    assert {row.pk: (row.fence, bytes(row.data)) for row in all_sections()} == before
    assert desk.asked(who).json["personalized_content"] == first.json["personalized_content"]


def test_a_worker_who_writes_it_just_now_is_not_disturbed(desk: Office) -> None:
    desk.night(desk.world.reader())
    desk.look()
    desk.model.batches.work()
    held = sections.claim(desk.batch.sections[0], 75, desk.world.clock.now(), calls=1)
    assert isinstance(held, sections.Claim)
    desk.look()
    done(desk, written=2)
    assert sections.finish(held, sections.Outcome("mine", calls=1), desk.world.clock.now())


def test_an_edit_makes_the_texts_of_before_nobodys(desk: Office) -> None:
    who = desk.world.reader()
    desk.night(who)
    desk.look()
    desk.model.batches.work()
    text = desk.world.course.texts[desk.world.slug]
    edited = LessonText(text.content.replace("A Sensor turns", "Every Sensor turns"), text.translations)
    changed = type(desk.world.course)(
        desk.world.course.id, desk.world.course.manifest, {**desk.world.course.texts, desk.world.slug: edited}
    )
    publish(changed)
    desk.look()
    done(desk, written=0)
    assert budgets.spending(desk.world.clock.now()).spent == costs(3), "they were answered, so they are paid for"
    assert {row.state for row in all_sections()} == {"writing"}
    desk.asked(who)
    desk.world.work()
    assert "Every Sensor turns" in desk.asked(who).json["personalized_content"]


def test_the_books_are_those_of_the_day_on_which_it_was_sent(desk: Office) -> None:
    desk.night(desk.world.reader())
    desk.look()
    desk.world.clock.advance(27 * 86_400)
    desk.model.batches.work()
    desk.look()
    assert desk.batch.state == "closed"
    assert budgets.spending(desk.world.clock.now()).spent == 0
    assert budgets.spending(desk.world.clock.now(), TODAY[:7]).spent > 0


# ---- Money


def test_a_batch_takes_what_the_night_has_room_for(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.night(desk.world.reader(), desk.world.reader(experience="much"))
    desk.look()
    one = desk.batch.amount // 2
    desk.model.batches.work()
    desk.look()
    monkeypatch.setitem(vars(settings), "prepared", desk.planned(TODAY) + one + costs(3) + 300)
    hardware = [desk.world.reader(hardware=True), desk.world.reader(hardware=True, experience="much")]
    desk.night(*hardware)
    desk.look()
    assert (len(desk.batch.sections), desk.held()) == (3, desk.batch.amount)
    assert len(batches.wanted(desk.world.clock.now())) == 1
    desk.model.batches.work()
    desk.look()
    desk.look()
    assert len(batches.wanted(desk.world.clock.now())) == 0, "what was not used is there for the next"


@pytest.mark.parametrize("limits", [Limits(10, None), Limits(None, 10), Limits(None, None, 10)])
def test_no_limit_is_passed_for_a_batch(desk: Office, monkeypatch: pytest.MonkeyPatch, limits: Limits) -> None:
    monkeypatch.setitem(vars(settings), "limits", limits)
    desk.night(desk.world.reader())
    desk.look()
    assert batches.every(desk.world.clock.now()) == []
    assert desk.held() == 0
    assert "POST /v1/files" not in desk.model.asked


def test_who_sets_money_aside_for_the_same_batch_twice_has_it_once(desk: Office) -> None:
    now = desk.world.clock.now()
    held = budgets.Hold("a-batch", TODAY[:7], TODAY, "c", 70, "openai double")
    for _ in range(2):
        assert budgets.hold_batch(held, Limits(100, None), NIGHT, 60, now).night
    assert (desk.held(), desk.planned(TODAY)) == (70, 70)
    desk.world.clock.advance(61)
    # Whoever finds no room gives back what nobody looks after any more, what the night had planned as well.
    budgets.hold("c", 90, Limits(100, None), 60, desk.world.clock.now())
    assert (desk.held(), desk.planned(TODAY)) == (90, 0)


# ---- The provider and the network


def test_a_batch_whose_making_was_not_heard_of_is_found_and_not_paid_twice(desk: Office) -> None:
    desk.night(desk.world.reader())
    desk.model.break_at("POST /v1/batches", "after")
    desk.look()
    assert (desk.batch.state, desk.batch.reason) == ("intended", "provider_error")
    assert len(desk.model.batches.made) == 1
    desk.look()
    assert (desk.batch.state, desk.batch.provider_id) == ("sent", desk.model.batches.last["id"])
    desk.model.batches.work()
    desk.look()
    done(desk, written=3)
    assert (len(desk.model.batches.made), desk.batch.duplicates) == (1, 0)


def test_one_that_was_made_twice_all_the_same_is_noticed_stopped_and_paid(
    desk: Office, caplog: pytest.LogCaptureFixture
) -> None:
    desk.night(desk.world.reader())
    desk.model.break_at("POST /v1/batches", "after")
    desk.look()
    hidden = desk.model.batches.last["id"]
    desk.model.batches.hidden.add(hidden)
    desk.look()
    assert desk.batch.provider_id != hidden
    desk.model.batches.hidden.clear()
    desk.look()
    assert (desk.batch.duplicates, desk.model.batches.made[hidden]["status"]) == (1, "cancelling")
    desk.model.batches.work(done=1)
    desk.look()
    done(desk, written=3)
    assert budgets.spending(desk.world.clock.now()).spent == costs(4)


@pytest.mark.parametrize("how", ["before", "after", "html"])
@pytest.mark.parametrize(
    "call", ["GET /v1/files", "POST /v1/files", "POST /v1/batches", "GET /v1/batches/", "DELETE /v1/files"]
)
def test_a_call_that_fails_is_made_good_at_the_next_look(desk: Office, call: str, how: str) -> None:
    who = desk.world.reader()
    desk.night(who)
    desk.model.break_at(call, how)
    for _ in range(4):
        desk.look()
        desk.model.batches.work()
    done(desk, written=3)
    assert len(desk.model.batches.made) == 1
    assert desk.asked(who).json["cached"]


def test_files_that_cannot_be_read_are_read_later(desk: Office) -> None:
    desk.night(desk.world.reader())
    desk.look()
    desk.model.batches.work()
    file = desk.model.batches.last["output_file_id"]
    desk.model.break_at(f"GET /v1/files/{file}", "before", times=2)
    for _ in range(2):
        desk.look()
        assert (desk.batch.state, desk.batch.reason) == ("sent", "provider_error")
    desk.look()
    done(desk, written=3)


def test_a_batch_that_is_gone_costs_what_was_set_aside(desk: Office, caplog: pytest.LogCaptureFixture) -> None:
    desk.night(desk.world.reader())
    desk.look()
    amount = desk.batch.amount
    desk.model.batches.made.clear()
    desk.look()
    assert (desk.batch.state, desk.batch.reason) == ("closed", "unknown_model")
    spent = budgets.spending(desk.world.clock.now())
    assert (spent.spent, spent.committed, spent.lines[desk.world.course.id, "openai double"].uncertain) == (
        amount,
        amount,
        3,
    )
    assert "batch_lost" in [record.message for record in caplog.records]


def test_one_that_never_ends_is_given_up(desk: Office) -> None:
    desk.night(desk.world.reader())
    desk.look()
    desk.world.clock.advance(4 * 86_400)
    desk.look()
    assert (desk.batch.state, desk.batch.reason, desk.held()) == ("closed", "unfinished", 0)


def test_a_model_that_rests_gets_no_batch(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    who = desk.world.reader()
    desk.model.behave("401")
    desk.asked(who)
    desk.world.work()
    desk.night(desk.world.reader(experience="much"))
    desk.look()
    assert desk.model.asked == []
    assert batches.every(desk.world.clock.now()) == []


# ---- Crashes


def through(desk: Office) -> None:
    """Look until it is over."""
    for _ in range(4):
        desk.look()
        desk.model.batches.work()


def right(desk: Office, who: Any, place: object) -> None:
    """Whatever happened: one batch, three texts, every dollar once, and nothing left over."""
    done(desk, written=3)
    assert len(desk.model.batches.made) == 1, place
    assert (desk.model.count, desk.model.batches.lines) == (0, 3), place
    spent = budgets.spending(desk.world.clock.now())
    assert (spent.spent, spent.calls, desk.planned(TODAY)) == (costs(3), 3, costs(3)), place
    assert {int(row.calls) for row in all_sections()} == {1}, place
    assert batches.wanted(desk.world.clock.now()) == [], place
    assert desk.world.messages() == []
    assert desk.asked(who).json["cached"], place
    assert desk.model.batches.files == {}, place


def test_wherever_it_dies_at_the_table_all_of_it_happens_once(
    desk: Office, backend: Backend, published: tuple[Any, Any]
) -> None:
    """Before each call of both looks that do something, which is after the one before it."""
    place, ended = 0, False
    while not ended:
        place += 1
        backend.empty(published[1])
        budgets.forget()
        desk.model.begin_anew()
        to(desk.world.clock, NOW)
        who = desk.world.reader()
        desk.night(who)
        death = Death(place, after=False)
        with death.on(Item):
            for _ in range(3):
                try:
                    desk.look()
                except Died:
                    desk.world.clock.advance(900)
                    break
                desk.model.batches.work()
        ended = death.calls < place
        desk.model.batches.work()
        through(desk)
        right(desk, who, place)
    assert place > 30


@pytest.mark.parametrize("after", [False, True])
def test_wherever_it_dies_at_the_model_all_of_it_happens_once(
    desk: Office, backend: Backend, published: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    real = OpenAIBatches._call
    left = [0]

    def dying(self: OpenAIBatches, ask: Any, *limits: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not after:
            raise Died
        found = real(self, ask, *limits)
        if left[0] == 0:
            raise Died
        return found

    monkeypatch.setattr(OpenAIBatches, "_call", dying)
    for place in range(1, 8):
        backend.empty(published[1])
        budgets.forget()
        desk.model.begin_anew()
        to(desk.world.clock, NOW)
        who = desk.world.reader()
        desk.night(who)
        left[0] = place
        for _ in range(3):
            try:
                desk.look()
            except Died:
                desk.world.clock.advance(900)
            desk.model.batches.work()
        assert left[0] <= 0, place
        through(desk)
        right(desk, who, place)


@pytest.mark.parametrize("kind", ["lost_before", "lost_after", "throttle", "error_after"])
def test_faults_of_the_table_change_nothing_in_the_end(desk: Office, kind: str) -> None:
    who = desk.world.reader()
    desk.night(who)
    for operation in ("PutItem", "UpdateItem", "BatchWriteItem"):
        faults = Faults()
        faults.plan(kind, operation, probability=0.3)
        with faults.on(Item):
            for _ in range(4):
                try:
                    desk.look()
                except Unavailable:
                    desk.world.clock.advance(900)
                desk.model.batches.work()
    through(desk)
    right(desk, who, kind)


def test_two_who_look_at_once_do_one_thing(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the first is about to make the batch, and while it takes it in."""
    who = desk.world.reader()
    desk.night(who)
    met: list[str] = []

    def meanwhile(name: str) -> None:
        real = getattr(OpenAIBatches, name)

        def slow(self: OpenAIBatches, *given: Any) -> Any:
            if name not in met:
                met.append(name)
                invoke("write_batches", EVENT)
            return real(self, *given)

        monkeypatch.setattr(OpenAIBatches, name, slow)

    for name in ("send", "answers", "forget"):
        meanwhile(name)
    through(desk)
    right(desk, who, "two")
    assert met == ["send", "answers", "forget"]
