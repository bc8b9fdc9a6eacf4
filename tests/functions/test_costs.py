"""What each request costs at the table, as the engine reports it: round trips, read units, write units."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from attune.actions import publish_course
from attune.domain.course import Course
from attune.domain.instants import DAY_MS
from attune.domain.learning.parameters import START
from attune.domain.lesson_text import LessonText
from attune.domain.practice.attempt import Attempt
from attune.domain.practice.gist import Gist
from attune.domain.practice.log import Log
from attune.domain.practice.profile import Practice
from attune.domain.practice.replay import rebuild
from attune.domain.practice.state import NOTHING, PracticeState
from attune.domain.principal import Principal
from attune.store import courses, learner_changes, learner_course
from attune.store.learner_course import Changes
from tests import backends
from tests.backends import Backend
from tests.builders import NOW, a_key, a_lesson, a_uuid, an_account, an_id, answers
from tests.doubles.faults import Recorder
from tests.functions.conftest import World
from tests.functions.practising import at
from tools import course as folder
from tools.template import ROOT

Cost = tuple[int, float, float]

backend = backends.ministack_alone()


def settled(world: World) -> Principal:
    """A reader with every row there is: answers, preferences, a lesson that is ready and was read."""
    who = world.reader()
    world.call("put_preferences", who, {"challenge_level": 0.9})
    world.call("personalize_lesson", who, {"lesson_slug": world.slug})
    world.work()
    world.call("personalize_lesson", who, {"lesson_slug": world.slug})
    world.call("get_book")
    return who


LESSON = "/api/content/lessons/{slug}"
PERSONAL = "/api/personalize/{slug}"
ROUTES: list[tuple[str, str, object, dict[str, Any], Cost]] = [
    ("get_user", "GET", None, {"path": "/api/user/me"}, (1, 1.0, 0)),
    ("export_user", "GET", None, {"path": "/api/user/me/export"}, (2, 2.0, 0)),
    ("update_user", "PATCH", {"personalization": "off"}, {"path": "/api/user/me"}, (2, 1.0, 1.0)),
    ("get_book", "GET", None, {}, (1, 0.5, 0)),
    ("get_lesson", "GET", None, {"path": LESSON}, (2, 1.0, 0)),
    ("get_onboarding", "GET", None, {}, (1, 0.5, 0)),
    ("get_answers", "GET", None, {}, (1, 0.5, 0)),
    ("get_preferences", "GET", None, {}, (1, 0.5, 0)),
    ("get_answers", "not modified", None, {"if_none_match": "*"}, (1, 0.5, 0)),
    ("submit_onboarding", "again", answers(experience="much"), {}, (2, 0.5, 1.0)),
    ("update_answers", "PUT", {"experience": "some"}, {}, (1, 0, 1.0)),
    ("update_answers", "of a revision", {"experience": "some"}, {"if_match": '"1"'}, (1, 0, 1.0)),
    ("put_preferences", "PUT", {"challenge_level": 0.1}, {}, (1, 0, 1.0)),
    ("put_preferences", "half of a limit", {"session_length": 25}, {}, (1, 0, 1.0)),
    ("put_preferences", "extras", {"extras": {"seats": 3}}, {"if_match": '"1"'}, (1, 0, 1.0)),
    ("reset_preferences", "DELETE", None, {}, (1, 0, 1.0)),
    ("get_health", "GET", None, {}, (0, 0, 0)),
]


@pytest.mark.parametrize(("function", "case", "body", "more", "cost"), ROUTES, ids=lambda value: str(value)[:24])
def test_a_request_costs_what_it_should(
    world: World, backend: Backend, function: str, case: str, body: object, more: dict[str, Any], cost: Cost
) -> None:
    who = settled(world)
    wanted = {**more, "path": more["path"].replace("{slug}", world.slug)} if "path" in more else more
    with backend.watched() as calls:
        reply = world.call(function, who, body, **wanted)
    assert reply.status in (200, 304)
    assert (calls.round_trips, calls.read_units, calls.write_units) == cost


@pytest.mark.parametrize("function", ["get_personalized", "personalize_lesson"])
def test_a_lesson_that_is_ready_takes_two_round_trips(world: World, backend: Backend, function: str) -> None:
    who = settled(world)
    with backend.watched() as calls:
        if function == "get_personalized":
            reply = world.call(function, who, path=PERSONAL.replace("{slug}", world.slug))
        else:
            reply = world.call(function, who, {"lesson_slug": world.slug})
    assert reply.status == 200
    assert calls.operations == {"BatchGetItem": 1, "GetItem": 1}
    assert (calls.read_units, calls.write_units) == (2.0, 0)


def test_a_lesson_of_a_usual_size_stays_within_its_budget(world: World, backend: Backend) -> None:
    """The lessons of the two courses are of some 10 KB: packed, their variant fits into two read units or less."""
    text = LessonText(a_lesson("Lesson 1", sections=8, words=" ".join(a_key() for _ in range(12))), {})
    large = replace(world, course=replace(world.course, texts={world.slug: text}))
    large.publish()
    who = settled(large)
    with backend.watched() as calls:
        reply = world.call("get_personalized", who, path=f"/api/personalize/{world.slug}")
    assert len(reply.json["personalized_content"]) > 8_000
    assert calls.round_trips == 2
    assert calls.read_units <= 2.5


def test_a_guest_is_created_in_one_round_trip(world: World, backend: Backend) -> None:
    with backend.watched() as calls:
        assert world.call("create_user", None, {}).status == 201
    assert (calls.round_trips, calls.read_units, calls.write_units) == (1, 0, 2.0)


def test_a_guest_that_leaves_its_id_to_us_is_looked_for_under_its_key_first(world: World, backend: Backend) -> None:
    with backend.watched() as calls:
        assert world.call("create_user", None, {}, idempotency_key=a_key()).status == 201
    assert (calls.round_trips, calls.read_units, calls.write_units) == (2, 1.0, 4.0)


def test_a_guest_with_an_id_of_its_own_is_created_in_one_round_trip_under_a_key_too(
    world: World, backend: Backend
) -> None:
    with backend.watched() as calls:
        assert world.call("create_user", None, {"user_id": a_uuid()}, idempotency_key=a_key()).status == 201
    # The learner, the record, and that nobody of this id was erased.
    assert (calls.round_trips, calls.read_units, calls.write_units) == (1, 0, 6.0)


def test_a_token_is_renewed_with_one_write(world: World, backend: Backend) -> None:
    who = world.guest()
    with backend.watched() as calls:
        assert world.call("renew_token", who).status == 200
    assert (calls.round_trips, calls.read_units, calls.write_units) == (1, 0, 1.0)


def test_clearing_takes_a_look_at_the_learner_one_query_and_one_write(world: World, backend: Backend) -> None:
    who = settled(world)
    with backend.watched() as calls:
        assert world.call("clear_personalized", who).json == {"deleted_count": 1}
    assert calls.operations == {"GetItem": 1, "Query": 1, "BatchWriteItem": 1}
    with backend.watched() as calls:
        assert world.call("clear_personalized", who).json == {"deleted_count": 0}
    assert calls.operations == {"GetItem": 1, "Query": 1}


def test_waiting_readers_poll_the_variant_alone(world: World, backend: Backend) -> None:
    who = world.reader()
    world.call("personalize_lesson", who, {"lesson_slug": world.slug})
    trips = []
    for wait in ("wait=0", "wait=1"):
        with backend.watched() as calls:
            world.call("personalize_lesson", who, {"lesson_slug": world.slug}, prefer=wait)
        trips.append(calls.operations)
    more = trips[1] - trips[0]
    assert more == {"GetItem": 4, "BatchGetItem": 1}


@pytest.mark.parametrize("status", [401, 403, 413, 415, 422, 400])
def test_a_refused_request_costs_nothing(world: World, backend: Backend, status: int) -> None:
    who = settled(world)
    calls: dict[int, Callable[[], Any]] = {
        401: lambda: world.call("put_preferences", None, {}),
        403: lambda: world.call("publish_course", an_account(), {}, path=f"/api/admin/courses/{world.course.id}"),
        413: lambda: world.call("put_preferences", who, "x" * 300_000),
        415: lambda: world.call("put_preferences", who, {}, content_type="text/plain"),
        422: lambda: world.call("put_preferences", who, {"colour": "red"}),
        400: lambda: world.call("put_preferences", who, "{"),
    }
    with backend.watched() as watched:
        assert calls[status]().status == status
    assert watched.operations == {}


def test_history_does_not_make_a_request_dearer(world: World, backend: Backend) -> None:
    who = settled(world)
    for number in range(20):
        world.call("update_answers", who, {"experience": ["much", "none"][number % 2]})
        world.call("put_preferences", who, {"challenge_level": number / 20})
    world.call("personalize_lesson", who, {"lesson_slug": world.slug})
    for function, body, cost in (
        ("get_answers", None, (1, 0.5, 0)),
        ("put_preferences", {"challenge_level": 1}, (1, 0, 1.0)),
        ("personalize_lesson", {"lesson_slug": world.slug}, (2, 2.0, 0)),
    ):
        with backend.watched() as calls:
            world.call(function, who, body)
        assert (calls.round_trips, calls.read_units, calls.write_units) == cost


# Practice and recommendations: of the shipped courses, after few answers and after many -------------------------------

SHIPPED = ["poker", "physical-ai"]
HISTORIES = [10, 1000, 10_000]


@pytest.fixture(scope="module")
def shipped(backend: Backend) -> Callable[[str], Course]:
    """The shipped courses, published when they are asked for."""
    found: dict[str, Course] = {}

    def get(name: str) -> Course:
        if name not in found:
            id_, files = an_id(), folder.read(ROOT / "courses" / name)
            for lesson in files.lessons:
                publish_course.stage(id_, lesson.slug, LessonText(lesson.content, lesson.translations), NOW)
            publish_course.publish(id_, files.manifest, NOW)
            found[name] = courses.load_current(id_, NOW)
        return found[name]

    return get


@dataclass(frozen=True, slots=True)
class Seasoned:
    """Somebody who practises a course a dozen items a day, and asks through functions that are warm."""

    world: World
    backend: Backend
    course: Course
    who: Principal

    def ask(self, function: str, body: object = None, path: str | None = None, **query: str) -> tuple[Any, Recorder]:
        """The answer and what it took."""
        with self.backend.watched() as calls:
            reply = self.world.call(function, self.who, body, path=path, query={"course": self.course.id, **query})
        assert reply.status in (200, 201)
        return reply.json, calls

    def session(self, **more: Any) -> dict[str, Any]:
        """Ten answers in a sitting."""
        items = random.Random(5).sample(self.course.items, 10)
        attempts = [
            {"attempt_id": f"{place}", "item_id": item.id, "correct": place % 3 > 0, "at": at(seconds=-place)}
            for place, item in enumerate(items)
        ]
        return {"session_id": a_uuid(), "started_at": at(hours=1), "attempts": attempts, **more}


def following(made: dict[str, Any]) -> dict[str, Any]:
    """That a session follows the first recommendation of a set."""
    first = made["items"][0]
    return {"recommendation_id": first["id"], "item_id": first["item"]}


def seasoned(world: World, backend: Backend, course: Course, count: int) -> Seasoned:
    """Somebody with so many answers, the last of which was today, and a set of recommendations."""
    who = an_account()
    log, state = measured(course, count)
    rows = learner_course.read_all(who, course.id, None, NOW)
    learner_changes.write(rows, Changes(practice=Practice(Gist.of(state), {}, count), log=log), NOW, seen=True)
    found = Seasoned(world, backend, course, who)
    found.ask("list_recommendations")
    return found


_measured: dict[tuple[str, int], tuple[Log, PracticeState]] = {}


def measured(course: Course, count: int) -> tuple[Log, PracticeState]:
    """What so many answers come to, reckoned once: it takes seconds, and is the same for everybody."""
    if (course.id, count) not in _measured:
        _measured[course.id, count] = rebuild(NOTHING, list(attempts(course, count)), lambda _: START)
    return _measured[course.id, count]


def attempts(course: Course, count: int) -> Iterator[Attempt]:
    """A dozen answers a day until today."""
    rng = random.Random(1)
    opportunities = {item.id: tuple(m.id for m in course.mistakes if item.id in m.items) for item in course.items}
    for place in range(count):
        item, right = rng.choice(course.items), rng.random() < 0.75
        slips = opportunities[item.id]
        yield Attempt(
            session=f"{place // 12:08x}-0000-4000-8000-000000000000",
            id=str(place % 12),
            item=item.id,
            at=int(NOW.timestamp() * 1000) - DAY_MS * (count - place) // 12,
            score=float(right),
            skills=item.skills,
            difficulty=item.difficulty,
            categories=slips,
            duration_ms=20_000,
            mistake=slips[0] if slips and not right else None,
        )


def cost(calls: Recorder) -> Cost:
    return calls.round_trips, calls.read_units, calls.write_units


@pytest.fixture(params=SHIPPED)
def course(request: pytest.FixtureRequest, shipped: Callable[[str], Course]) -> Course:
    """Each of the shipped courses."""
    return shipped(request.param)


@pytest.mark.parametrize("history", HISTORIES)
def test_recommendations_that_stand_and_the_profile_are_one_small_read(
    world: World, backend: Backend, course: Course, history: int
) -> None:
    """Settings, profile, progress and recommendations: together under 4 KB, whatever the history."""
    who = seasoned(world, backend, course, history)
    for function in ("list_recommendations", "get_profile", "list_training_recommendations"):
        trips, read, written = cost(who.ask(function)[1])
        assert (trips, read, written) == (1, 0.5, 0)


def test_b52_what_a_learner_waits_for_takes_two_round_trips_at_most(
    world: World, backend: Backend, course: Course
) -> None:
    who, reader = seasoned(world, backend, course, 100), settled(world)
    with backend.watched() as lesson:
        assert world.call("get_personalized", reader, path=f"/api/personalize/{world.slug}").status == 200
    trips = {
        "unchanged": who.ask("list_recommendations")[1].round_trips,
        "recomputed": who.ask("list_recommendations", refresh="true")[1].round_trips,
        "lesson": lesson.round_trips,
        "session": who.ask("record_session", who.session())[1].round_trips,
    }
    assert trips == {"unchanged": 1, "recomputed": 2, "lesson": 2, "session": 2}


@pytest.mark.parametrize("history", HISTORIES)
def test_a_new_set_takes_two_round_trips(world: World, backend: Backend, course: Course, history: int) -> None:
    who = seasoned(world, backend, course, history)
    _, calls = who.ask("list_recommendations", refresh="true")
    assert calls.operations == {"Query": 1, "PutItem": 1}
    assert calls.round_trips == 2
    assert calls.read_units == 0.5
    assert calls.write_units <= 2


@pytest.mark.parametrize("history", HISTORIES)
def test_a_session_takes_two_round_trips_whatever_the_history(
    world: World, backend: Backend, course: Course, history: int
) -> None:
    who = seasoned(world, backend, course, history)
    made, _ = who.ask("list_recommendations")
    plain, calls = who.ask("record_session", who.session())
    assert plain["recommendation"] is None
    assert calls.operations == {"BatchGetItem": 1, "TransactWriteItems": 1}
    closing, more = who.ask(
        "record_session",
        body := who.session(**following(made)),
    )
    assert closing["recommendation"]["status"] == "COMPLETED"
    assert more.operations == {"BatchGetItem": 1, "TransactWriteItems": 1}
    _, again = who.ask("record_session", body)
    assert again.operations == {"BatchGetItem": 1}
    # Settings, profile, recommendations, progress, paths, log and session, read consistently; profile and log by size.
    assert calls.read_units == (7.0 if history == 10 else 8.0)
    if history > 10:
        assert calls.write_units <= 36
        assert more.write_units <= 42


def test_a_session_is_at_most_six_items_of_a_transaction(world: World, backend: Backend, course: Course) -> None:
    """Profile, log, session, the day, recommendations and one row of the history, however many wait for theirs."""
    who = seasoned(world, backend, course, 1000)
    made, _ = who.ask("list_recommendations")
    for one in made["items"][1:]:
        answer = {"recommendation_id": one["id"], "action": "decline"}
        assert cost(who.ask("answer_recommendation", answer)[1])[0] == 1
    sizes = []
    for more in (following(made), *[{}] * len(made["items"])):
        before = {row["sk"]["S"]: row for row in backend.rows(f"USER#{who.who.learner}")}
        who.ask("record_session", who.session(**more))
        after = {row["sk"]["S"]: row for row in backend.rows(f"USER#{who.who.learner}")}
        sizes.append(len([name for name, row in after.items() if before.get(name) != row]))
    assert sizes == [6] + [5] * (len(made["items"]) - 1) + [3]


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("function", ["accept", "decline", "complete"])
def test_an_answer_to_a_recommendation_is_one_write_of_one_unit(
    world: World, backend: Backend, course: Course, history: int, function: str
) -> None:
    """Its condition is all that must be true, and the row comes back with all that is told."""
    who = seasoned(world, backend, course, history)
    made, _ = who.ask("list_recommendations")
    _, calls = answered(who, made["items"][0]["id"], function)
    assert calls.operations == {"UpdateItem": 1}
    assert cost(calls) == (1, 0, 1.0)


@pytest.mark.parametrize("history", HISTORIES)
def test_answers_take_one_round_trip_after_days_of_use_too(
    world: World, backend: Backend, course: Course, history: int
) -> None:
    """A unit for each KB of the row: it is under 2 KB with all that was recommended in three sittings, and answers."""
    who = seasoned(world, backend, course, history)
    for _ in range(2):
        made, calls = who.ask("list_recommendations")
        assert calls.write_units <= 2
        who.ask("record_session", who.session(**following(made)))
    made, calls = who.ask("list_recommendations")
    assert calls.operations == {"Query": 1, "PutItem": 1}
    assert calls.write_units <= 2
    # How many fit the minutes depends on what was drawn.
    first, *others = (one["id"] for one in made["items"])
    for id_, function in ((first, "accept"), (first, "complete"), *zip(others, ("decline", "complete"), strict=False)):
        _, calls = answered(who, id_, function)
        assert cost(calls) == (1, 0, calls.write_units)
        assert calls.write_units <= 2
    # What was answered before is refused by the same condition, and reading tells why.
    _, again = answered(who, first, "complete")
    assert again.operations == {"UpdateItem": 1, "BatchGetItem": 1}


def answered(who: Seasoned, id_: str, function: str) -> tuple[Any, Recorder]:
    if function == "complete":
        return who.ask("complete_recommendation", {"recommendation_id": id_, "completion_time": 5, "user_rating": 4})
    return who.ask("answer_recommendation", {"recommendation_id": id_, "action": function, "reason": "too_hard"})


def test_a_skill_and_what_is_claimed_of_it(world: World, backend: Backend, course: Course) -> None:
    who = seasoned(world, backend, course, 1000)
    path = f"/api/personalization/skills/{course.skills[0].id}"
    _, calls = who.ask("get_skill", path=path)
    assert calls.operations == {"BatchGetItem": 1}
    assert calls.read_units == 5.0
    for function, body in (("claim_skill", {"level": "expert"}), ("withdraw_claim", None)):
        _, calls = who.ask(function, body, path=f"{path}/claims")
        assert calls.operations == {"BatchGetItem": 1, "PutItem": 1}
        assert calls.write_units <= 8
        _, again = who.ask(function, body, path=f"{path}/claims")
        assert again.operations == {"BatchGetItem": 1}


def test_lists_are_read_a_page_at_a_time(world: World, backend: Backend, course: Course) -> None:
    who = seasoned(world, backend, course, 10)
    for _ in range(3):
        made, _ = who.ask("list_recommendations", refresh="true")
        who.ask("record_session", who.session(**following(made)))
    assert who.ask("list_sessions")[1].operations == {"Query": 1, "BatchGetItem": 1}
    assert who.ask("list_sessions", limit="1")[1].round_trips == 2
    assert who.ask("list_recommendation_history")[1].operations == {"Query": 2}
