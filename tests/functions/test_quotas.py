"""What a learner may have written for money in a day; what is there already is served to everybody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from attune.domain.budget import next_day
from attune.domain.lesson_text import LessonText
from attune.domain.principal import Principal
from attune.settings import settings
from attune.store import keys
from attune.store.quotas import LEASE, Quota
from tests.backends import Backend
from tests.builders import a_key, a_lesson, an_account, answers
from tests.doubles.faults import Faults
from tests.functions.conftest import Reply, World

TEXTS = {f"lesson-{number}": LessonText(a_lesson(f"Lesson {number}"), {}) for number in range(1, 5)}


@pytest.fixture
def paid(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A course of four lessons, a model that would be paid, two lessons a day for a guest and three for an account."""
    parts = [{"id": "p", "chapters": [{"id": "c", "lessons": [{"slug": slug} for slug in TEXTS]}]}]
    world = replace(world, course=replace(world.course, texts=TEXTS))
    world.publish(parts=parts, items=[], mistakes=[], templates=[])
    for name, value in (("writer", "openai"), ("model", "m-1"), ("model_api", "chat")):
        monkeypatch.setitem(settings.__dict__, name, value)
    settings._environment = {**settings._environment, "GENERATIONS_GUEST": "2", "GENERATIONS_ACCOUNT": "3"}
    return world


def ask(world: World, who: Principal, number: int, **body: bool) -> Reply:
    return world.call("personalize_lesson", who, {"lesson_slug": f"lesson-{number}", **body})


def reasons(reply: Reply) -> set[str | None]:
    return {section.get("reason") for section in reply.json.get("sections", ())}


def test_i01_over_the_days_lessons_there_are_originals_and_no_call(paid: World) -> None:
    for who, most in ((paid.guest(**answers()), 2), (paid.reader(experience="much"), 3)):
        assert [ask(paid, who, number).status for number in range(1, most + 1)] == [202] * most
        assert len(paid.messages()) == 3 * most
        over = ask(paid, who, most + 1)
        assert (over.status, reasons(over)) == (200, {"budget"})
        assert over.json["personalized_content"] == paid.course.texts[f"lesson-{most + 1}"].content
        seen = paid.call("get_personalized", who, path=f"/api/personalize/lesson-{most + 1}")
        assert (seen.status, reasons(seen)) == (200, {"budget"})
        assert paid.messages() == []
        # What was begun is still theirs, and what others have begun or read costs nothing.
        assert ask(paid, who, 1).status == 202
        paid.clock.advance((next_day(paid.clock.now()) - paid.clock.now()) / timedelta(seconds=1))
        assert ask(paid, who, most + 1).status == 202
        paid.messages()


def test_what_somebody_else_began_uses_nothing_up(paid: World) -> None:
    first, second = paid.guest(**answers()), paid.guest(**answers())
    for number in (1, 2):
        ask(paid, first, number)
        assert ask(paid, second, number).status == 202
    assert ask(paid, first, 3).status == 200
    assert ask(paid, second, 3).status == 202
    assert ask(paid, first, 3).status == 202


def test_another_text_that_may_not_be_written_is_not_used_up(paid: World) -> None:
    who = paid.guest(**answers())
    ask(paid, who, 1)
    ask(paid, who, 2)
    assert reasons(ask(paid, who, 1, regenerate=True)) == {"budget"}
    other = paid.reader()
    assert ask(paid, other, 1, regenerate=True).status == 202
    assert ask(paid, who, 1, regenerate=True).status == 202


def test_the_built_in_writer_has_no_quota(paid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.__dict__, "writer", "rules")
    who = paid.guest(**answers())
    assert [ask(paid, who, number).status for number in range(1, 5)] == [202] * 4


def test_i03_a_thousand_guests_ask_for_no_more_than_personas_times_sections(paid: World) -> None:
    """Here 40 of two personas, since each is a request; the bound does not know how many they are."""
    for turn in range(40):
        guest = paid.guest(**answers(experience=["none", "much"][turn // 4 % 2]))
        ask(paid, guest, 1 + turn % 4)
    assert len(paid.messages()) == 2 * 4 * 3


def test_i04_a_place_that_nobody_kept_comes_back(paid: World, backend: Backend) -> None:
    quota, now = Quota(an_account(), 1), paid.clock.now()
    dead, other = a_key(), a_key()
    assert quota.take(dead, now)
    assert not quota.take(other, now + timedelta(seconds=LEASE - 1))
    assert quota.take(dead, now + timedelta(seconds=LEASE - 1))
    assert quota.take(other, now + timedelta(seconds=LEASE + 1))
    quota.keep(other, now + timedelta(seconds=LEASE + 1))
    quota.keep(dead, now + timedelta(seconds=LEASE + 1))
    later = now + timedelta(hours=3)
    assert quota.take(other, later)
    assert not quota.take(dead, later)
    (row,) = (row for row in backend.rows(keys.user(quota.principal.learner).pk) if row["kind"]["S"] == "quota")
    assert set(row["lessons"]["M"]) == {other[:24]}


@pytest.mark.parametrize("kind", ["lost_after", "lost_before", "server_error"])
def test_a_lost_answer_takes_one_place(paid: World, backend: Backend, kind: str) -> None:
    who = paid.guest(**answers())
    with backend.faulty(kind, "UpdateItem"):
        assert ask(paid, who, 1).status == 202
    assert [ask(paid, who, number).status for number in (2, 3)] == [202, 200]


def test_a_queue_that_is_down_takes_one_place(paid: World) -> None:
    from attune.edge import aws

    who, faults = paid.guest(**answers()), Faults()
    faults.plan("denied", "SendMessageBatch", times=50)
    with faults.on(aws.client("sqs")):
        ask(paid, who, 1).problem(503, "queue_unavailable")
    assert [ask(paid, who, number).status for number in (1, 2, 3)] == [202, 202, 200]
