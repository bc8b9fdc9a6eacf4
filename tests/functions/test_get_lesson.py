"""A lesson as published, byte for byte."""

import pytest

from attune.domain.hashing import content_hash
from tests.builders import a_lesson, an_admin
from tests.functions.conftest import World


def path(slug: str) -> str:
    return f"/api/content/lessons/{slug}"


def test_the_published_text_comes_as_it_was_sent(world: World) -> None:
    text = world.course.texts[world.slug]
    reply = world.call("get_lesson", path=path(world.slug))
    assert (reply.status, reply.json["content"]) == (200, text.content)
    assert reply.json["content_hash"] == content_hash(text.content)
    assert (reply.json["slug"], reply.json["title"], reply.json["minutes"]) == (world.slug, "Lesson 1", 10)
    assert (reply.json["version"], reply.json["language"], reply.json["skills"]) == (1, "en", ["sense"])
    assert reply.headers["Cache-Control"] == "public, no-cache"


def test_who_has_it_gets_no_body(world: World) -> None:
    tag = world.call("get_lesson", path=path(world.slug)).headers["ETag"]
    again = world.call("get_lesson", path=path(world.slug), if_none_match=tag)
    assert (again.status, again.body) == (304, "")
    world.publish(title="Second")
    assert world.call("get_lesson", path=path(world.slug), if_none_match=tag).status == 200


@pytest.mark.parametrize("slug", ["no-such-lesson", "a/b/c/d"])
def test_an_unknown_lesson_is_404(world: World, slug: str) -> None:
    world.call("get_lesson", path=path(slug)).problem(404, "unknown_lesson")


@pytest.mark.parametrize("slug", ["UPPER", "a/b/c/d/e", "a//b", "../x", "a#b", "a b", "é", "x" * 65, "a/"])
def test_what_is_no_slug_is_refused(world: World, slug: str) -> None:
    reply = world.call("get_lesson", path=path(slug))
    assert [flaw["pointer"] for flaw in reply.problem(422, "invalid")["errors"]] == ["/path/slug"]


def test_a_staged_text_is_not_yet_read(world: World) -> None:
    staged = world.call(
        "put_lesson",
        an_admin(),
        {"content": a_lesson("New")},
        path=f"/api/admin/courses/{world.course.id}/lessons/{world.slug}",
    )
    assert staged.status == 200
    reply = world.call("get_lesson", path=path(world.slug))
    assert reply.json["content"] == world.course.texts[world.slug].content
