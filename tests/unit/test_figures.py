"""The figures that the lessons show lie in their course's folder, are small, explain themselves and pull nothing in."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from attune.domain.pieces import IMAGE, dissect
from tests.unit.conftest import LESSONS, SHIPPED, shipped
from tools.template import ROOT

SVG = "{http://www.w3.org/2000/svg}"
LIMIT = 8 * 1024
ALLOWED = {"svg", "title", "desc", "g", "rect", "circle", "ellipse", "path", "text", "tspan"}


def _shown(name: str, slug: str) -> Iterator[str]:
    """The paths of all images of a lesson and of its translations."""
    text = shipped(name).texts[slug]
    for markdown in (text.content, *text.translations.values()):
        images = [piece.value for piece in dissect(markdown).pieces if piece.kind == IMAGE]
        assert images, slug
        yield from images


def _drawn(name: str) -> set[str]:
    """The files of a course's figures, as lessons speak of them."""
    folder = ROOT / "courses" / name
    return {f"/{file.relative_to(folder).as_posix()}" for file in (folder / "img").rglob("*") if file.is_file()}


FIGURES = [(name, path) for name in SHIPPED for path in sorted(_drawn(name))]


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_every_image_of_a_lesson_and_its_translations_is_a_figure_of_its_course(name: str, slug: str) -> None:
    assert set(_shown(name, slug)) <= _drawn(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_course_has_no_figure_that_no_lesson_shows(name: str) -> None:
    assert _drawn(name) == {path for course, slug in LESSONS if course == name for path in _shown(course, slug)}


@pytest.mark.parametrize(("name", "path"), FIGURES)
def test_a_figure_is_a_small_drawing_that_says_what_it_shows(name: str, path: str) -> None:
    content = (ROOT / "courses" / name / path.removeprefix("/")).read_bytes()
    assert path.endswith(".svg")
    assert len(content) < LIMIT
    root = ElementTree.fromstring(content)  # noqa: S314 - a file of this repository
    assert root.tag == f"{SVG}svg"
    assert re.fullmatch(r"0 0 \d+ \d+", root.get("viewBox", ""))
    for tag in ("title", "desc"):
        assert (root.findtext(f"{SVG}{tag}") or "").strip(), tag


@pytest.mark.parametrize(("name", "path"), FIGURES)
def test_a_figure_runs_nothing_and_fetches_nothing(name: str, path: str) -> None:
    content = (ROOT / "courses" / name / path.removeprefix("/")).read_text(encoding="utf-8")
    assert "<!" not in content
    assert "<?" not in content
    assert not re.search(r"(?i)url\(|@import|@font-face", content)
    for element in ElementTree.fromstring(content).iter():  # noqa: S314 - a file of this repository
        assert element.tag.removeprefix(SVG) in ALLOWED
        for attribute in element.keys():  # noqa: SIM118 - an element is no mapping
            assert attribute.rpartition("}")[2] not in {"href", "src", "style"}
            assert not attribute.startswith("on")
