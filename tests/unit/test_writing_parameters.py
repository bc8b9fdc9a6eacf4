"""What an experiment may vary of writing, how far, and that no arm is ever served a text that another one shaped."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.course import Course
from attune.domain.lesson_text import LessonText
from attune.domain.manifest import read
from attune.domain.section import SectionRequest, Style
from attune.domain.section_requests import section_requests
from attune.domain.writing import DEFAULT, RANGES, WritingParameters

TERMS = [f"term{number}" for number in range(40)]
TEXT = LessonText("# A\n\n## One\n\n" + " and ".join(TERMS) + ".\n\n## Two\n\nNothing new here.\n", {})
STYLE = Style("openai", "m-1", "chat", "7")
shares = st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])
grades = st.sampled_from([-5.0, -1.0, 0.0, 2.5])


@pytest.fixture(scope="module")
def course() -> Course:
    manifest: dict[str, Any] = {
        "skills": [],
        "items": [],
        "parts": [],
        "glossary": [{"term": term, "definition": f"what {term} is"} for term in TERMS],
        "writing": {"define_terms_for": {"level": ["new"]}, "readability": {"level": {"new": 6}}},
    }
    return read("c", 1, manifest)


def requests(course: Course, **parameters: Any) -> list[SectionRequest]:
    writing = WritingParameters.from_json(parameters)
    return section_requests(course, TEXT, {"level": "new"}, "en", STYLE, writing=writing)


def test_parameters_are_read_by_name_and_have_a_range() -> None:
    assert WritingParameters.from_json({}) == DEFAULT
    with pytest.raises(TypeError, match="colour"):
        WritingParameters.from_json({"colour": "red"})
    for name, (least, largest) in RANGES.items():
        for value in (least, largest):
            WritingParameters.from_json({name: value})
        for value in (least - 0.1, largest + 0.1):
            with pytest.raises(ValueError, match=name):
                WritingParameters.from_json({name: value})


@given(shares, grades, shares, grades)
def test_two_arms_share_a_text_only_if_they_ask_for_the_same(
    course: Course, share: float, grade: float, other_share: float, other_grade: float
) -> None:
    ours = requests(course, glossary_share=share, grades=grade)
    theirs = requests(course, glossary_share=other_share, grades=other_grade)
    for one, other in zip(ours, theirs, strict=True):
        assert (one.key == other.key) == (one == other)
    if (share, grade) != (other_share, other_grade):
        assert [one.key for one in ours] != [one.key for one in theirs]


def test_what_stands_around_a_lesson_is_in_no_key(course: Course) -> None:
    assert [one.key for one in requests(course, frame=False)] == [one.key for one in requests(course)]
    assert WritingParameters(frame=False).of_texts() == {}


def test_what_is_stored_of_an_arm_makes_the_same_requests_again(course: Course) -> None:
    arm = WritingParameters(frame=False, glossary_share=0.4, grades=-2.0)
    again = requests(course, **arm.of_texts())
    assert again == requests(course, glossary_share=0.4, grades=-2.0)


def test_more_terms_are_defined_with_a_larger_share_and_all_stay_terms(course: Course) -> None:
    defined: list[set[str]] = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        glossary = requests(course, glossary_share=share)[0].glossary
        assert [term.term for term in glossary] == TERMS
        defined.append({term.term for term in glossary if term.definition})
    assert defined[0] == set()
    assert defined[-1] == set(TERMS)
    assert all(fewer < more for fewer, more in pairwise(defined))


def test_a_grade_is_moved_where_there_is_one_and_never_below_the_first(course: Course) -> None:
    assert requests(course, grades=-2.0)[0].readability == 4.0
    assert requests(course, grades=-5.0)[0].readability == 1.0
    (other, _) = section_requests(course, TEXT, {"level": "versed"}, "en", STYLE, writing=WritingParameters(grades=3.0))
    assert other.readability is None
