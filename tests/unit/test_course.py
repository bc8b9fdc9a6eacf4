"""A manifest is read as its author meant it: what is left out has a value, and what is said is kept."""

from dataclasses import FrozenInstanceError

import pytest

from attune.domain.course import GlossaryTerm
from attune.domain.manifest import read
from tests.unit.conftest import SHIPPED, shipped, small, small_course


def test_what_is_left_out_has_a_value() -> None:
    course = read("c", 3, {"parts": [{"id": "p", "chapters": [{"lessons": [{"slug": "s"}]}]}], "items": [{"id": "i"}]})
    assert (course.id, course.version, course.title, course.languages) == ("c", 3, "c", ("en",))
    assert course.default_language == "en"
    (lesson,) = course.lessons.values()
    assert (lesson.title, lesson.kind, lesson.minutes, lesson.difficulty, lesson.layer) == ("s", "lesson", 15, 3, None)
    assert (lesson.skills, lesson.prerequisites, lesson.content_hash, lesson.text_id) == ((), (), "", "")
    (item,) = course.items
    assert (item.kind, item.difficulty, item.minutes, item.lesson) == ("question", 3, 2, None)
    (chapter,) = course.chapters()
    assert (chapter.id, chapter.number, chapter.title, chapter.transition) == ("chapter-1", 1, "chapter-1", None)


def test_an_empty_manifest_is_an_empty_course() -> None:
    course = read("c", 0, {})
    assert (course.parts, course.items, course.questionnaire, course.persona, course.lessons) == ((), (), (), (), {})
    assert course.language_question is None
    assert course.question("level") is None


def test_chapters_are_counted_through_the_whole_course_unless_the_author_says_otherwise() -> None:
    chapters: list[list[dict[str, object]]] = [[{}, {}], [{"number": 7}, {}]]
    course = read("c", 0, {"parts": [{"id": str(n), "chapters": some} for n, some in enumerate(chapters)]})
    assert [chapter.number for chapter in course.chapters()] == [1, 2, 7, 8]
    assert [part.number for part in course.parts] == [1, 2]


def test_lessons_are_known_by_slug_in_the_order_of_the_course() -> None:
    course = small_course()
    assert list(course.lessons) == ["a/one", "two", "three", "four"]
    assert course.lessons["two"].prerequisites == ("a/one",)


def test_a_term_may_have_no_definition() -> None:
    assert small_course().glossary == (
        GlossaryTerm("IMU", None),
        GlossaryTerm("node", {"en": "a program", "ur": "ایک پروگرام"}),
    )


def test_a_boolean_question_has_two_sides() -> None:
    question = small_course().question("robots")
    assert question is not None
    assert [(option.value, option.label) for option in question.options] == [(True, "True"), (False, "No")]
    assert question.required


def test_a_persona_dimension_takes_an_answer_as_it_is_or_coarsened() -> None:
    level, robots, _ = small_course().persona
    assert (level.question, level.values) == ("level", {"low": "new", "mid": "new"})
    assert (robots.question, robots.values) == ("robots", {})


def test_writing_says_who_gets_definitions_and_what_a_model_is_told() -> None:
    course = small_course()
    assert course.define_terms_for == {"robots": ("false",)}
    assert course.instructions["level"]["high"] == "Be short."


def test_a_published_text_is_named_in_its_entry() -> None:
    manifest = small()
    manifest["parts"][0]["chapters"][0]["lessons"][0] |= {"content_hash": "sha256:x", "text_id": "t"}
    entry = read("c", 1, manifest).lessons["a/one"]
    assert (entry.content_hash, entry.text_id) == ("sha256:x", "t")


def test_a_course_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        small_course().title = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_manifests_are_read_whole(name: str) -> None:
    course = shipped(name).course
    manifest = course.manifest
    assert [skill.id for skill in course.skills] == [skill["id"] for skill in manifest["skills"]]
    assert [item.id for item in course.items] == [item["id"] for item in manifest["items"]]
    assert [goal.id for goal in course.goals] == [goal["id"] for goal in manifest["goals"]]
    assert [question.id for question in course.questionnaire] == [q["id"] for q in manifest["questionnaire"]]
    assert [dimension.name for dimension in course.persona] == list(manifest["persona"])
    listed = [entry["slug"] for part in manifest["parts"] for ch in part["chapters"] for entry in ch["lessons"]]
    assert list(course.lessons) == listed
