"""At night the lesson is prepared that a learner is likely to open next: once for all like them, within a budget."""

from typing import Any, cast

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from attune.actions import prepare_lesson
from attune.actions.prepare_lesson import Preparer
from attune.domain import likely
from attune.domain.budget import Price, estimated
from attune.domain.course import Course
from attune.domain.messages import SectionMessage
from attune.domain.principal import Principal
from attune.domain.recommendations.ledger import NO_LEDGER, Ledger
from attune.domain.section import Style
from attune.edge import aws
from attune.settings import settings
from attune.store import budgets, courses, keys, learner_course, learner_settings, parameters
from attune.store.items import Item
from attune.writers.style import current
from tests.backends import Backend
from tests.builders import an_account, answers, sqs_event
from tests.doubles.faults import Faults
from tests.doubles.tap import Send
from tests.functions.conftest import World, invoke
from tests.functions.night import Death, Night, at, books, look, practise, to

MODEL = Style("openai", "m-1", "chat", "7")
PRICE = Price(0.15, 0.60)


@pytest.fixture
def course(world: World, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setattr(keys, "SHARDS", 1)
    parameters.forget()
    budgets.forget()
    prepare_lesson.forget()
    return courses.load_current(world.course.id, world.clock.now())


def learners(world: World, course: Course, count: int, **told: Any) -> list[Principal]:
    """Learners with the same answers, who practised today."""
    made = []
    for _ in range(count):
        who = an_account()
        learner_settings.submit_answers(who, course.id, answers(**told), world.clock.now())
        practise(course, world.clock, who)
        look(course, world.clock, who)
        made.append(who)
    return made


def a_night(world: World, sent: list[SectionMessage], style: Style | None = None, limit: int | None = 10**6) -> Night:
    made = Preparer(style or current(settings), PRICE, limit, sent.extend, world.clock)
    return Night(world.clock, prepare=made.prepare)


def slug_for(course: Course, who: Principal, world: World) -> str:
    found = likely.lesson(course, learner_course.read(who, course.id, world.clock.now()).ledger)
    assert found is not None
    return found


def test_a58_in_the_morning_the_first_request_is_served_at_once(world: World, course: Course) -> None:
    """Through the real functions and the queues between them."""
    settings._environment = {**settings._environment, "BUDGET_PREPARED": "0.1"}
    made = [*learners(world, course, 2), *learners(world, course, 1, experience="much")]
    to(world.clock, at(6))
    invoke("plan_refresh", {"job": "StartRefresh", "time": "2031-05-06T02:00:00Z"})
    while bodies := [message["Body"] for message in world.messages(world.jobs)]:
        assert not [failed for body in bodies for failed in invoke("run_job", sqs_event(body))["batchItemFailures"]]
    assert world.work() == []
    to(world.clock, at(6, hour=8))
    for who in made:
        reply = world.call("personalize_lesson", who, {"lesson_slug": slug_for(course, who, world)})
        assert (reply.status, reply.json["cached"], reply.json["adapted_by"]) == (200, True, "rules")
    assert world.messages() == []


def test_a58_once_for_all_with_one_persona(world: World, course: Course) -> None:
    sent: list[SectionMessage] = []
    made = [*learners(world, course, 4), *learners(world, course, 2, experience="much")]
    to(world.clock, at(6))
    night = a_night(world, sent)
    night.whole()
    assert (night.reports, night.dead) == ([], [])
    assert len(sent) == 2 * 3
    for message in sent:
        assert invoke("write_section", sqs_event(message.to_json())) == {"batchItemFailures": []}
    to(world.clock, at(6, hour=8))
    for who in made:
        reply = world.call("personalize_lesson", who, {"lesson_slug": slug_for(course, who, world)})
        assert (reply.status, reply.json["cached"], reply.json["adapted_by"]) == (200, True, "rules")
    assert world.messages() == []
    # The next night finds all of it there.
    to(world.clock, at(7))
    again: list[SectionMessage] = []
    a_night(world, again).whole()
    assert again == []


def test_who_gets_originals_has_nothing_prepared(world: World, course: Course, backend: Backend) -> None:
    (off,) = learners(world, course, 1)
    backend.change(keys.settings(off.learner, course.id), "SET personalization = :p", p={"BOOL": False})
    untold = practise(course, world.clock)
    look(course, world.clock, untold)
    to(world.clock, at(6))
    sent: list[SectionMessage] = []
    a_night(world, sent).whole()
    assert sent == []
    learners(world, course, 1)
    to(world.clock, at(7))
    a_night(world, sent, limit=None).whole()
    assert sent == []


def test_a_night_plans_no_more_than_its_budget(world: World, course: Course, backend: Backend) -> None:
    text = courses.text(course.id, world.slug, course.lessons[world.slug].text_id, world.clock.now())
    most = PRICE.of(estimated(text.content) + estimated("") + estimated(""))
    personas: list[dict[str, Any]] = [{"experience": e, "hardware": h} for e in ("none", "much") for h in (True, False)]
    for told in personas:
        learners(world, course, 2, **told)
    to(world.clock, at(6))
    sent: list[SectionMessage] = []
    night = a_night(world, sent, MODEL, 2 * most + 100)
    night.whole()
    assert len(sent) == 2 * 3
    assert books(backend, at(6)) == {"learners": 8, "done": 8, "failed": 0}
    assert budgets.spending(world.clock.now()).spent == 0
    # What was left over is prepared the night after; what was not written since is sent once more.
    to(world.clock, at(7))
    a_night(world, sent, MODEL, 2 * most + 100).whole()
    assert len({message.variant for message in sent}) == 4
    assert len(sent) == (2 + 4) * 3


def test_a_reader_who_was_faster_pays(world: World, course: Course) -> None:
    limit = 100_000
    allowance = prepare_lesson.Allowance(60_000, limit)
    assert allowance.take("k", world.clock.now())
    assert not allowance.take("k", world.clock.now())
    allowance.give_back("k", world.clock.now())
    assert allowance.take("k", world.clock.now())


def test_a_lost_answer_plans_once(world: World, course: Course, backend: Backend) -> None:
    allowance, now = prepare_lesson.Allowance(60_000, 150_000), world.clock.now()
    budgets.plan_night(0, None, now)
    with backend.faulty("lost_after", "UpdateItem"):
        assert allowance.take("k", now)
    assert allowance.take("k", now)
    assert not allowance.take("k", now)


def test_a_queue_that_is_down_does_not_hold_a_night_up(world: World, course: Course, backend: Backend) -> None:
    settings._environment = {**settings._environment, "BUDGET_PREPARED": "0.1"}
    learners(world, course, 2)
    to(world.clock, at(6))
    invoke("plan_refresh", {"job": "StartRefresh", "time": "2031-05-06T02:00:00Z"})
    (page,) = [message["Body"] for message in world.messages(world.jobs)]
    faults = Faults()
    faults.plan("denied", "SendMessageBatch", times=50, when=lambda sent: sent["QueueUrl"] == world.queue)
    with faults.on(aws.client("sqs")):
        assert invoke("run_job", sqs_event(page)) == {"batchItemFailures": []}
    assert faults.met["denied"] == 2
    assert books(backend, at(6)) == {"learners": 2, "done": 2, "failed": 0}
    # A reader has it sent.
    who = learners(world, course, 1)[0]
    assert world.call("personalize_lesson", who, {"lesson_slug": slug_for(course, who, world)}).status == 202
    assert len(world.messages()) == 3


class DeathOverTexts(Death):
    """Dies at a call for what is shared: the rest of a night is tried in test_refresh.py."""

    def send(self, client: Any, operation: str, request: AWSPreparedRequest, go_on: Send) -> AWSResponse:
        shared = any(name in cast("bytes", request.body) for name in (b"VARIANT#", b"SECTION#"))
        return super().send(client, operation, request, go_on) if shared else go_on()


@pytest.mark.parametrize("after", [False, True])
def test_wherever_a_worker_dies_the_lesson_is_prepared_in_the_end(
    world: World, course: Course, backend: Backend, published: tuple[Any, dict[str, Any]], after: bool
) -> None:
    for place in range(1, 5):
        backend.empty(published[1])
        budgets.forget()
        prepare_lesson.forget()
        to(world.clock, at(5, hour=12))
        (who,) = learners(world, course, 1)
        to(world.clock, at(6))
        sent: list[SectionMessage] = []
        night, death = a_night(world, sent), DeathOverTexts(at=place, after=after)
        night.fire()
        with death.on(Item):
            while night.waiting and death.calls < place:
                night.step()
        assert death.calls == min(place, 3), "one look at the variant, one plan, one look at its sections"
        # Another process goes on, once the queue lets the message come back.
        prepare_lesson.forget()
        world.clock.advance(360)
        night.work()
        assert {invoke("write_section", sqs_event(one.to_json()))["batchItemFailures"] == [] for one in sent} == {True}
        reply = world.call("personalize_lesson", who, {"lesson_slug": slug_for(course, who, world)})
        assert (reply.status, len({one.section for one in sent})) == (200, 3), place


def test_without_a_recommendation_it_is_the_first_that_is_not_finished(course: Course) -> None:
    slugs = list(course.lessons)
    assert likely.lesson(course, NO_LEDGER) == slugs[0]
    assert likely.lesson(course, Ledger(finished=dict.fromkeys(slugs, 1))) is None
