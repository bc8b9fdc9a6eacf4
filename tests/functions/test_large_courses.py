"""What requests cost in a course of ten lessons and of a thousand: the same."""

from collections import Counter
from dataclasses import dataclass, replace

import pytest

from attune.domain.lesson_text import LessonText
from attune.domain.principal import Principal
from tests import backends
from tests.backends import Backend
from tests.builders import CourseFiles, Json, an_account, an_id
from tests.functions.conftest import Reply, World
from tools.bench import growth

backend = backends.ministack_alone()


@dataclass(frozen=True, slots=True)
class Taught:
    """Somebody in a course of so many lessons, through functions that know it."""

    world: World
    who: Principal

    def call(self, function: str, body: object = None, path: str | None = None, **query: str) -> Reply:
        reply = self.world.call(function, self.who, body, path=path, query={"course": self.world.course.id, **query})
        assert reply.status in (200, 201), reply.body
        return reply


def taught(world: World, lessons: int) -> Taught:
    files = growth.course_of(lessons)
    texts = {lesson.slug: LessonText(lesson.content, {}) for lesson in files.lessons}
    other = replace(world, course=CourseFiles(an_id(), files.manifest, texts))
    other.publish()
    return Taught(other, an_account())


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request took."""

    operations: Counter[str]
    read: float


SAME: dict[str, Cost] = {
    "book": Cost(Counter({"GetItem": 1}), 0.5),
    "lesson": Cost(Counter({"GetItem": 2}), 1.0),
    "a set that stands": Cost(Counter({"Query": 1}), 0.5),
    "a set made anew": Cost(Counter({"Query": 1, "PutItem": 1}), 0.5),
    "a path": Cost(Counter({"GetItem": 1}), 0.5),
    "a path, made": Cost(Counter({"BatchGetItem": 1, "TransactWriteItems": 1}), 5.0),
}
"""The calls and read units of each request, whatever the course."""
MOST_WRITTEN = {"a set made anew": 2.0, "a path, made": 6.0}


def check(found: Taught, backend: Backend) -> None:
    """Each request, after each was asked once."""
    path: Json = found.call("create_learning_path", {"goal": {}}).json
    asked: dict[str, tuple[str, object, str | None, dict[str, str]]] = {
        "book": ("get_book", None, None, {}),
        "lesson": ("get_lesson", None, f"/api/content/lessons/{growth.slug(0)}", {}),
        "a set that stands": ("list_recommendations", None, None, {}),
        "a set made anew": ("list_recommendations", None, None, {"refresh": "true"}),
        "a path": ("list_learning_paths", None, None, {"path_id": path["path_id"]}),
        "a path, made": ("create_learning_path", {"goal": {}}, None, {}),
    }
    for function, body, address, query in asked.values():
        found.call(function, body, address, **query)
    for name, (function, body, address, query) in asked.items():
        with backend.watched() as calls:
            found.call(function, body, address, **query)
        assert Cost(calls.operations, calls.read_units) == SAME[name], name
        assert calls.write_units <= MOST_WRITTEN.get(name, 0), name


@pytest.mark.parametrize("lessons", [10, 100])
def test_a_request_costs_the_same_in_any_course(world: World, backend: Backend, lessons: int) -> None:
    check(taught(world, lessons), backend)


@pytest.mark.soak
def test_a_request_costs_the_same_in_a_course_of_a_thousand_lessons(world: World, backend: Backend) -> None:
    check(taught(world, 1_000), backend)
