"""A course folder is sent file by file, and what is wrong with it is said by file and line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools import courses
from tools import course
from tools.client import Client, Refused
from tools.errors import OperatorError
from tools.publish import Difference, compare, publish
from tools.server import Server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return courses.make(tmp_path / "small")


@pytest.fixture
def server() -> Iterator[tuple[courses.CourseServer, Client]]:
    application = courses.CourseServer()
    with Server(application) as served:
        yield application, Client(served.url, "owner")


def test_a_folder_is_read_by_its_manifest(folder: Path) -> None:
    found = course.read(folder)
    assert (found.id, found.manifest["released"]) == ("small", "2026-11-21")
    assert [each.slug for each in found.lessons] == ["a/one", "two"]
    assert found.lessons[0].translations == {"ur": "# ایک\n"}
    assert found.unused == [folder / "lessons" / "stray.md"]


def test_a_lesson_outside_the_folder_is_not_read(folder: Path) -> None:
    (folder.parent / "secret.md").write_text("secret")
    (folder / "course.yaml").write_text(courses.MANIFEST.replace("slug: two", "slug: ../../secret"))
    assert [each.slug for each in course.read(folder).lessons] == ["a/one"]


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "has no course.yaml"),
        ("a: [", "is not YAML"),
        ("a: 1\na: 2\n", "'a' stands here twice"),
        ("- a\n", "must hold a map"),
        (b"\xff\xfe\xff", "is not UTF-8"),
    ],
)
def test_a_folder_that_is_no_course_is_refused_in_a_sentence(
    folder: Path, manifest: str | bytes | None, said: str
) -> None:
    file = folder / "course.yaml"
    if manifest is None:
        file.unlink()
    else:
        file.write_bytes(manifest if isinstance(manifest, bytes) else manifest.encode())
    with pytest.raises(OperatorError, match=said):
        course.read(folder)


@pytest.mark.parametrize("parts", ["3", "[1]", "[{chapters: 3}]", "[{chapters: [{lessons: [{slug: 4}, 5]}]}]"])
def test_a_manifest_of_another_shape_is_for_the_server_to_refuse(folder: Path, parts: str) -> None:
    (folder / "course.yaml").write_text(f"parts: {parts}\nlanguages: 3\n")
    assert course.read(folder).lessons == []


def test_everything_is_staged_before_the_manifest(folder: Path, server: tuple[courses.CourseServer, Client]) -> None:
    application, client = server
    said: list[str] = []
    found = course.read(folder)
    assert publish(client, found, said.append) == {"version": 1, "changed": True}
    assert list(application.stored) == [
        "/api/admin/courses/small/lessons/a/one",
        "/api/admin/courses/small/lessons/two",
        "/api/admin/courses/small",
    ]
    assert application.stored["/api/admin/courses/small/lessons/a/one"] == {
        "content": "# One\n",
        "translations": {"ur": "# ایک\n"},
    }
    assert said == ["small: lesson 1 of 2", "small: lesson 2 of 2", "small: manifest"]
    assert publish(client, found)["changed"] is False


def test_a_dry_run_tells_new_changed_and_same(folder: Path, server: tuple[courses.CourseServer, Client]) -> None:
    application, client = server
    assert list(compare(client, course.read(folder))) == [Difference("a/one", "new"), Difference("two", "new")]
    publish(client, course.read(folder))
    (folder / "lessons" / "two.md").write_text("# Two, again\n")
    before = dict(application.stored)
    assert list(compare(client, course.read(folder))) == [Difference("a/one", "same"), Difference("two", "changed")]
    assert application.stored == before
    application.refusals["/api/content/lessons/two"] = (500, {"detail": "no"})
    with pytest.raises(Refused, match="500 no"):
        list(compare(client, course.read(folder)))


def test_what_is_wrong_is_said_by_file_and_line(folder: Path, server: tuple[courses.CourseServer, Client]) -> None:
    application, client = server
    problem = {"errors": [{"pointer": "/skills/1/prerequisites/0", "detail": "no skill 'three'"}, {"pointer": "/x~1y"}]}
    application.refusals["/api/admin/courses/small"] = (422, problem)
    with pytest.raises(OperatorError) as caught:
        publish(client, course.read(folder))
    assert str(caught.value).splitlines() == [
        "small is not published; these places are wrong:",
        f"  {folder}/course.yaml:6: /skills/1/prerequisites/0 no skill 'three'",
        f"  {folder}/course.yaml:1: /x~1y is wrong",
    ]


def test_a_line_of_a_lesson_is_said_with_the_lessons_file(
    folder: Path, server: tuple[courses.CourseServer, Client]
) -> None:
    application, client = server
    errors = [
        {"pointer": "/content", "detail": "Line 3: Raw HTML."},
        {"pointer": "/translations/ur", "detail": "Line 9: Raw HTML."},
        {"pointer": "/content", "detail": "A lesson starts with a # title."},
    ]
    application.refusals["/api/admin/courses/small/lessons/a/one"] = (422, {"errors": errors})
    with pytest.raises(OperatorError) as caught:
        publish(client, course.read(folder))
    assert str(caught.value).splitlines()[1:] == [
        f"  {folder}/lessons/a/one.md:3: Raw HTML.",
        f"  {folder}/lessons/a/one.ur.md:9: Raw HTML.",
        f"  {folder}/lessons/a/one.md: /content A lesson starts with a # title.",
    ]
    application.refusals.clear()
    at = "/parts/0/chapters/0/lessons/0/slug"
    errors = [
        {"pointer": at, "detail": "Line 5: No such value."},
        {"pointer": at, "detail": "Line 7 of the translation to ur: No such value."},
    ]
    application.refusals["/api/admin/courses/small"] = (422, {"errors": errors})
    read = course.read(folder)
    slug = read.manifest["parts"][0]["chapters"][0]["lessons"][0]["slug"]
    with pytest.raises(OperatorError) as caught:
        publish(client, read)
    assert str(caught.value).splitlines()[1:] == [
        f"  {folder}/lessons/{slug}.md:5: No such value.",
        f"  {folder}/lessons/{slug}.ur.md:7: No such value.",
    ]


def test_all_refused_lessons_are_said_together_and_nothing_is_switched(
    folder: Path, server: tuple[courses.CourseServer, Client]
) -> None:
    application, client = server
    for slug in ("a/one", "two"):
        application.refusals[f"/api/admin/courses/small/lessons/{slug}"] = (422, {"detail": "raw HTML"})
    with pytest.raises(OperatorError) as caught:
        publish(client, course.read(folder))
    assert [f"{folder}/lessons/{name}" in str(caught.value) for name in ("a/one.md: 422 raw HTML", "two.md")] == [
        True
    ] * 2
    assert application.stored == {}


@pytest.mark.parametrize("path", ["/api/admin/courses/small", "/api/admin/courses/small/lessons/a/one"])
def test_a_refused_token_is_not_the_courses_fault(
    folder: Path, server: tuple[courses.CourseServer, Client], path: str
) -> None:
    application, client = server
    application.refusals[path] = (403, {"title": "Forbidden", "detail": "the scope is missing"})
    with pytest.raises(OperatorError, match="small cannot be published: 403 the scope is missing"):
        publish(client, course.read(folder))


def test_an_answer_that_is_no_problem_is_shown_as_it_is(server: tuple[courses.CourseServer, Client]) -> None:
    application, client = server
    application.refusals["/broken"] = (502, b"<html>bad gateway")
    with pytest.raises(Refused, match="502 <html>bad gateway"):
        client.get("/broken")
