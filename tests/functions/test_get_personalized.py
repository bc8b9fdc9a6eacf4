"""A reader looks whether their lesson is ready."""

from typing import Any

import pytest

from attune.actions import publish_course
from attune.domain.hashing import content_hash
from attune.domain.lesson_text import LessonText
from attune.domain.principal import Principal
from attune.edge.personalized import ReadyView
from attune.store import courses
from tests.builders import NOW
from tests.functions.conftest import Reply, World
from tests.unit.hostile import found_in_html


def look(world: World, who: Principal, slug: str = "", html: bool = False, **headers: Any) -> Reply:
    query = {"html": "true"} if html else None
    return world.call("get_personalized", who, path=f"/api/personalize/{slug or world.slug}", query=query, **headers)


def test_looking_leads_to_the_lesson_too(world: World) -> None:
    who = world.reader()
    first = look(world, who)
    assert (first.status, first.headers["Location"]) == (202, f"/api/personalize/{world.slug}")
    assert first.headers["Cache-Control"] == "private, no-store"
    world.work()
    ready = look(world, who)
    assert (ready.status, ready.json["status"], ready.json["lesson_slug"]) == (200, "ready", world.slug)
    assert ready.headers["Cache-Control"] == "private, no-cache"


def test_who_has_it_gets_no_body_until_it_changes(world: World) -> None:
    who = world.reader()
    look(world, who)
    world.work()
    tag = look(world, who).headers["ETag"]
    for tags in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = look(world, who, if_none_match=tags)
        assert (again.status, again.body, again.headers["ETag"]) == (304, "", tag)
    world.call("update_answers", who, {"aims": ["study"]})
    changed = look(world, who, if_none_match=tag)
    assert changed.status == 200
    assert "Build a robot" not in changed.json["frame"]["introduction"]


def test_the_same_tag_means_the_same_bytes(world: World) -> None:
    who = world.reader()
    look(world, who)
    world.work()
    seen: dict[str, str] = {}
    for step in ("first", "again", "there and back", "another version"):
        if step == "there and back":
            world.call("update_answers", who, {"aims": ["study"]})
            world.call("update_answers", who, {"aims": ["build"]})
        if step == "another version":
            world.publish(title="Second")
        reply = look(world, who)
        assert seen.setdefault(reply.headers["ETag"], reply.body) == reply.body, step


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("who", ["reader", "Urdu", "switched off", "not onboarded"])
def test_a_lesson_is_told_as_its_view_would_tell_it(world: World, who: str, html: bool) -> None:
    """Byte by byte, though the text is passed through."""
    learner = world.guest() if who == "not onboarded" else world.reader(**({"language": "ur"} if who == "Urdu" else {}))
    if who == "switched off":
        world.call("update_user", learner, {"personalization": "off"})
    look(world, learner)
    world.work()
    told = look(world, learner, html=html).body
    view = ReadyView.model_validate_json(told, strict=True)
    assert view.model_dump_json() == told
    assert (view.html is not None) == html


def test_html_is_given_to_who_asks_and_has_a_tag_of_its_own(world: World) -> None:
    who = world.reader()
    look(world, who)
    world.work()
    plain, html = look(world, who), look(world, who, html=True)
    assert "html" not in plain.json
    assert "<h2>Part 1</h2>" in html.json["html"]
    assert '<pre dir="ltr"><code class="language-python">reading_1' in html.json["html"]
    assert found_in_html(html.json["html"]) == []
    assert {**html.json, "html": None} == {**plain.json, "html": None}
    assert html.headers["ETag"] != plain.headers["ETag"]
    assert look(world, who, if_none_match=html.headers["ETag"]).status == 200
    assert look(world, who, html=True, if_none_match=plain.headers["ETag"]).status == 200
    assert look(world, who, html=True, if_none_match=html.headers["ETag"]).status == 304


def test_what_stands_in_an_original_is_text_in_markdown_and_html(world: World) -> None:
    """A text from before such things were refused."""
    told = "It takes <90 MB, {x} and <b onclick=alert()>this</b>."
    text = LessonText(f"# T\n\n## S\n\n{told}\n", {})
    courses.stage(world.course.id, world.slug, text, content_hash(text.content), NOW)
    publish_course.publish(world.course.id, world.course.manifest, NOW)
    found = look(world, world.guest(), html=True).json
    assert found["personalized_content"].endswith("It takes \\<90 MB, \\{x\\} and \\<b onclick=alert()>this\\</b>.\n")
    assert "<p>It takes &lt;90 MB, {x} and &lt;b onclick=alert()&gt;this&lt;/b&gt;.</p>" in found["html"]


def test_a_pending_lesson_is_never_304(world: World) -> None:
    assert look(world, world.reader(), if_none_match="*").status == 202


@pytest.mark.parametrize("slug", ["UPPER", "a/b/c/d/e", "a#b"])
def test_what_is_no_slug_is_refused(world: World, slug: str) -> None:
    look(world, world.reader(), slug).problem(422, "invalid")


def test_an_unknown_lesson_is_404(world: World) -> None:
    look(world, world.reader(), "no-such-lesson").problem(404, "unknown_lesson")
    world.call("get_personalized", None, path=f"/api/personalize/{world.slug}").problem(401, "token_missing")


def test_another_learner_cannot_be_named(world: World) -> None:
    who = world.reader()
    look(world, who, x_user_id=world.reader().subject).problem(404, "not_found")
    assert look(world, who, x_user_id=who.subject).status == 202


def test_originals_are_tagged_by_why_they_are_shown(world: World) -> None:
    who = world.guest()
    tag = look(world, who).headers["ETag"]
    assert look(world, who, if_none_match=tag).status == 304
    assert look(world, world.reader(), if_none_match=tag).status == 202
