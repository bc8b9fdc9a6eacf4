"""What a writer is asked is made from the lesson, the course and the persona, section by section."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.course import Course
from attune.domain.lesson import parse
from attune.domain.lesson_text import LessonText
from attune.domain.manifest import read
from attune.domain.persona import everybody
from attune.domain.section import Style, Term
from attune.domain.section_requests import (
    lesson_in,
    occurs,
    section_requests,
    terms_in,
    variant_key,
    word,
)
from tests.unit.conftest import LESSONS, shipped, small, small_course

COURSE = small_course()
STYLE = Style("rules", None, None, "1")
PERSONA = {"level": "new", "robots": "false", "language": "en"}
TEXT = LessonText(
    "# Robots\n\n## Nodes\n\nA node talks.\n\n## Wheels\n\nA wheel turns.\n\n## Sensing\n\nAn IMU feels.\n",
    {"ur": "# Robots\n\n## Nodes\n\nایک node بولتا ہے۔\n\n## Wheels\n\nپہیہ۔\n\n## Sensing\n\nIMU۔\n"},
)


def _keys(text: LessonText = TEXT, course: Course = COURSE, language: str = "en", edition: int = 0) -> list[str]:
    persona = {**PERSONA, "language": language}
    return [request.key for request in section_requests(course, text, persona, language, STYLE, edition)]


def _changed(before: list[str], after: list[str]) -> list[int]:
    return [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]


def test_there_is_one_request_a_section_with_all_that_shapes_it() -> None:
    requests = section_requests(COURSE, TEXT, PERSONA, "en", STYLE, 2)
    assert [request.title for request in requests] == ["Nodes", "Wheels", "Sensing"]
    first = requests[0]
    assert first.source == "## Nodes\n\nA node talks.\n\n"
    assert first.outline == ("Nodes", "Wheels", "Sensing")
    assert (first.lesson_title, first.source_language, first.language, first.edition) == ("Robots", "en", "en", 2)
    assert first.instructions == ("Explain.", "Use pictures.")
    assert (first.define_terms, first.style, first.persona) == (True, STYLE, PERSONA)
    assert first.glossary == (Term("node", "a program"),)
    assert [request.glossary for request in requests[1:]] == [(), (Term("IMU"),)]


def test_the_same_inputs_make_the_same_keys() -> None:
    assert _keys() == _keys()
    assert len(set(_keys())) == 3


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_an_edit_of_one_section_changes_one_key(name: str, slug: str) -> None:
    course, text = shipped(name).course, shipped(name).texts[slug]
    persona = next(iter(everybody(course)))
    lesson = parse(text.content)
    before = [request.key for request in section_requests(course, text, persona, "en", STYLE)]
    assert len(set(before)) == len(before)
    for place, section in enumerate(lesson.sections):
        edited = [each.text + ("Zebra.\n\n" if each is section else "") for each in lesson.sections]
        content = lesson.preamble + "".join(edited)
        after = [r.key for r in section_requests(course, LessonText(content, {}), persona, "en", STYLE)]
        assert _changed(before, after) == [place]


def test_an_edit_of_one_translated_section_changes_one_key_of_that_language() -> None:
    edited = LessonText(TEXT.content, {"ur": TEXT.translations["ur"].replace("پہیہ", "چکا")})
    assert _changed(_keys(language="ur"), _keys(edited, language="ur")) == [1]
    assert _changed(_keys(), _keys(edited)) == []


def test_a_new_heading_changes_every_key_since_all_see_the_outline() -> None:
    renamed = LessonText(TEXT.content.replace("## Wheels", "## Tyres"), {})
    assert _changed(_keys(), _keys(renamed)) == [0, 1, 2]


def test_a_term_reaches_only_the_sections_that_hold_it() -> None:
    manifest = small()
    manifest["glossary"][1]["definition"]["en"] = "a participant"
    assert _changed(_keys(), _keys(course=read("c", 1, manifest))) == [0]
    manifest["glossary"].append({"term": "wheel", "definition": "it is round"})
    assert _changed(_keys(), _keys(course=read("c", 1, manifest))) == [0, 1]
    manifest["glossary"].append("zebra")
    assert _changed(_keys(), _keys(course=read("c", 1, manifest))) == [0, 1]


def test_a_definition_in_another_language_does_not_matter() -> None:
    manifest = small()
    manifest["glossary"][1]["definition"]["ur"] = "کچھ اور"
    course = read("c", 1, manifest)
    assert _changed(_keys(), _keys(course=course)) == []
    assert _changed(_keys(language="ur"), _keys(course=course, language="ur")) == [0]


def test_what_a_section_does_not_see_does_not_matter() -> None:
    manifest = small()
    manifest["title"] = "Other"
    manifest["items"] = []
    manifest["writing"]["instructions"]["level"]["high"] = "Be even shorter."
    manifest["questionnaire"][1]["options"][1]["frame"] = "Have fun."
    assert _keys(course=read("other", 9, manifest)) == _keys()


def test_an_instruction_for_the_persona_matters() -> None:
    manifest = small()
    manifest["writing"]["instructions"]["level"]["new"] = "Explain more."
    assert _changed(_keys(), _keys(course=read("c", 1, manifest))) == [0, 1, 2]


def test_the_order_in_which_a_persona_was_kept_does_not_matter() -> None:
    turned = dict(reversed(PERSONA.items()))
    assert [r.key for r in section_requests(COURSE, TEXT, turned, "en", STYLE)] == _keys()


def test_another_edition_is_another_text() -> None:
    assert _changed(_keys(), _keys(edition=1)) == [0, 1, 2]


def test_terms_are_defined_only_for_those_whom_the_course_names() -> None:
    for persona in everybody(COURSE):
        for request in section_requests(COURSE, TEXT, persona, "en", STYLE):
            assert request.define_terms is (persona["robots"] == "false")


def test_a_persona_is_told_what_the_author_says_of_it_and_nothing_else() -> None:
    (first, *_) = section_requests(COURSE, TEXT, {"level": "high", "robots": "unheard", "size": "xl"}, "en", STYLE)
    assert first.instructions == ("Be short.",)


def test_a_translation_is_started_from_where_it_fits() -> None:
    lesson, language = lesson_in(TEXT, COURSE, "ur")
    assert language == "ur"
    assert "بولتا" in lesson.sections[0].text
    assert section_requests(COURSE, TEXT, PERSONA, "ur", STYLE)[0].source_language == "ur"


@pytest.mark.parametrize(
    ("translations", "language"),
    [
        ({}, "ur"),
        ({"ur": "# Robots\n\n## Nodes\n\nx\n"}, "ur"),
        ({"ur": "# روبوٹ\n\n## Nodes\n\nx\n\n## Wheels\n\ny\n\n## Sensing\n\nz\n"}, "ur"),
        ({"ur": "# Robots\n\n## Wheels\n\nx\n\n## Nodes\n\ny\n\n## Sensing\n\nz\n"}, "ur"),
        ({"en": "# Robots\n\n## Nodes\n\nother\n\n## Wheels\n\ny\n\n## Sensing\n\nz\n"}, "en"),
        (TEXT.translations, "de"),
    ],
    ids=["none", "shorter", "other title", "other order", "of the default language", "of another language"],
)
def test_a_translation_that_does_not_fit_is_not_used(translations: dict[str, str], language: str) -> None:
    lesson, source_language = lesson_in(LessonText(TEXT.content, translations), COURSE, language)
    assert source_language == "en"
    assert lesson == parse(TEXT.content)


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("node", "A node talks.", True),
        ("node", "Nodes talk.", True),
        ("node", "NODES", True),
        ("node", "nodename", False),
        ("node", "a_node", False),
        ("node", "denode", False),
        ("node", "node-based", True),
        ("bus", "two buses", True),
        ("BB", "the BB posts", True),
        ("BB", "100 bb deep", False),
        ("BB", "two BBs", True),
        ("EV", "ev", False),
        ("EV", "every", False),
        ("ROS 2", "in ROS 2.", True),
        ("ROS 2", "in ros 2", False),
        ("ROS 2", "in ROS 20", False),
        ("bb/100", "5 bb/100 here", True),
        ("bb/100", "5 BB/100 here", True),
        ("bb/100", "5 bb/1000 here", False),
        ("c-bet", "(c-bet)", True),
        ("C++", "in C++ and", True),
        ("a.b", "axb", False),
        ("pot odds", "pot  odds", False),
        ("pot odds", "the pot odds are", True),
        ("node", "", False),
    ],
)
def test_a_term_is_a_word_of_its_own_and_its_capitals_count(term: str, text: str, found: bool) -> None:
    assert occurs(term, text) is found
    assert (word(term).search(text) is not None) is found


@given(st.text(min_size=1, max_size=8), st.text(st.characters(categories=["Zs", "Po"]), max_size=3))
def test_every_term_is_found_where_it_stands_alone(term: str, beside: str) -> None:
    assert occurs(term, f"x {beside} {term} {beside} x")


def test_the_terms_of_a_lesson_stand_in_the_order_of_the_glossary() -> None:
    assert list(terms_in(COURSE, TEXT)) == ["IMU", "node"]
    assert list(terms_in(COURSE, LessonText("# T\n\n## A\n\nnothing\n", {}))) == []


def test_a_text_is_named_by_all_it_holds() -> None:
    names = {
        text.id
        for text in (
            TEXT,
            LessonText(TEXT.content, {}),
            LessonText(TEXT.content + "\n", TEXT.translations),
            LessonText(TEXT.content, {"ur": "x"}),
            LessonText(TEXT.content, {"ar": TEXT.translations["ur"]}),
        )
    }
    assert len(names) == 5
    assert dataclasses.replace(TEXT, translations=dict(TEXT.translations)).id == TEXT.id


@given(
    st.lists(st.sampled_from(["a" * 64, "b" * 64]), max_size=4),
    st.lists(st.sampled_from(["a" * 64, "b" * 64]), max_size=4),
)
def test_a_variant_is_its_sections_in_order(one: list[str], other: list[str]) -> None:
    assert (variant_key(one) == variant_key(other)) == (one == other)
    assert variant_key(tuple(one)) == variant_key(one)
