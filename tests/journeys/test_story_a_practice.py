"""Story A, practice: a reader's answers, the profile they make, and what it recommends; one test for each assertion."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from math import log
from typing import Any

import pytest

from attune.domain.learning import filter as model
from attune.domain.learning.measures import rating
from attune.domain.learning.parameters import START
from attune.domain.learning.state import NEW_ABILITY, NEW_SKILL
from tests.journeys.conftest import World, until
from tests.journeys.practising import (
    HISTORY,
    PROFILE,
    an_id,
    answer,
    answers,
    course,
    dropped,
    minutes,
    recommended,
    respond,
    results,
    send,
    skill,
    told,
)
from tests.journeys.test_story_a import ANSWERS, KEY, LESSON, READER, create
from tools.client import Client, Reply

COURSE = "physical-ai"
BEGINS = "2026-11-02T09:00:00Z"
SENSORS = "foundations/robot-sensors"
FIRST = {"count": 3, "time_available": 20}
T1 = answer("T1", "q-embodiment-1", "2026-11-02T09:14:02Z", True, duration_ms=21000)
T2 = answer("T2", "q-embodiment-2", "2026-11-02T09:14:40Z", True)
T3 = answer("T3", "q-embodiment-3", "2026-11-02T09:15:31Z", False, mistake={"category": "simulation-equals-embodiment"})
BATCH = [T1, T2, T3]


def reader(world: World, name: str) -> Client:
    """Another reader who has told the same."""
    token = create(world.client(), an_id(name), an_id(f"key of {name}")).json["token"]
    client = world.client(token)
    client.post("/api/onboarding", ANSWERS)
    return client


def embodiment(client: Client) -> Any:
    return skill(client, "embodiment")


@pytest.fixture(scope="module")
def story(still: World) -> World:
    """Up to the evening of the first day."""
    still.said["reader"] = one = still.client(create(still.client(), READER, KEY).json["token"])
    still.clock.advance(seconds=4)
    still.keep("first", recommended(one, **FIRST))
    still.said["rows"] = still.rows()
    with still.counted() as calls:
        still.keep("again", recommended(one, **FIRST))
    still.said["calls"] = calls
    still.said["rows after"] = still.rows()
    still.keep("explained", recommended(one, **FIRST, explain="full"))
    still.keep("nobody's profile", one.get(PROFILE))
    still.clock.advance(seconds=156)
    one.post("/api/onboarding", ANSWERS)
    still.keep("prior", one.get(PROFILE))
    still.said["prior evidence"] = embodiment(one)
    still.keep("before practice", recommended(one))
    still.clock.advance(minutes=13, seconds=50)
    first = still["first"].json["items"][0]["id"]
    told_of = {"ended_at": "2026-11-02T09:16:00Z", "item_id": LESSON, "recommendation_id": first}
    still.keep("session", send(one, "S1", BATCH, **told_of))
    still.keep("profile", one.get(PROFILE))
    still.keep("after practice", recommended(one, explain="full"))
    with still.counted() as calls:
        still.keep("after practice again", recommended(one, explain="full"))
    still.said["later calls"] = calls
    still.keep("history", one.get(f"{HISTORY}?status=COMPLETED"))
    return still


def test_a13_somebody_unknown_gets_something_that_fits(story: World) -> None:
    assert story["first"].status == 200
    assert len(story["first"].json["items"]) >= 1
    assert minutes(story["first"]) <= 20
    assert story["first"].json["items"][0]["item"] == LESSON
    assert story["first"].json["context"]["time_available"] == {"value": 20, "source": "request"}


def test_a14_reasons_add_up_to_the_priority(story: World) -> None:
    whole = recommended(story["reader"], count=20, time_available=1440)
    found = [item for reply in (story["first"], story["before practice"], whole) for item in reply.json["items"]]
    for item in found:
        assert item["reasons"]
        assert sum(reason["weight"] for reason in item["reasons"]) == pytest.approx(item["priority"], abs=1e-9)
        assert 0 < item["priority"] <= 1
    assert max(item["priority"] for item in story["first"].json["items"]) == 1
    assert max(item["priority"] for item in whole.json["items"]) == 1


def test_a15_what_is_shut_is_not_shown_and_said_to_be_shut(story: World) -> None:
    known = course("physical-ai")
    mastery = {name: one["mastery"] for name, one in story["nobody's profile"].json["skills"].items()}
    assert max(mastery.values()) < known.mastery
    needs = {one.id: one.prerequisites for one in known.skills}
    chapters = {chapter.id: chapter for chapter in known.chapters()}
    shut = {
        lesson.slug
        for chapter in known.chapters()
        for lesson in chapter.lessons
        if lesson.prerequisites
        or any(needs[name] for name in lesson.skills)
        or any(chapters[name].lessons for name in chapter.prerequisites)
    }
    shut_items = {item.id for item in known.items if any(needs[name] for name in item.skills)}
    rules = {item: one["rule"] for item, one in dropped(story["explained"]).items()}
    assert {item for item, rule in rules.items() if rule == "prerequisite"} == shut | shut_items
    assert len(shut) == len(known.lessons) - 1
    for item in story["explained"].json["items"]:
        assert item["item"] not in shut | shut_items
        assert item["prerequisites"] == []
    why = dropped(story["explained"])[SENSORS]["params"]
    assert why == {"skill": "embodiment", "need": 0.6, "has": pytest.approx(mastery["embodiment"], abs=1e-4)}


def test_a16_the_same_again_is_one_read_and_no_write(story: World) -> None:
    assert story["again"].body == story["first"].body
    assert story["again"].json["set_id"] == story["first"].json["set_id"]
    assert story["calls"].operations == {"Query": 1}
    assert story["calls"].write_units == 0
    assert story["rows after"] == story["rows"]
    assert story["after practice again"].body == story["after practice"].body
    assert story["later calls"].operations == {"Query": 1}
    for item in story["first"].json["items"]:
        assert item["expected_improvement"] == {"points": None, "basis": "no_history", "n": 0}


def test_a21_the_profile_shows_what_was_told_as_told(story: World) -> None:
    found = {question.id: question for question in course("physical-ai").questionnaire}
    logits: dict[str, float] = {}
    for name, given in ANSWERS.items():
        for option in found[name].options:
            if option.value == given or (isinstance(given, list) and option.value in given):
                for one, shift in option.priors.items():
                    logits[one] = logits.get(one, 0.0) + shift
    assert len(logits) > 5
    before, after = story["nobody's profile"].json["skills"], story["prior"].json["skills"]
    assert {one["rating"] for one in before.values()} == {1000}
    assert after["embodiment"].items() >= {"rating": 1000, "attempts": 0, "source": "prior"}.items()
    for name, one in after.items():
        assert one["rating"] == round(1000 + 400 / log(10) * logits.get(name, 0.0), 1)
        assert (one["attempts"], one["source"], one["confidence"]) == (0, "prior", 0)
        assert (one["last_practised_at"], one["due_at"], one["trend"]) == (None, None, None)
        assert one["interval"][0] < one["rating"] < one["interval"][1]
    assert story["prior"].json["strengths"] == story["prior"].json["weaknesses"] == []
    assert (story["prior evidence"]["evidence"], story["prior evidence"]["series"]) == ([], [])


def test_a41_a_batch_counts_once_however_it_comes(story: World) -> None:
    assert (story["session"].status, results(story["session"])) == (201, ["accepted"] * 3)
    again = send(story["reader"], "S1", BATCH)
    assert (again.status, results(again), again.json["rev"]) == (200, ["duplicate"] * 3, story["session"].json["rev"])
    assert story["reader"].get(PROFILE).body == story["profile"].body
    bodies = set()
    for order in permutations(BATCH):
        for cuts in ([3], [1, 2], [2, 1], [1, 1, 1]):
            one, left = reader(story, f"a41 {[each['attempt_id'] for each in order]} {cuts}"), list(order)
            for cut in cuts:
                assert results(send(one, "S1", left[:cut])) == ["accepted"] * cut
                del left[:cut]
            bodies.add(one.get(PROFILE).body)
    for turn in range(4):
        one = reader(story, f"a41 parallel {turn}")
        with ThreadPoolExecutor(3) as pool:
            sent = list(pool.map(lambda each: send(one, "S1", [each]), BATCH))  # noqa: B023 - used at once
        assert [results(reply) for reply in sent] == [["accepted"]] * 3
        bodies.add(one.get(PROFILE).body)
    (body,) = bodies
    assert Reply(200, {}, body).json["skills"] == story["profile"].json["skills"]


def test_a41_another_result_is_a_conflict_and_changes_nothing(story: World) -> None:
    one = reader(story, "a41 conflict")
    send(one, "S1", BATCH)
    rows, before = story.rows(), one.get(PROFILE).body
    reply = send(one, "S1", [{**T2, "correct": False}])
    assert (reply.status, results(reply)) == (200, ["conflict"])
    assert (one.get(PROFILE).body, story.rows()) == (before, rows)


def test_a42_impossible_times_cost_the_others_nothing(story: World) -> None:
    one, now = reader(story, "a42"), story.clock.now()
    reply = send(
        one,
        "S1",
        [
            answer("far", "q-embodiment-1", "2030-01-01T00:00:00Z", True),
            answer("soon", "q-embodiment-1", told(now + timedelta(minutes=5, seconds=1)), True),
            answer("fast-clock", "q-embodiment-2", told(now + timedelta(minutes=5)), True),
            answer("old", "q-embodiment-3", told(now - timedelta(days=91)), True),
            answer("just-old", "q-embodiment-3", told(now - timedelta(days=90, seconds=1)), True),
            answer("not-old", "q-embodiment-4", told(now - timedelta(days=90)), True),
        ],
    )
    assert [(each["result"], each["code"]) for each in reply.json["results"]] == [
        ("invalid", "in_the_future"),
        ("invalid", "in_the_future"),
        ("accepted", None),
        ("invalid", "too_old"),
        ("invalid", "too_old"),
        ("accepted", None),
    ]
    assert embodiment(one)["attempts"] == 2


def test_a44_too_little_is_null_with_a_cause(story: World) -> None:
    found = story["profile"].json
    assert (found["learning_velocity"], found["retention"], found["weaknesses"]) == (None, None, [])
    assert (
        found["why"].items()
        >= {
            "learning_velocity": "too_few_attempts",
            "retention": "no_repeats_after_gaps",
        }.items()
    )
    nulls = {name for name in ("learning_velocity", "consistency", "adaptability", "retention") if found[name] is None}
    assert set(found["why"]) == nulls


def test_a45_the_evidence_replays_to_the_last_digit(story: World) -> None:
    found = embodiment(story["reader"])
    assert [row["attempt_id"] for row in found["evidence"]] == ["T1", "T2", "T3"]
    ability, state = NEW_ABILITY, NEW_SKILL
    for row in found["evidence"]:
        assert (row["skills"], row["parameters"]) == (["embodiment"], 0)
        assert row["before"] == rating(START, "embodiment", ability, state)
        item = START.item(row["item_id"], row["difficulty"])
        after = model.update(START, item, row["skills"], ability, [state], row["score"], row["weight"])
        ability, (state,) = after.ability, after.skills
        assert (row["p"], row["after"]) == (after.p, rating(START, "embodiment", ability, state))
    assert found["rating"] == round(found["evidence"][-1]["after"], 1)
    assert found["rating"] == story["profile"].json["skills"]["embodiment"]["rating"]
    assert (found["source"], found["attempts"], found["late"]) == ("evidence", 3, [])


def test_a46_another_profile_is_another_set(story: World) -> None:
    before, after = story["before practice"], story["after practice"]
    assert after.json["set_id"] != before.json["set_id"]
    assert SENSORS not in {item["item"] for item in after.json["items"]}
    mastery = story["profile"].json["skills"]["embodiment"]["mastery"]
    assert mastery < 0.6
    why = dropped(after)[SENSORS]
    assert why["rule"] == "prerequisite"
    assert why["params"].items() >= {"skill": "embodiment", "need": 0.6, "has": pytest.approx(mastery)}.items()


def test_a47_the_lesson_comes_with_the_session_that_passed(story: World) -> None:
    one, opened = reader(story, "a47"), []
    for turn in range(12):
        send(one, f"S{turn}", answers(story, [f"q-embodiment-{turn % 7 + 1}"]))
        mastery = embodiment(one)["mastery"]
        shown = recommended(one, count=20, time_available=1440, kinds="learn")
        rules = {item: each["rule"] for item, each in dropped(recommended(one, explain="full")).items()}
        opened.append(mastery >= 0.6)
        assert (SENSORS in {item["item"] for item in shown.json["items"]}) == opened[-1]
        assert (rules.get(SENSORS) == "prerequisite") != opened[-1]
        story.clock.advance(minutes=1)
    assert opened == sorted(opened)
    assert opened[0] is False
    assert opened[-1] is True


def test_a48_what_a_session_closed_is_closed(story: World) -> None:
    first = story["first"].json["items"][0]["id"]
    assert story["session"].json["recommendation"] == {"id": first, "status": "COMPLETED"}
    for action in ({"action": "decline", "reason": "too_easy"}, {"action": "accept"}):
        reply = respond(story["reader"], first, **action)
        assert (reply.status, reply.json["code"], reply.json["allowed"]) == (409, "illegal_action", [])


def test_a49_the_history_shows_the_effect_that_was_measured(story: World) -> None:
    (closed,) = story["history"].json["items"]
    assert (closed["id"], closed["status"]) == (story["first"].json["items"][0]["id"], "COMPLETED")
    rows = embodiment(story["reader"])["evidence"]
    before, after = rows[0]["before"], rows[2]["after"]
    assert closed["effect"] == {
        "skill": "embodiment",
        "before": round(before, 1),
        "after": round(after, 1),
        "observed": round(after - before, 1),
        "expected": None,
        "cause": None,
    }
    assert closed["opinion"] == {}


def late_one(world: World, name: str, ids: list[str]) -> Client:
    """Somebody with more answers than the window of evidence holds, sent in this order."""
    one, start = reader(world, name), world.clock.now() - timedelta(hours=3)
    sent = {
        f"{n}": answer(f"{n}", f"q-embodiment-{n % 7 + 1}", told(start + timedelta(minutes=n)), n % 3 > 0)
        for n in range(140)
    }
    for part in (ids[:70], ids[70:139], ids[139:]):
        assert set(results(send(one, "long", [sent[id_] for id_ in part]))) == {"accepted"}
    return one


def test_a45_an_answer_before_the_window_is_said_to_be_late(story: World) -> None:
    ids = [str(place) for place in range(140)]
    in_order, late = late_one(story, "in order", ids), late_one(story, "late", [*ids[1:], ids[0]])
    assert embodiment(in_order)["late"] == []
    assert embodiment(late)["late"] == ["0"]
    assert len(embodiment(late)["evidence"]) == 128
    until(lambda: late.get(PROFILE).body == in_order.get(PROFILE).body)
