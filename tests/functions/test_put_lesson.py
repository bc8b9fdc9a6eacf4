"""A lesson's text is checked and kept for the next publication; only an admin may."""

import json
from typing import Any

import pytest

from attune.domain.hashing import content_hash
from attune.domain.principal import ADMIN, Kind, Principal
from attune.store import courses
from tests.builders import GUESTS, NOW, a_lesson, a_slug, a_translation, a_uuid, an_account, an_admin
from tests.functions.conftest import World


def put(world: World, body: object, who: Principal | None = None, slug: str = "") -> Any:
    path = f"/api/admin/courses/{world.course.id}/lessons/{slug or a_slug()}"
    return world.call("put_lesson", who or an_admin(), body, path=path)


def test_a_text_is_kept_with_its_translations(world: World) -> None:
    text, slug = a_lesson(sections=3), a_slug(4)
    reply = put(world, {"content": text, "translations": {"ur": a_translation(text)}}, slug=slug)
    assert (reply.status, reply.json) == (
        200,
        {"slug": slug, "content_hash": content_hash(text), "sections": 3, "staged": True},
    )
    kept = courses.staged(world.course.id, NOW)[slug]
    assert courses.text(world.course.id, slug, kept.text_id, NOW).translations["ur"] == a_translation(text)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"content": "no title"}, "/content", "title_missing"),
        ({"content": "# Title\n"}, "/content", "empty"),
        ({"content": "# T\n\n" + "".join(f"## S{n}\n\nText.\n\n" for n in range(61))}, "/content", "too_many_sections"),
        ({"content": "# T\n\n## S\n\n" + "word " * 5000}, "/content", "section_too_long"),
        ({"content": '# T\n\n:::audience{level="new"}\nText.\n'}, "/content", "unbalanced_block"),
        (
            {"content": "# T\n\n## S\n\nText.\n", "translations": {"ur": "# T\n\n## Z\n\nText.\n"}},
            "/translations/ur",
            "misaligned",
        ),
        ({"content": "# T\n\n## S\n\nText.\n\n<b>x</b>\n"}, "/content", "raw_html"),
        ({"content": "# T\n\n## S\n\nText.\n\nimport X from 'x'\n"}, "/content", "mdx"),
        ({"content": "# T\n\n## S\n\n[x](javascript:alert)\n"}, "/content", "unsafe_address"),
        ({"content": "# T\n\n## S\n\nTe\u202ext.\n"}, "/content", "hidden_character"),
        (
            {"content": "# T\n\n## S\n\nText.\n", "translations": {"ur": "# T\n\n## S\n\n<br/>\n"}},
            "/translations/ur",
            "raw_html",
        ),
        ({"content": ""}, "/content", "string_too_short"),
        ({}, "/content", "missing"),
        ({"content": "# T\n\nText.\n", "translations": {"Urdu": "x"}}, "/translations/Urdu", "string_pattern_mismatch"),
    ],
)
def test_a_text_that_cannot_be_published_is_refused(
    world: World, body: dict[str, object], pointer: str, code: str
) -> None:
    slug = a_slug()
    flaws = put(world, body, slug=slug).problem(422, "invalid")["errors"]
    assert any(flaw["code"] == code and flaw["pointer"].startswith(pointer) for flaw in flaws), flaws
    assert slug not in courses.staged(world.course.id, NOW)


@pytest.mark.parametrize(
    "who",
    [an_account(), an_account("other"), Principal(Kind.GUEST, a_uuid(), GUESTS, frozenset({ADMIN}))],
    ids=["account", "other scope", "guest with the scope"],
)
def test_only_an_admin_may(world: World, who: Principal) -> None:
    slug = a_slug()
    put(world, {"content": a_lesson()}, who, slug).problem(403, "admin_only")
    # Refused before the body is looked at.
    put(world, "{", who, slug).problem(403, "admin_only")
    assert slug not in courses.staged(world.course.id, NOW)


def test_without_a_token_nobody_may(world: World) -> None:
    path = f"/api/admin/courses/{world.course.id}/lessons/{a_slug()}"
    world.call("put_lesson", None, {"content": a_lesson()}, path=path).problem(401, "token_missing")


def test_what_could_run_is_refused_with_its_line_and_nothing_of_it(world: World) -> None:
    text = "# T\n\n## S\n\nText.\n\n<img src=canary>\n"
    flaws = put(world, {"content": text}).problem(422, "invalid")["errors"]
    assert [flaw["detail"].partition(":")[0] for flaw in flaws] == ["Line 7"]
    assert "canary" not in json.dumps(flaws)


def test_i09_a_text_beyond_the_limit_is_413(world: World) -> None:
    put(world, {"content": "# T\n\n" + "x" * 300_000}).problem(413, "too_large")


def test_a_name_that_could_never_be_read_is_refused(world: World) -> None:
    """`cache` and `feedback` are paths of their own beside the lessons."""
    assert put(world, {"content": a_lesson()}, slug="UPPER").status == 422
