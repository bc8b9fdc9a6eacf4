"""What requests cost in a course of ten lessons and of a thousand: what is read with every request does not grow."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from attune.domain.lesson_text import LessonText
from attune.domain.principal import Principal
from tests import backends
from tests.backends import Backend
from tests.builders import CourseFiles, Json, an_account, an_id
from tests.functions.conftest import Reply, World
from tools.bench import growth
from tools.services import Services

SIZES = (10, 100, 1_000)


@pytest.fixture(scope="module")
def backend(services: Services) -> Iterator[Backend]:
    """MiniStack, which counts as DynamoDB does."""
    with backends.ministack(services) as used:
        yield used


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


@pytest.fixture
def each(world: World) -> dict[int, Taught]:
    return {lessons: taught(world, lessons) for lessons in SIZES}


Cost = tuple[Counter[str], float, float]


def costs(found: Taught, backend: Backend) -> dict[str, Cost]:
    """Of each request, after each was asked once."""
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
    done = {}
    for name, (function, body, address, query) in asked.items():
        with backend.watched() as calls:
            found.call(function, body, address, **query)
        done[name] = (calls.operations, calls.read_units, calls.write_units)
    return done


def test_a_course_of_a_thousand_lessons_costs_what_one_of_ten_does(each: dict[int, Taught], backend: Backend) -> None:
    found = {lessons: costs(one, backend) for lessons, one in each.items()}
    print(found)
