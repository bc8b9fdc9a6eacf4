"""Practice is counted once, whatever way it comes in, and only for who practised."""

import json
from datetime import timedelta
from typing import Any

import pytest

from attune.actions import rebuild_profile
from attune.domain.jobs import Job, RebuildProfile, job
from attune.domain.principal import Principal
from attune.store import keys
from tests.backends import Backend
from tests.builders import NOW, a_guest, a_uuid, an_account
from tests.functions.conftest import World
from tests.functions.practising import (
    SKILL,
    Json,
    a_session,
    an_answer,
    at,
    practised,
    recommended,
    results,
    skill,
)

BACKEND = "sessions:write"


def queued(world: World) -> list[Job]:
    """The jobs that were sent since, taken out of the queue."""
    return [job(message["Body"]) for message in world.messages(world.jobs)]


def stored(backend: Backend, world: World, who: Principal) -> Any:
    """The packed bytes of the learner's profile."""
    key = keys.profile(who.learner, world.course.id)
    (row,) = [row for row in backend.rows(key.pk) if row["sk"]["S"] == key.sk]
    return row["data"]["B"]


def test_answers_change_the_profile_at_once(world: World) -> None:
    who = world.guest()
    reply = world.call("record_session", who, a_session(an_answer(1), an_answer(2, response="b")))
    assert (reply.status, reply.json["rev"], reply.json["recommendation"]) == (201, 2, None)
    assert results(reply) == ["accepted", "accepted"]
    found = world.call("get_profile", who).json["skills"]["sense"]
    assert (found["attempts"], found["source"]) == (2, "evidence")


def test_the_same_again_is_200_and_changes_nothing(world: World, backend: Backend) -> None:
    who, body = world.guest(), a_session(an_answer(1), an_answer(2))
    assert world.call("record_session", who, body).status == 201
    before = backend.rows(keys.profile(who.learner, "").pk)
    again = world.call("record_session", who, body)
    assert (again.status, results(again), again.json["rev"]) == (200, ["duplicate", "duplicate"], 2)
    assert backend.rows(keys.profile(who.learner, "").pk) == before


def test_pieces_in_any_order_give_the_same_bytes(world: World, backend: Backend) -> None:
    answers = [an_answer(number, 300 - number, score=number % 3 / 2) for number in range(12)]
    session, found = a_uuid(), []
    for pieces in (
        [answers],
        [answers[6:], answers[:6]],
        [[one] for one in reversed(answers)],
        [answers[:8], answers[4:], answers],
    ):
        who = world.guest()
        for piece in pieces:
            world.call("record_session", who, a_session(*piece, session_id=session))
        found.append(stored(backend, world, who))
    assert len(set(found)) == 1


def test_one_bad_attempt_loses_none_of_the_others(world: World) -> None:
    reply = world.call(
        "record_session",
        world.guest(),
        a_session(
            an_answer(1),
            an_answer(2, item_id="q9"),
            an_answer(3, correct=None),
            an_answer(4, score=1.0, correct=True),
            an_answer(5, response=3),
            an_answer(6, skills=["sense", "fly"]),
            an_answer(7, mistake={"category": "none"}),
            an_answer(8, phase="none"),
            an_answer(9, minutes=-6),
            an_answer(10, minutes=60 * 24 * 91),
            an_answer(11, minutes=-4),
        ),
    )
    assert results(reply) == [
        "accepted",
        "unknown_item",
        "no_result",
        "several_results",
        "not_gradable",
        "unknown_skill",
        "unknown_mistake",
        "unknown_phase",
        "in_the_future",
        "too_old",
        "accepted",
    ]
    assert [one["result"] for one in reply.json["results"]].count("invalid") == 9


def test_where_nothing_can_be_counted_nothing_is_stored(world: World, backend: Backend) -> None:
    who = world.guest()
    before = backend.rows(keys.user(who.learner).pk)
    reply = world.call("record_session", who, a_session(an_answer(item_id="q9")))
    assert (reply.status, results(reply), reply.json["rev"]) == (200, ["unknown_item"], 0)
    assert backend.rows(keys.user(who.learner).pk) == before


def test_an_id_that_is_twice_in_a_batch_counts_once(world: World, backend: Backend) -> None:
    twice, once = world.guest(), world.guest()
    session = a_uuid()
    body = a_session(an_answer(1), an_answer(1), an_answer(1, correct=False), session_id=session)
    assert results(world.call("record_session", twice, body)) == ["accepted", "duplicate", "conflict"]
    world.call("record_session", once, a_session(an_answer(1), session_id=session))
    assert stored(backend, world, twice) == stored(backend, world, once)
    assert skill(world, twice)["attempts"] == 1


