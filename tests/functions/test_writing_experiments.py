"""Experiments in which lessons are written in another way: each arm has texts of its own, and nobody gets another's."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from attune.actions import prepare_lesson
from attune.domain.budget import Price
from attune.domain.experiments.definition import is_held_out
from attune.domain.principal import Principal
from attune.settings import settings
from attune.store import courses, learner_course, learner_settings
from attune.store import reading as starts
from attune.writers.style import current
from tests.backends import Backend
from tests.builders import NOW, an_account, answers
from tests.functions import experimenting
from tests.functions.conftest import Reply, World
from tests.functions.experimenting import act, enrolments, leave, put, results
from tests.functions.practising import recommended

Json = dict[str, Any]
DEFINED = "a device that measures"
PLAIN = {"frame": False, "glossary_share": 0.0}
ARMS = [{"key": "A", "weight": 0.5, "params": {}}, {"key": "B", "weight": 0.5, "params": PLAIN}]
WRITING: Json = {"layer": "writing", "arms": ARMS, "primary": {"metric": "accepted"}, "guardrails": []}


@pytest.fixture
def begun(world: World) -> World:
    experimenting.started(world, **WRITING)
    return world


def ask(world: World, who: Principal, **body: Any) -> Reply:
    """A lesson, written if it has to be."""
    reply = world.call("personalize_lesson", who, {"lesson_slug": world.slug, **body})
    if reply.status == 202:
        assert world.work() == []
        reply = world.call("get_personalized", who, path=f"/api/personalize/{world.slug}")
    assert reply.status == 200
    return reply


def is_plain(reply: Reply) -> bool:
    """Whether a lesson is as arm B has it: all of it, or none."""
    signs = {DEFINED not in reply.json["personalized_content"], not any(reply.json["frame"].values())}
    assert len(signs) == 1
    return signs.pop()


def reading(world: World, arm: str) -> Principal:
    """Somebody who asked for the lesson, and came into this arm by that."""
    while True:
        who = world.reader()
        ask(world, who)
        (one,) = enrolments(world, who)
        if one["arm"] == arm:
            return who


def test_the_first_lesson_exposes_and_each_arm_has_its_own_text(begun: World) -> None:
    for arm, plain in (("A", False), ("B", True), ("A", False)):
        assert is_plain(ask(begun, reading(begun, arm))) is plain
    found = results(begun)["primary"]
    assert found["A"]["n"] >= 2
    assert found["B"]["n"] >= 1


def test_control_shares_its_text_with_everybody_and_so_does_an_arm_without_a_frame(world: World) -> None:
    """What an arm does not change of a text is written once: a first reader outside pays for all."""
    ask(world, world.reader())
    arms = [{"key": "A", "weight": 0.5}, {"key": "B", "weight": 0.5, "params": {"frame": False}}]
    experimenting.started(world, **{**WRITING, "arms": arms})
    seen = Counter[str]()
    while len(seen) < 2:
        who = world.reader()
        reply = world.call("personalize_lesson", who, {"lesson_slug": world.slug})
        assert (reply.status, reply.json["cached"]) == (200, True)
        (one,) = enrolments(world, who)
        assert any(reply.json["frame"].values()) is (one["arm"] == "A")
        seen[one["arm"]] += 1
    assert world.messages() == []


def test_k4_asking_again_and_looking_expose_nobody_again(begun: World, clock: Any) -> None:
    who = reading(begun, "B")
    before = {arm: results(begun)["primary"][arm]["n"] for arm in "AB"}
    for _ in range(2):
        clock.advance(3 * 3600)
        courses.forget()
        assert is_plain(ask(begun, who))
        assert world_get(begun, who).status == 200
    learner_settings.submit_answers(who, begun.course.id, answers(experience="some"), clock.now())
    assert is_plain(ask(begun, who))
    assert {arm: results(begun)["primary"][arm]["n"] for arm in "AB"} == before
    (one,) = enrolments(begun, who)
    assert one["enrolled_at"] == "2031-05-05T12:00:00Z"


def world_get(world: World, who: Principal) -> Reply:
    return world.call("get_personalized", who, path=f"/api/personalize/{world.slug}")


def test_who_read_before_it_began_comes_in_with_the_next_request(world: World) -> None:
    who = world.reader()
    before = ask(world, who)
    experimenting.started(world, **WRITING)
    after = ask(world, who)
    (one,) = enrolments(world, who)
    assert is_plain(after) is (one["arm"] == "B")
    assert not is_plain(before)


def test_another_text_is_written_as_the_arm_writes_and_enrols_nobody(begun: World, clock: Any) -> None:
    who = reading(begun, "B")
    assert is_plain(ask(begun, who, regenerate=True))
    newcomer = begun.reader()
    begun.call("personalize_lesson", newcomer, {"lesson_slug": begun.slug, "regenerate": True})
    assert enrolments(begun, newcomer) == []


def test_b45_a_pause_and_b47_leaving_and_a_winner_count_for_the_next_lesson(begun: World) -> None:
    who, other = reading(begun, "B"), reading(begun, "B")
    act(begun, "pause")
    assert not is_plain(ask(begun, who))
    act(begun, "resume")
    assert is_plain(ask(begun, who))
    assert leave(begun, other).json["status"] == "EXITED"
    assert not is_plain(ask(begun, other))
    act(begun, "stop", winner="B")
    newcomer = begun.reader()
    assert is_plain(ask(begun, newcomer))
    assert is_plain(ask(begun, other))
    assert enrolments(begun, newcomer) == []


def test_b38_who_is_held_out_not_eligible_or_gets_originals_is_in_no_arm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(settings), "holdout", 0.05)
    only_b = [{**ARMS[1], "key": key} for key in ("A", "B")]
    experimenting.started(world, **{**WRITING, "arms": only_b, "eligibility": {"language": ["en"]}})
    held = an_account()
    while not is_held_out(held.learner, 0.05):
        held = an_account()
    learner_settings.submit_answers(held, world.course.id, answers(), NOW)
    abroad, newcomer, off = world.reader(language="ur"), an_account(), world.reader()
    learner_settings.switch(off, world.course.id, False, NOW)
    for who in (held, abroad, newcomer, off):
        assert any(ask(world, who).json["frame"].values())
        assert enrolments(world, who) == []


def test_no_rule_of_this_layer_asks_for_a_rating(world: World) -> None:
    found = put(world, **{**WRITING, "eligibility": {"any": [{"rating": [0, 1000]}]}}).problem(422, "invalid")
    assert [flaw["pointer"] for flaw in found["errors"]] == ["/eligibility"]
    wrong = [{"key": "A", "weight": 0.5, "params": {"glossary_share": 2}}, {"key": "B", "weight": 0.5}]
    found = put(world, **{**WRITING, "arms": wrong}).problem(422, "invalid")
    assert [flaw["pointer"] for flaw in found["errors"]] == ["/arms/0/params"]


def test_what_becomes_of_recommendations_counts_from_the_exposure_on(begun: World) -> None:
    """The answers to a set that was there before are no longer taken without a look at the experiment."""
    who = begun.reader()
    recommended(begun, who)
    begun.clock.advance(60)
    ask(begun, who)
    (mine,) = enrolments(begun, who)
    before = results(begun)["primary"][mine["arm"]]["conversions"]
    begun.clock.advance(60)
    late = recommended(begun, who, refresh="true")[0]["id"]
    assert begun.call("answer_recommendation", who, {"recommendation_id": late, "action": "accept"}).status == 200
    assert results(begun)["primary"][mine["arm"]]["conversions"] == before + 1


def test_a58_the_night_prepares_the_text_of_the_arm(begun: World) -> None:
    sent: list[Any] = []
    prepare_lesson.forget()
    preparer = prepare_lesson.Preparer(current(settings), Price(0.15, 0.60), 10**6, sent.extend, begun.clock)
    course = courses.load_current(begun.course.id, begun.clock.now())
    ledgers = {arm: reading(begun, arm) for arm in "AB"}
    for who in ledgers.values():
        # Another persona, whose texts nobody has asked for yet.
        learner_settings.submit_answers(who, course.id, answers(experience="much", hardware=True), NOW)
        recommended(begun, who)
        rows = learner_course.read(who, course.id, begun.clock.now())
        assert preparer.prepare(rows.settings, rows.ledger, course) == "queued"
    assert {len(sent), len({message.section for message in sent})} == {6}


@pytest.mark.parametrize("function", ["get_personalized", "personalize_lesson"])
def test_a_ready_lesson_costs_a_learner_in_an_arm_what_it_costs_others(
    begun: World, backend: Backend, function: str
) -> None:
    who = reading(begun, "B")
    ask(begun, who)
    with backend.watched() as calls:
        if function == "get_personalized":
            reply = world_get(begun, who)
        else:
            reply = begun.call(function, who, {"lesson_slug": begun.slug})
    assert reply.status == 200
    assert [call.operation for call in calls.calls] == ["BatchGetItem", "GetItem"]


def test_a_first_exposure_is_one_transaction_that_is_all_or_nothing(begun: World, backend: Backend) -> None:
    ask(begun, reading(begun, "A"))
    ask(begun, reading(begun, "B"))
    who = begun.reader()
    before = {arm: results(begun)["primary"][arm]["n"] for arm in "AB"}
    with backend.faulty("throttle", "TransactWriteItems", times=99):
        reply = begun.call("personalize_lesson", who, {"lesson_slug": begun.slug})
    assert reply.status == 503
    assert enrolments(begun, who) == []
    with backend.watched() as calls:
        assert begun.call("personalize_lesson", who, {"lesson_slug": begun.slug}).status == 200
    assert Counter(call.operation for call in calls.calls)["TransactWriteItems"] == 1
    assert len(enrolments(begun, who)) == 1
    after = {arm: results(begun)["primary"][arm]["n"] for arm in "AB"}
    assert sum(after.values()) == sum(before.values()) + 1


def test_k1_an_arm_that_another_request_stored_meanwhile_stands(begun: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings that the request began with are old by the time it writes: it begins again with those that stand."""
    who = reading(begun, "B")
    read, stale = starts.start, [True]

    def start(*told: Any) -> Any:
        found = read(*told)
        if stale:
            stale.clear()
            return replace(found, settings=replace(found.settings, arms={}, arms_rev=0), pointer=None)
        return found

    monkeypatch.setattr(starts, "start", start)
    before = {arm: results(begun)["primary"][arm]["n"] for arm in "AB"}
    assert is_plain(begun.call("personalize_lesson", who, {"lesson_slug": begun.slug}))
    assert {arm: results(begun)["primary"][arm]["n"] for arm in "AB"} == before
