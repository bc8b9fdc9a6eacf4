"""A persona is one of few: whatever is answered, a writer learns no more than the course lets it know."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.answers import sets
from attune.domain.manifest import read
from attune.domain.persona import everybody, language_of, project
from tests.unit.conftest import SHIPPED, shipped, small, small_course

COURSE = small_course()


@pytest.mark.parametrize(("name", "count"), [("physical-ai", 12), ("poker", 12)])
def test_all_sets_of_answers_make_the_same_few_personas(name: str, count: int) -> None:
    course = shipped(name).course
    found = {tuple(project(course, answers).items()) for answers in sets(course)}
    assert len(found) == count
    listed = [tuple(persona.items()) for persona in everybody(course)]
    assert len(listed) == count
    assert set(listed) == found


@pytest.mark.parametrize("name", SHIPPED)
def test_only_the_answers_of_the_projection_change_a_persona(name: str) -> None:
    course = shipped(name).course
    seen = {dimension.question for dimension in course.persona}
    kept: dict[tuple[str, ...], Any] = {}
    for answers in sets(course):
        relevant = tuple(str(answers[question]) for question in sorted(seen))
        assert kept.setdefault(relevant, project(course, answers)) == project(course, answers)


def test_answers_are_coarsened_as_the_course_says() -> None:
    answers: dict[str, Any] = {"level": "mid", "robots": True, "tongue": "ur", "aims": ["fun"]}
    assert project(COURSE, answers) == {"level": "new", "robots": "true", "language": "ur"}
    assert project(COURSE, {**answers, "level": "high", "robots": False})["level"] == "high"


def test_a_question_that_was_not_answered_counts_by_its_default() -> None:
    assert project(COURSE, {"level": "low", "robots": False})["language"] == "en"
    manifest = small()
    manifest["questionnaire"][2] |= {"required": False, "default": True}
    assert project(read("c", 0, manifest), {"level": "low"})["robots"] == "true"


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "level": st.sampled_from(["low", "mid", "high", "withdrawn"]),
            "robots": st.booleans() | st.just("maybe"),
            "tongue": st.sampled_from(["en", "ur", "de"]),
        },
    )
)
def test_a_persona_is_one_of_the_known_ones_even_for_answers_to_an_earlier_questionnaire(
    answers: dict[str, Any],
) -> None:
    assert dict(project(COURSE, answers)) in [dict(persona) for persona in everybody(COURSE)]


def test_a_course_without_a_projection_has_one_persona() -> None:
    course = read("c", 0, {**small(), "persona": {}})
    assert [dict(persona) for persona in everybody(course)] == [{}]
    assert project(course, {"level": "low"}) == {}


@pytest.mark.parametrize(
    ("answers", "language"),
    [
        ({"tongue": "ur"}, "ur"),
        ({"tongue": "en"}, "en"),
        ({}, "en"),
        ({"tongue": "de"}, "en"),
        ({"tongue": ["ur"]}, "en"),
        ({"tongue": True}, "en"),
    ],
    ids=str,
)
def test_the_language_is_the_chosen_one_of_the_courses(answers: dict[str, Any], language: str) -> None:
    assert language_of(COURSE, answers) == language


def test_without_a_question_for_it_the_language_is_the_courses_first() -> None:
    course = read("c", 0, {**small(), "language_question": None, "languages": ["ur", "en"]})
    assert language_of(course, {"tongue": "en"}) == "ur"
