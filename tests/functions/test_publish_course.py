"""A course is published whole, or not at all; an earlier version can be made current again."""

from typing import Any

import pytest

from attune.actions import publish_course
from attune.domain.lesson_text import LessonText
from attune.store import courses
from tests.builders import NOW, a_course, a_guest, an_account, an_admin
from tests.functions.conftest import World


def put(world: World, body: object, course: str = "", who: Any = None) -> Any:
    path = f"/api/admin/courses/{course or world.course.id}"
    return world.call("publish_course", who or an_admin(), body, path=path)


def test_a_course_is_published_through_the_api_from_nothing(world: World) -> None:
    course, admin = a_course(), an_admin()
    for slug, text in course.texts.items():
        body = {"content": text.content, "translations": dict(text.translations)}
        assert (
            world.call("put_lesson", admin, body, path=f"/api/admin/courses/{course.id}/lessons/{slug}").status == 200
        )
    reply = put(world, course.manifest, course.id, admin)
    assert (reply.status, reply.json) == (
        200,
        {"version": 1, "changed": 2, "lessons": 2, "skills": 2, "personas": 4},
    )
    book = world.call("get_book", query={"course": course.id})
    assert (book.status, book.json["version"]) == (200, 1)


def test_the_same_again_changes_nothing(world: World) -> None:
    assert put(world, world.course.manifest).json["version"] == 1
    assert courses.newest(world.course.id, NOW) == 1


def test_versions_are_switched_back_and_forth(world: World) -> None:
    put(world, {**world.course.manifest, "title": "Second"})
    titles = []
    for version in (1, 2, 2):
        reply = put(world, {"switch_to": version})
        assert (reply.status, reply.json["version"]) == (200, version)
        titles.append(world.call("get_book").json["title"])
    assert titles == ["Small robots", "Second", "Second"]


def test_what_never_was_cannot_be_switched_to(world: World) -> None:
    put(world, {"switch_to": 9}).problem(404, "unknown_version")
    put(world, {"switch_to": 1}, "no-such-course").problem(404, "unknown_course")
    assert put(world, {"switch_to": 0}).status == 422
    assert put(world, {"switch_to": 1, "title": "x"}).status == 422


def test_a_cycle_is_named(world: World) -> None:
    skills = [
        {"id": "a", "prerequisites": ["c"]},
        {"id": "b", "prerequisites": ["a"]},
        {"id": "c", "prerequisites": ["b"]},
        {"id": "sense", "prerequisites": ["a"]},
        {"id": "act"},
    ]
    problem = put(world, {**world.course.manifest, "skills": skills}).problem(422, "skill_cycle")
    assert set(problem["cycle"]) == {"a", "b", "c"}
    assert problem["cycle"][0] == problem["cycle"][-1]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"persona": {"aims": "aims"}}, "/persona/aims"),
        ({"language_question": "nothing"}, "/language_question"),
        ({"languages": ["en", "xx"]}, "/languages/1"),
        ({"items": [{"id": "q", "skills": ["flying"]}]}, "/items/0/skills/0"),
        ({"goals": [{"id": "build"}, {"id": "build"}]}, "/goals/1"),
        (
            {"preferences": {"properties": {"x": {"type": "integer", "default": "y"}}}},
            "/preferences/properties/x/default",
        ),
        ({"mastery": 2}, "/mastery"),
        ({"secret": 1}, "/secret"),
        ({"parts": []}, ""),
    ],
)
def test_what_leads_nowhere_is_refused_and_nothing_switches(
    world: World, change: dict[str, object], pointer: str
) -> None:
    flaws = put(world, {**world.course.manifest, **change}).problem(422, "invalid")["errors"]
    assert pointer in {flaw["pointer"] for flaw in flaws}
    assert world.call("get_book").json["version"] == 1


@pytest.mark.parametrize(
    ("block", "line"),
    [('programing="new"', 5), ('level="beginner"', 5), ('level="new|beginner"', 5), ('level="new" hardware="yes"', 5)],
)
def test_a_block_that_no_reader_would_see_is_refused_with_its_line(world: World, block: str, line: int) -> None:
    text = f"# T\n\n## S\n\n:::audience{{{block}}}\nFor nobody.\n:::\n"
    publish_course.stage(world.course.id, world.slug, LessonText(text, {"ur": text}), NOW)
    flaws = put(world, world.course.manifest).problem(422, "invalid")["errors"]
    assert {(flaw["code"], flaw["pointer"]) for flaw in flaws} == {
        ("unknown_attribute", "/parts/0/chapters/0/lessons/0/slug")
    }
    assert [flaw["detail"].partition(": ")[0] for flaw in flaws] == [
        f"Line {line}",
        f"Line {line} of the translation to ur",
    ]
    assert world.call("get_book").json["version"] == 1


def test_a_persona_that_loses_a_value_is_refused_while_a_text_asks_for_it(world: World) -> None:
    manifest = {**world.course.manifest, "persona": {"hardware": "hardware"}, "writing": {}}
    flaws = put(world, manifest).problem(422, "invalid")["errors"]
    assert {flaw["code"] for flaw in flaws} == {"unknown_attribute"}


def test_a_reserved_slug_is_refused(world: World) -> None:
    manifest = world.course.manifest
    part = {**manifest["parts"][0], "chapters": [{"id": "only", "lessons": [{"slug": "cache"}]}]}
    reply = put(world, {**manifest, "parts": [part], "items": []})
    assert {flaw["code"] for flaw in reply.problem(422, "invalid")["errors"]} == {"reserved_slug"}


@pytest.mark.parametrize("who", [a_guest(), an_account()], ids=["guest", "account"])
def test_only_an_admin_may(world: World, who: Any) -> None:
    put(world, {**world.course.manifest, "title": "Mine"}, who=who).problem(403, "admin_only")
    assert world.call("get_book").json["version"] == 1


def test_no_header_and_no_body_makes_an_admin(world: World) -> None:
    path = f"/api/admin/courses/{world.course.id}"
    body = {**world.course.manifest, "title": "Mine"}
    world.call("publish_course", an_account(), body, path=path, x_admin="true", x_scopes="admin").problem(
        403, "admin_only"
    )
    world.call("publish_course", None, body, path=path, x_user_id=an_admin().subject).problem(401, "token_missing")
