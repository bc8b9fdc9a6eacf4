"""The caller's pointers go, nothing else does."""

from attune.store import keys
from tests.backends import Backend
from tests.functions.conftest import World


def test_pointers_go_and_the_text_serves_the_next_request(world: World, backend: Backend) -> None:
    who = world.reader()
    world.call("personalize_lesson", who, {"lesson_slug": world.slug})
    world.work()
    cleared = world.call("clear_personalized", who)
    assert (cleared.status, cleared.json, cleared.headers["Cache-Control"]) == (
        200,
        {"deleted_count": 1},
        "private, no-store",
    )
    assert not [row for row in backend.rows(keys.user(who.learner).pk) if row["kind"]["S"] == "pointer"]
    assert world.call("clear_personalized", who).json == {"deleted_count": 0}
    again = world.call("personalize_lesson", who, {"lesson_slug": world.slug})
    assert (again.status, again.json["cached"], world.messages()) == (200, True, [])


def test_a_job_in_flight_brings_no_pointer_back(world: World, backend: Backend) -> None:
    who = world.reader()
    world.call("personalize_lesson", who, {"lesson_slug": world.slug})
    assert world.call("clear_personalized", who).json == {"deleted_count": 1}
    assert world.work() == []
    assert not [row for row in backend.rows(keys.user(who.learner).pk) if row["kind"]["S"] == "pointer"]


def test_other_learners_and_other_courses_keep_theirs(world: World) -> None:
    who, other = world.reader(), world.reader()
    for reader in (who, other):
        world.call("personalize_lesson", reader, {"lesson_slug": world.slug})
    assert world.call("clear_personalized", who, query={"course": "another"}).json == {"deleted_count": 0}
    assert world.call("clear_personalized", who).json == {"deleted_count": 1}
    assert world.call("clear_personalized", other).json == {"deleted_count": 1}
    world.call("clear_personalized", who, x_user_id=other.subject).problem(404, "not_found")
    world.call("clear_personalized").problem(401, "token_missing")