def test_what_is_told_of_an_attempt_is_in_the_order_sent(world: World) -> None:
    reply = world.call(
        "record_session", world.guest(), a_session(an_answer(1, item_id="q9"), an_answer(1), an_answer(1, item_id="q8"))
    )
    assert results(reply) == ["unknown_item", "accepted", "unknown_item"]


def test_another_answer_for_the_same_attempt_is_a_conflict(world: World) -> None:
    who = world.guest()
    body = a_session(an_answer(1))
    world.call("record_session", who, body)
    other = world.call("record_session", who, {**body, "attempts": [an_answer(1, correct=False), an_answer(2)]})
    assert (other.status, results(other)) == (201, ["conflict", "accepted"])
    elsewhere = practised(world, who, an_answer(1, correct=False))
    assert results(elsewhere) == ["accepted"]


def test_a_session_holds_a_thousand(world: World) -> None:
    who, session = world.guest(), a_uuid()
    for part in range(10):
        answers = [an_answer(part * 100 + number, 1000 - part * 100 - number) for number in range(100)]
        reply = world.call("record_session", who, a_session(*answers, session_id=session))
        assert set(results(reply)) == {"accepted"}
    full = world.call("record_session", who, a_session(an_answer(7, 993), an_answer(2000), session_id=session))
    assert (full.status, results(full)) == (200, ["duplicate", "session_full"])
    assert world.call("list_sessions", who).json["items"][0]["attempts"].__len__() == 1000


def test_what_is_older_than_the_log_is_kept_told_and_counted_by_a_rebuild(world: World) -> None:
    who = world.guest()
    rebuild = RebuildProfile(who.learner, world.course.id)
    for part in (1, 0):
        practised(world, who, *(an_answer(part * 100 + number, 500 - part * 100 - number) for number in range(100)))
    assert not queued(world)
    late = a_session(an_answer(999, 5000))
    reply = world.call("record_session", who, late)
    assert (reply.status, results(reply), reply.json["rev"]) == (201, ["accepted"], 201)
    assert queued(world) == [rebuild]
    found = skill(world, who)
    assert (found["attempts"], found["late"]) == (200, ["a999"])
    # Whoever was cut off before the job was sent sends again.
    assert results(world.call("record_session", who, late)) == ["duplicate"]
    assert queued(world) == [rebuild]
    assert rebuild_profile.run(who, world.course.id, NOW)
    assert not rebuild_profile.run(who, world.course.id, NOW)
    assert skill(world, who)["attempts"] == 201
    assert world.call("record_session", who, late).status == 200
    assert not queued(world)


