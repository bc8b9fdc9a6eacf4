"""A reader asks for a lesson: ready where anybody like them has read it, else it is written meanwhile."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from attune.domain.hashing import content_hash
from attune.domain.lesson_text import LessonText
from attune.domain.principal import Principal
from attune.domain.section import GATE_VERSION
from attune.edge import aws
from attune.store import keys
from tests.backends import Backend
from tests.builders import a_guest, a_lesson, an_account, answers, sqs_event
from tests.doubles.faults import Faults
from tests.functions.conftest import Reply, World, invoke


def ask(world: World, who: Principal, prefer: str = "", **body: Any) -> Reply:
    headers: dict[str, Any] = {"prefer": prefer} if prefer else {}
    return world.call("personalize_lesson", who, {"lesson_slug": world.slug, **body}, **headers)


def test_the_first_of_a_kind_is_told_to_look_again(world: World) -> None:
    reply = ask(world, world.reader())
    assert (reply.status, reply.headers["Location"], reply.headers["Retry-After"]) == (
        202,
        f"/api/personalize/{world.slug}",
        "2",
    )
    assert reply.json == {
        "lesson_slug": world.slug,
        "status": "pending",
        "sections_ready": 0,
        "sections_total": 3,
        "sections": [],
        "adapted_by": None,
        "retry_after": 2,
    }
    messages = world.messages()
    assert len(messages) == 3
    for message in messages:
        body = json.loads(message["Body"])
        assert set(body) == {"type", "schema", "variant", "section"}
        assert len(message["Body"]) < 1024
        sent_by = message["MessageAttributes"]["correlation_id"]["StringValue"]
        assert sent_by == reply.headers["X-Request-Id"]


def test_a_message_and_what_is_shared_say_nothing_of_who_asked(world: World, backend: Backend) -> None:
    who = world.reader()
    ask(world, who)
    bodies = [message["Body"] for message in world.messages()]
    variant = json.loads(bodies[0])["variant"]
    shared = json.dumps([bodies, [str(row) for row in backend.rows(keys.variant(variant).pk)]])
    assert who.subject not in shared
    assert "build" not in shared


def test_what_was_written_is_served_whole(world: World) -> None:
    who = world.reader()
    ask(world, who)
    assert world.work() == []
    reply = ask(world, who)
    lesson = reply.json
    assert (reply.status, lesson["status"], lesson["cached"]) == (200, "ready", True)
    assert [(section["id"], section["state"]) for section in lesson["sections"]] == [
        (f"part-{number}", "written") for number in (1, 2, 3)
    ]
    content = lesson["personalized_content"]
    # For beginners: their block is in, the term is explained, and the directives are gone.
    assert content.count("Beginners start") == 3
    assert "Sensor (a device that measures)" in content
    assert ":::" not in content
    assert "reading_2 = sensor.read()" in content
    assert lesson["adapted_by"] == "rules"
    assert lesson["provenance"] == {"writer": "rules", "model": None, "prompt_version": "1", "gate": GATE_VERSION}
    assert lesson["content_hash"] == content_hash(world.course.texts[world.slug].content)
    assert (lesson["language"], lesson["direction"]) == ("en", "ltr")
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert reply.headers["Vary"] == "Authorization"


def test_who_is_alike_shares_the_text_and_has_a_frame_of_their_own(world: World) -> None:
    first = world.reader(aims=["build"])
    ask(world, first)
    world.work()
    second = ask(world, world.reader(aims=["study"], experience="some"))
    assert (second.status, second.json["cached"], world.messages()) == (200, True, [])
    mine = ask(world, first)
    assert second.json["personalized_content"] == mine.json["personalized_content"]
    assert "Build a robot" in mine.json["frame"]["introduction"]
    assert "Build a robot" not in second.json["frame"]["introduction"]
    assert mine.headers["ETag"] != second.headers["ETag"]


def test_i03_and_i10_many_who_are_alike_are_one_message_a_section(world: World) -> None:
    readers = [world.reader() for _ in range(12)]
    assert {ask(world, reader).status for reader in readers} == {202}
    assert len(world.messages()) == 3
    guests = [world.guest(**answers()) for _ in range(12)]
    assert {ask(world, guest).status for guest in guests} == {202}
    assert world.messages() == []


def test_i05_answers_that_go_back_and_forth_are_two_texts_at_most(world: World) -> None:
    who, sent = world.reader(), 0
    for turn in range(12):
        world.call("update_answers", who, {"experience": ("none", "much")[turn % 2]})
        assert ask(world, who).status in (200, 202)
        waiting = world.messages()
        sent += len(waiting)
        for message in waiting:
            assert invoke("write_section", sqs_event(message["Body"])) == {"batchItemFailures": []}
    assert sent == 6


def test_who_differs_gets_a_text_of_their_own(world: World) -> None:
    ask(world, world.reader())
    world.work()
    who = world.reader(experience="much")
    assert ask(world, who).status == 202
    world.work()
    content = ask(world, who).json["personalized_content"]
    assert "Beginners" not in content
    assert "a device that measures" not in content


def test_a_reader_of_another_language_gets_the_authors_translation(world: World) -> None:
    who = world.reader(language="ur")
    ask(world, who)
    assert world.work() == []
    lesson = ask(world, who).json
    assert (lesson["language"], lesson["direction"]) == ("ur", "rtl")
    assert {section["state"] for section in lesson["sections"]} == {"written"}
    assert "یہ آلہ" in lesson["personalized_content"]


def test_without_a_translation_rules_leave_the_original_and_say_why(world: World) -> None:
    text = LessonText(world.course.texts[world.slug].content, {})
    changed = replace(world, course=replace(world.course, texts={world.slug: text}))
    changed.publish()
    who = world.reader(language="ur")
    ask(world, who)
    assert world.work() == []
    lesson = ask(world, who).json
    assert {(section["state"], section["reason"]) for section in lesson["sections"]} == {("original", "no_translation")}


def test_while_it_is_written_asking_again_sends_nothing_again(world: World) -> None:
    who = world.reader()
    for reader in (who, who, world.reader(), world.reader(experience="some")):
        assert ask(world, reader).status == 202
    assert len(world.messages()) == 3


def test_f10_a_lost_message_is_sent_again_once_the_lease_is_over(world: World) -> None:
    who = world.reader()
    ask(world, who)
    lost = {message["Body"] for message in world.messages()}
    world.clock.advance(74)
    ask(world, who)
    assert world.messages() == []
    world.clock.advance(2)
    ask(world, who)
    ask(world, world.reader())
    assert {message["Body"] for message in world.messages()} == lost


def test_sections_show_as_they_arrive(world: World) -> None:
    who = world.reader()
    ask(world, who)
    bodies = [message["Body"] for message in world.messages()]
    for count, body in enumerate(bodies[:2], start=1):
        assert invoke("write_section", sqs_event(body)) == {"batchItemFailures": []}
        reply = ask(world, who)
        assert (reply.status, reply.json["sections_ready"], reply.json["sections_total"]) == (202, count, 3)
        assert all(section["content"].startswith("## Part") for section in reply.json["sections"])
    invoke("write_section", sqs_event(bodies[2]))
    assert ask(world, who).status == 200


@pytest.mark.parametrize("kind", ["denied", "throttle_sqs", "server_error", "reset", "hang"])
def test_a_queue_that_is_down_is_503_and_the_next_request_sends(world: World, kind: str) -> None:
    who, faults = world.reader(), Faults()
    faults.plan(kind, "SendMessageBatch", times=math.inf)
    with faults.on(aws.client("sqs")):
        reply = ask(world, who)
    reply.problem(503, "queue_unavailable")
    assert int(reply.headers["Retry-After"]) > 0
    assert faults.met[kind] <= 3
    assert ask(world, who).status == 202
    assert len(world.messages()) == 3


def test_f09_messages_sent_twice_because_an_answer_was_lost_are_written_once(world: World) -> None:
    who, faults = world.reader(), Faults()
    faults.plan("lost_after", "SendMessageBatch")
    with faults.on(aws.client("sqs")):
        assert ask(world, who).status == 202
    assert world.work() == []
    assert ask(world, who).status == 200


# ---- Waiting


def test_who_prefers_to_wait_gets_it_once_it_is_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        world.clock.advance(seconds)
        if len(slept) == 4:
            world.work()

    monkeypatch.setattr(world.clock, "sleep", sleep)
    reply = ask(world, world.reader(), prefer="respond-async, wait=5")
    assert (reply.status, reply.json["cached"], len(slept)) == (200, False, 4)


@pytest.mark.parametrize(("prefer", "most"), [("wait=3", 3), ("wait=60", 8), ("wait=0", 0), ("wait=x", 0), ("", 0)])
def test_patience_ends(world: World, prefer: str, most: int) -> None:
    assert ask(world, world.reader(), prefer=prefer).status == 202
    assert sum(world.clock.slept) == most


# ---- Who gets nothing written


def test_before_onboarding_the_original_is_served(world: World) -> None:
    for who in (an_account(), world.guest()):
        reply = ask(world, who)
        assert reply.status == 200
        assert reply.json["personalized_content"] == world.course.texts[world.slug].content
        assert {section["reason"] for section in reply.json["sections"]} == {"onboarding_incomplete"}
        assert {section["state"] for section in reply.json["sections"]} == {"original"}
        assert reply.json["provenance"]["writer"] is None
        assert reply.json["adapted_by"] is None
        assert reply.json["generated_at"] is None
    assert world.messages() == []


def test_with_personalization_off_the_original_is_served(world: World, backend: Backend) -> None:
    who = world.reader()
    backend.change(keys.settings(who.learner, world.course.id), "SET personalization = :p", p={"BOOL": False})
    reply = ask(world, who, regenerate=True)
    assert reply.status == 200
    assert {section["reason"] for section in reply.json["sections"]} == {"personalization_off"}
    assert world.messages() == []
    assert [row["kind"]["S"] for row in backend.rows(keys.user(who.learner).pk)].count("pointer") == 0


# ---- What is refused


def test_another_original_is_refused_and_the_same_is_fine(world: World) -> None:
    who, text = world.reader(), world.course.texts[world.slug].content
    ask(world, who, original_content=text + " ").problem(409, "content_changed")
    assert world.messages() == []
    assert ask(world, who, original_content=text).status == 202


def test_lessons_and_courses_that_are_not_there_are_404(world: World) -> None:
    who = world.reader()
    ask(world, who, lesson_slug="no-such-lesson").problem(404, "unknown_lesson")
    world.call("personalize_lesson", who, {"lesson_slug": world.slug}, query={"course": "no-such-course"}).problem(
        404, "unknown_course"
    )


@pytest.mark.parametrize("slug", ["", "UPPER", "a#b", "a/b/c/d/e", 7, None])
def test_what_is_no_slug_is_refused(world: World, slug: object) -> None:
    flaws = ask(world, world.reader(), lesson_slug=slug).problem(422, "invalid")["errors"]
    assert [flaw["pointer"] for flaw in flaws] == ["/lesson_slug"]


def test_nobody_else_may_be_named(world: World) -> None:
    who, other = world.reader(), world.reader()
    ask(world, who, user_id=other.subject).problem(404, "not_found")
    assert ask(world, who, user_id=who.subject).status == 202
    world.call("personalize_lesson", None, {"lesson_slug": world.slug}).problem(401, "token_missing")


# ---- Another text


def test_another_text_is_to_be_had_once_a_day(world: World) -> None:
    who = world.reader()
    ask(world, who)
    world.work()
    first = ask(world, who)
    assert ask(world, who, regenerate=True).status == 202
    assert world.work() == []
    second = ask(world, who)
    assert (second.status, second.headers["ETag"] != first.headers["ETag"]) == (200, True)
    world.clock.advance(3600)
    refused = ask(world, who, regenerate=True)
    refused.problem(429, "regenerated_today")
    assert 82_000 < int(refused.headers["Retry-After"]) <= 86_400
    assert ask(world, who).status == 200
    world.clock.advance(23 * 3600)
    assert ask(world, who, regenerate=True).status == 202


@pytest.mark.parametrize("kind", ["guest", "account"])
def test_who_has_told_nothing_gets_another_text_in_a_course_that_asks_nothing(world: World, kind: str) -> None:
    text = LessonText("# Lesson 1\n\n## One\n\nA sensor measures.\n", {})
    silent = replace(world, course=replace(world.course, texts={world.slug: text}))
    silent.publish(questionnaire=[], persona={}, writing={}, language_question=None)
    who = world.guest() if kind == "guest" else an_account()
    ask(world, who)
    world.work()
    assert ask(world, who, regenerate=True).status == 202
    world.work()
    assert ask(world, who).status == 200
    ask(world, who, regenerate=True).problem(429, "regenerated_today")
    assert world.call("get_preferences", who).json["is_default"] is True
    ask(world, a_guest(), regenerate=True).problem(401, "unknown_user")


def test_whoever_did_not_ask_for_another_text_keeps_theirs(world: World) -> None:
    who, other = world.reader(), world.reader()
    for reader in (who, other):
        ask(world, reader)
    world.work()
    before = ask(world, other).headers["ETag"]
    ask(world, who, regenerate=True)
    world.work()
    assert ask(world, other).headers["ETag"] == before


def test_i05_texts_come_round_so_that_their_number_is_bounded(world: World) -> None:
    who, tags = world.reader(), []
    for _ in range(5):
        world.clock.advance(86_400)
        if ask(world, who, regenerate=True).status == 202:
            world.work()
        tags.append(ask(world, who).headers["ETag"])
    assert len(set(tags)) == 4
    assert tags[4] == tags[0]


def test_a_refused_lesson_uses_up_no_regeneration(world: World) -> None:
    who = world.reader()
    ask(world, who, regenerate=True, lesson_slug="no-such-lesson").problem(404, "unknown_lesson")
    ask(world, who, regenerate=True, original_content="x").problem(409, "content_changed")
    assert ask(world, who, regenerate=True).status == 202


# ---- Everything changes


def test_changed_answers_change_the_text(world: World) -> None:
    who = world.reader()
    ask(world, who)
    world.work()
    world.call("update_answers", who, {"experience": "much"})
    assert ask(world, who).status == 202
    world.work()
    assert "Beginners" not in ask(world, who).json["personalized_content"]
    world.call("update_answers", who, {"experience": "none"})
    assert ask(world, who).status == 200
    assert world.messages() == []


def test_a_new_text_of_the_lesson_is_never_answered_with_the_old_one(world: World) -> None:
    who = world.reader()
    ask(world, who)
    world.work()
    text = LessonText(a_lesson("Lesson 1", words="brand new"), {})
    replace(world, course=replace(world.course, texts={world.slug: text})).publish()
    reply = ask(world, who)
    assert reply.status == 202
    world.work()
    lesson = ask(world, who).json
    assert lesson["content_hash"] == content_hash(text.content)
    assert lesson["personalized_content"].count("brand new") == 3


def test_after_an_edit_the_other_sections_stay_and_the_changed_one_is_never_the_old_one(world: World) -> None:
    """Text after text: what is shown is of the new source, and who asks gets what is written as it comes."""
    before = world.course.texts[world.slug].content
    readers = [world.reader(), world.reader(experience="much")]
    for who in readers:
        ask(world, who)
    world.work()
    kept = ask(world, readers[0]).json["personalized_content"]
    assert "reading_2 = sensor.read()" in kept
    text = LessonText(before.replace("reading_2 = sensor.read()", "reading_two = sensor.read()"), {})
    assert text.content != before
    replace(world, course=replace(world.course, texts={world.slug: text})).publish()
    for who in readers:
        reply = ask(world, who)
        assert (reply.status, reply.json["sections_ready"], reply.json["sections_total"]) == (202, 2, 3)
        assert [section["id"] for section in reply.json["sections"]] == ["part-1", "part-3"]
        assert reply.json["adapted_by"] == "rules"
        assert "reading_2 =" not in reply.body
        messages = world.messages()
        assert len(messages) == 1
        for message in messages:
            assert invoke("write_section", sqs_event(message["Body"])) == {"batchItemFailures": []}
        after = ask(world, who).json
        assert after["content_hash"] == content_hash(text.content)
        assert "reading_two = sensor.read()" in after["personalized_content"]
        assert "reading_2 =" not in after["personalized_content"]
    # Switched back, the texts of the earlier version are there, and none of the later one is.
    world.publish()
    assert ask(world, readers[0]).json["personalized_content"] == kept
    assert world.messages() == []


def test_a_version_that_leaves_the_lesson_alone_writes_nothing_anew(world: World) -> None:
    who = world.reader()
    ask(world, who)
    world.work()
    before = ask(world, who).json["personalized_content"]
    world.publish(title="Second")
    after = ask(world, who)
    assert (after.status, after.json["personalized_content"], world.messages()) == (200, before, [])


def test_a_guest_that_is_no_more_is_told_so(world: World) -> None:
    ask(world, a_guest()).problem(401, "unknown_user")


def test_a_new_text_is_not_used_up_by_a_queue_that_is_down(world: World) -> None:
    who, faults = world.reader(), Faults()
    ask(world, who)
    world.work()
    faults.plan("denied", "SendMessageBatch", times=math.inf)
    with faults.on(aws.client("sqs")):
        ask(world, who, regenerate=True).problem(503, "queue_unavailable")
    again = ask(world, who, regenerate=True)
    assert again.status == 202
    assert len(world.messages()) == again.json["sections_total"]
