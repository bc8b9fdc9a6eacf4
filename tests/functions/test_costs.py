"""What each request costs at the table, as the engine reports it: round trips, read units, write units."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from attune.domain.principal import Principal
from attune.domain.section_requests import LessonText
from tests import backends
from tests.backends import Backend
from tests.builders import a_key, a_lesson, a_uuid, an_account, answers
from tests.functions.conftest import World
from tools.services import Services

Cost = tuple[int, float, float]


@pytest.fixture(scope="module")
def backend(services: Services) -> Iterator[Backend]:
    """MiniStack, which counts as DynamoDB does."""
    with backends.ministack(services) as used:
        yield used


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
    assert (calls.round_trips, calls.read_units, calls.write_units) == (1, 0, 4.0)


def test_a_token_is_renewed_with_one_read(world: World, backend: Backend) -> None:
    who = world.guest()
    with backend.watched() as calls:
        assert world.call("renew_token", who).status == 200
    assert (calls.round_trips, calls.read_units, calls.write_units) == (1, 1.0, 0)


def test_clearing_takes_one_query_and_one_write(world: World, backend: Backend) -> None:
    who = settled(world)
    with backend.watched() as calls:
        assert world.call("clear_personalized", who).json == {"deleted_count": 1}
    assert calls.operations == {"Query": 1, "BatchWriteItem": 1}
    with backend.watched() as calls:
        assert world.call("clear_personalized", who).json == {"deleted_count": 0}
    assert calls.operations == {"Query": 1}


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