def test_the_session_that_follows_a_recommendation_completes_it(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    reply = practised(world, who, an_answer(minutes=0), recommendation_id=offer["id"])
    assert reply.json["recommendation"] == {"id": offer["id"], "status": "COMPLETED"}
    (found,) = world.call("list_recommendation_history", who).json["items"]
    assert (found["id"], found["status"]) == (offer["id"], "COMPLETED")
    assert found["effect"]["observed"] > 0
    assert practised(world, who, an_answer(2), recommendation_id=offer["id"]).json["recommendation"] is None


def test_answers_from_before_it_was_made_complete_nothing(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    assert practised(world, who, an_answer(minutes=1), recommendation_id=offer["id"]).json["recommendation"] is None
    assert recommended(world, who)


def test_an_effect_is_the_same_in_however_many_pieces_its_session_comes(world: World) -> None:
    effects = []
    for pieces in ([3], [1, 2], [1, 1, 1]):
        who = world.reader()
        (offer, *_) = recommended(world, who)
        answers = [an_answer(number, minutes=-number / 10, correct=number != 2) for number in range(1, 4)]
        session = a_session(recommendation_id=offer["id"])
        for size in pieces:
            sent, answers = answers[:size], answers[size:]
            assert world.call("record_session", who, {**session, "attempts": sent}).status == 201
        (found,) = world.call("list_recommendation_history", who).json["items"]
        effects.append((found["status"], found["effect"], world.call("get_profile", who).json["recommendations"]))
    assert effects[0] == effects[1] == effects[2]
    assert effects[0][0] == "COMPLETED"


def test_what_a_later_piece_says_of_its_session_is_kept(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    session = a_session(an_answer(minutes=0))
    world.call("record_session", who, session)
    reply = world.call(
        "record_session", who, {**session, "ended_at": at(seconds=-60), "recommendation_id": offer["id"]}
    )
    assert (reply.status, reply.json["recommendation"]["status"]) == (200, "COMPLETED")
    (kept,) = world.call("list_sessions", who).json["items"]
    assert (kept["ended_at"][:16], kept["recommendation_id"]) == (at(seconds=-60)[:16], offer["id"])


def test_a_recommendation_of_somebody_else_or_nobody_is_only_noted(world: World) -> None:
    who, other = world.reader(), world.reader()
    (foreign, *_) = recommended(world, other)
    for id_ in (foreign["id"], a_uuid()):
        assert practised(world, who, an_answer(), recommendation_id=id_).json["recommendation"] is None
    assert recommended(world, other)[0]["status"] == "PENDING"


def test_one_that_has_run_out_is_not_completed(world: World) -> None:
    who = world.reader()
    (offer, *_) = recommended(world, who)
    world.clock.advance(timedelta(hours=73))
    reply = practised(world, who, an_answer(), recommendation_id=offer["id"])
    assert reply.json["recommendation"] is None


def test_a_backend_with_the_scope_reports_for_the_learner_it_names(world: World) -> None:
    guest, account = world.guest(), world.reader()
    for who in (guest, account):
        reply = world.call("record_session", an_account(BACKEND), a_session(an_answer(), user_id=who.subject))
        assert reply.status == 201
        assert skill(world, who)["attempts"] == 1


@pytest.mark.parametrize("scopes", [(), ("sessions:read",), ("admin",), ("sessions",)])
def test_without_the_scope_another_learner_is_404(world: World, backend: Backend, scopes: tuple[str, ...]) -> None:
    who = world.guest()
    before = backend.rows(keys.user(who.learner).pk)
    for caller in (an_account(*scopes), world.guest()):
        world.call("record_session", caller, a_session(an_answer(), user_id=who.subject)).problem(404, "not_found")
    assert backend.rows(keys.user(who.learner).pk) == before


def test_with_the_scope_only_learners_that_exist_are_reported_for(world: World) -> None:
    backend = an_account(BACKEND)
    unknown = a_session(an_answer(), user_id=a_guest().subject)
    world.call("record_session", backend, unknown).problem(404, "unknown_user")
    for name in ("", "me", "00000000-0000-0000-0000-000000000000", a_guest().subject.upper(), 5, [a_uuid()], None):
        reply = world.call("record_session", backend, a_session(an_answer(), user_id=name))
        assert reply.status == (201 if name is None else 404)
    # The scope is for the body alone.
    named = world.guest().subject
    world.call("record_session", backend, a_session(an_answer()), x_user_id=named).problem(404, "not_found")


def test_the_scope_reads_nothing(world: World) -> None:
    who = world.guest()
    backend = an_account(BACKEND)
    for function in ("get_profile", "list_sessions"):
        world.call(function, backend, query={"user_id": who.subject}).problem(404, "not_found")
    body = {"level": "expert", "user_id": who.subject}
    world.call("claim_skill", backend, body, path=f"{SKILL}/claims").problem(404, "not_found")


def test_a_guest_that_does_not_exist_is_told_so(world: World) -> None:
    world.call("record_session", a_guest(), a_session(an_answer())).problem(401, "unknown_user")


def test_a_course_that_does_not_exist_is_told_so(world: World) -> None:
    reply = world.call("record_session", world.guest(), a_session(an_answer()), query={"course": "another"})
    reply.problem(404, "unknown_course")


def _with(**answer: Any) -> Json:
    return a_session({**an_answer(), **answer})


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/session_id"),
        (a_session(), "/attempts"),
        (a_session(*(an_answer(number) for number in range(101))), "/attempts"),
        (a_session(an_answer(), session_id="S"), "/session_id"),
        (a_session(an_answer(), started_at="yesterday"), "/started_at"),
        (a_session(an_answer(), started_at="2031-02-30T00:00:00Z"), "/started_at"),
        (a_session(an_answer(), started_at="1969-12-31T23:59:59Z"), "/started_at"),
        (a_session(an_answer(), started_at="2031-05-05T11:00:00+00:00"), "/started_at"),
        (a_session(an_answer(), started_at="2031-05-05T11:00:60Z"), "/started_at"),
        (a_session(an_answer(), started_at=1_935_000_000), "/started_at"),
        (a_session(an_answer(), ended_at=at(hours=2)), ""),
        (a_session(an_answer(), recommendation_id="1"), "/recommendation_id"),
        (a_session(an_answer(), item_id="../x"), "/item_id"),
        (_with(attempt_id=""), "/attempts/0/attempt_id"),
        (_with(attempt_id="a b"), "/attempts/0/attempt_id"),
        (_with(attempt_id="a#b"), "/attempts/0/attempt_id"),
        (_with(attempt_id="a" * 65), "/attempts/0/attempt_id"),
        (_with(attempt_id=1), "/attempts/0/attempt_id"),
        (_with(item_id="Q 1"), "/attempts/0/item_id"),
        (_with(score=1.01), "/attempts/0/score"),
        (_with(score="1"), "/attempts/0/score"),
        (_with(score=True), "/attempts/0/score"),
        (_with(correct=1), "/attempts/0/correct"),
        (_with(response="x" * 1001), "/attempts/0/response"),
        (_with(response=["x"] * 51), "/attempts/0/response"),
        (_with(response={"a": 1}), "/attempts/0/response"),
        (_with(response=True), "/attempts/0/response"),
        (_with(skills=[]), "/attempts/0/skills"),
        (_with(skills=["sense"] * 21), "/attempts/0/skills"),
        (_with(difficulty=0), "/attempts/0/difficulty"),
        (_with(difficulty=3.5), "/attempts/0/difficulty"),
        (_with(duration_ms=-1), "/attempts/0/duration_ms"),
        (_with(duration_ms=86_400_001), "/attempts/0/duration_ms"),
        (_with(hints_used=101), "/attempts/0/hints_used"),
        (_with(mistake={"loss": 1}), "/attempts/0/mistake/category"),
        (_with(mistake={"category": "slip", "loss": -1}), "/attempts/0/mistake/loss"),
        (_with(mistake="slip"), "/attempts/0/mistake"),
        (_with(surplus=1), "/attempts/0/surplus"),
    ],
)
def test_what_cannot_be_read_is_refused_whole_with_its_place(world: World, body: Json, pointer: str) -> None:
    who = an_account()
    flaws = world.call("record_session", who, body).problem(422, "invalid")["errors"]
    assert pointer in {flaw["pointer"] for flaw in flaws}
    assert world.call("list_sessions", who).json["items"] == []


def test_k6_numbers_that_are_none_are_refused(world: World) -> None:
    for number in ("NaN", "Infinity", "1e999"):
        body = json.dumps(a_session(an_answer(score=0.5))).replace("0.5", number)
        world.call("record_session", an_account(), body).problem(400, "not_finite")


def test_times_reach_to_the_end_of_the_calendar(world: World) -> None:
    who, last = world.guest(), "9999-12-31T23:59:59.999999Z"
    body = a_session(an_answer(), {**an_answer(2), "at": last}, started_at=last, ended_at=last)
    assert results(world.call("record_session", who, body)) == ["accepted", "in_the_future"]
    (found,) = world.call("list_sessions", who).json["items"]
    assert found["started_at"] == found["ended_at"] == "9999-12-31T23:59:59Z"


def test_a_hundred_attempts_as_long_as_can_be_are_too_large_or_fit(world: World) -> None:
    long: Json = {"response": ["x" * 1000] * 50, "skills": ["s" * 64] * 20, "phase": "p" * 64}
    body = a_session(*(an_answer(number, **long) for number in range(100)))
    world.call("record_session", world.guest(), body).problem(413, "too_large")
    fits = a_session(*(an_answer(number, response="x" * 1000) for number in range(100)))
    assert set(results(world.call("record_session", world.guest(), fits))) == {"accepted"}


def test_weaknesses_come_with_evidence_and_advice_and_go_with_successes(world: World) -> None:
    advice = {"en": "Look twice.", "ur": "دو بار دیکھیں۔"}
    world.publish(mistakes=[{"id": "slip", "title": "A slip", "items": ["q1"], "advice": advice}])
    who = world.reader()

    def weaknesses() -> Any:
        return world.call("get_profile", who).json["weaknesses"]

    for number in range(2):
        practised(world, who, an_answer(number, 90 - number, correct=False, mistake={"category": "slip"}))
    assert weaknesses() == []
    practised(world, who, an_answer(2, 80, correct=False, mistake={"category": "slip", "loss": 2}))
    (found,) = weaknesses()
    assert (found["category"], found["title"], found["count"], found["phase"]) == ("slip", "A slip", 3, None)
    assert (found["advice"], found["evidence"], found["frequency"]) == ("Look twice.", ["a0", "a1", "a2"], 1.0)
    world.call("update_answers", who, {"language": "ur"})
    assert weaknesses()[0]["advice"] == advice["ur"]
    practised(world, who, *(an_answer(number, 60 - number) for number in range(10, 20)))
    assert weaknesses() == []


def test_an_answer_long_past_is_as_good_as_a_new_one(world: World) -> None:
    who = world.guest()
    edge = (NOW - timedelta(days=90)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    reply = world.call("record_session", who, a_session({**an_answer(), "at": edge}))
    assert results(reply) == ["accepted"]
