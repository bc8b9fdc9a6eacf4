"""Answers are checked against the questionnaire, and kept in one normal form whatever the order they came in."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.answers import check, sets
from attune.domain.errors import Flaw
from attune.domain.manifest import read
from tests.unit.conftest import SHIPPED, shipped, small, small_course

COURSE = small_course()
GOOD: Mapping[str, Any] = {"level": "low", "aims": ["fun"], "robots": False, "tongue": "ur"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
VALUES = JSON | st.sampled_from(["low", "work", "en", ["work"], ["fun", "work"], ["fun", "fun"], True, False, "true"])
GIVEN = st.dictionaries(
    st.sampled_from(["level", "aims", "robots", "tongue"]) | st.text(max_size=4), VALUES, max_size=5
)


def _pairs(flaws: list[Flaw]) -> list[tuple[str, str]]:
    return [(flaw.pointer, flaw.code) for flaw in flaws]


def test_complete_answers_are_all_that_is_required_and_the_defaults_of_the_rest() -> None:
    assert check(COURSE, GOOD, complete=True) == (dict(GOOD), [])
    without = {name: value for name, value in GOOD.items() if name != "tongue"}
    assert check(COURSE, without, complete=True) == ({**without, "tongue": "en"}, [])


def test_a_part_of_the_answers_is_enough_for_a_change() -> None:
    assert check(COURSE, {"robots": True}, complete=False) == ({"robots": True}, [])
    assert check(COURSE, {}, complete=False) == ({}, [])


def test_everything_that_is_missing_is_named_at_once() -> None:
    _, flaws = check(COURSE, {}, complete=True)
    assert _pairs(flaws) == [("/level", "missing"), ("/aims", "missing"), ("/robots", "missing")]


@pytest.mark.parametrize(
    ("answer", "pointer", "code"),
    [
        ({"level": "other"}, "/level", "not_offered"),
        ({"level": "Low"}, "/level", "not_offered"),
        ({"level": ["low"]}, "/level", "wrong_type"),
        ({"level": True}, "/level", "wrong_type"),
        ({"level": None}, "/level", "wrong_type"),
        ({"robots": "true"}, "/robots", "wrong_type"),
        ({"robots": 1}, "/robots", "wrong_type"),
        ({"robots": 0}, "/robots", "wrong_type"),
        ({"robots": None}, "/robots", "wrong_type"),
        ({"aims": "fun"}, "/aims", "wrong_type"),
        ({"aims": None}, "/aims", "wrong_type"),
        ({"aims": {}}, "/aims", "wrong_type"),
        ({"aims": []}, "/aims", "too_few"),
        ({"aims": ["fun", "nine"]}, "/aims/1", "not_offered"),
        ({"aims": [["fun"]]}, "/aims/0", "not_offered"),
        ({"aims": [True]}, "/aims/0", "not_offered"),
        ({"tongue": ""}, "/tongue", "not_offered"),
        ({"colour": "red"}, "/colour", "unknown_question"),
        ({"a/b~c": 1}, "/a~1b~0c", "unknown_question"),
        ({"": 1}, "/", "unknown_question"),
    ],
    ids=str,
)
@pytest.mark.parametrize("complete", [True, False])
def test_a_wrong_answer_is_named_and_not_taken(answer: dict[str, Any], pointer: str, code: str, complete: bool) -> None:
    clean, flaws = check(COURSE, {**GOOD, **answer}, complete=complete)
    assert _pairs(flaws) == [(pointer, code)]
    assert not set(answer) & set(clean)


@given(st.permutations(["work", "fun"]), st.integers(1, 3))
def test_the_order_and_number_of_choices_make_no_difference(order: list[str], times: int) -> None:
    clean, flaws = check(COURSE, {"aims": order * times}, complete=False)
    assert (clean, flaws) == ({"aims": ["work", "fun"]}, [])


@given(st.permutations(list(GOOD)))
def test_the_order_of_the_answers_makes_no_difference(names: list[str]) -> None:
    clean, _ = check(COURSE, {name: GOOD[name] for name in names}, complete=True)
    assert list(clean) == ["level", "aims", "robots", "tongue"]


@given(GIVEN, st.booleans())
def test_whatever_is_sent_is_taken_or_named(given_: dict[str, Any], complete: bool) -> None:
    clean, flaws = check(COURSE, given_, complete=complete)
    wrong = {flaw.pointer.split("/")[1].replace("~1", "/").replace("~0", "~") for flaw in flaws}
    assert set(given_) <= set(clean) | wrong
    assert not set(clean) & wrong
    if complete and not flaws:
        assert set(clean) == {"level", "aims", "robots", "tongue"}


@given(GIVEN, st.booleans())
def test_what_was_taken_is_taken_again_as_it_is(given_: dict[str, Any], complete: bool) -> None:
    clean, _ = check(COURSE, given_, complete=complete)
    assert check(COURSE, clean, complete=False) == (clean, [])


def test_a_default_is_taken_again_as_it_is_for_every_kind_of_question() -> None:
    manifest = small()
    manifest["questionnaire"][1] |= {"required": False, "default": "fun"}
    manifest["questionnaire"][2] |= {"required": False, "default": False}
    course = read("c", 0, manifest)
    clean, flaws = check(course, {"level": "low"}, complete=True)
    assert flaws == []
    assert clean == {"level": "low", "aims": ["fun"], "robots": False, "tongue": "en"}
    assert check(course, clean, complete=True) == (clean, [])


@given(st.text(st.sampled_from("ab/~"), min_size=50, max_size=90))
def test_a_pointer_stays_a_pointer_however_long_the_name(name: str) -> None:
    _, (flaw,) = check(COURSE, {name: 1}, complete=False)
    assert len(flaw.pointer) <= 65
    assert flaw.pointer.count("/") == 1
    assert "~" not in flaw.pointer.replace("~0", "").replace("~1", "")


def test_a_flaw_does_not_repeat_an_answer() -> None:
    _, flaws = check(COURSE, {"level": "<script>", "aims": ["<script>"]}, complete=False)
    assert "<script>" not in "".join(flaw.detail + flaw.pointer for flaw in flaws)


@pytest.mark.parametrize(("name", "expected"), [("physical-ai", 7_936), ("poker", 4 * 3 * 63 * 4 * 2 * 2)])
def test_the_questionnaire_can_be_answered_in_so_many_ways(name: str, expected: int) -> None:
    assert sum(1 for _ in sets(shipped(name).course)) == expected


@pytest.mark.parametrize("name", SHIPPED)
def test_every_way_of_answering_is_accepted_as_it_is(name: str) -> None:
    course = shipped(name).course
    for number, answers in enumerate(sets(course)):
        if number % 37 == 0:
            assert check(course, answers, complete=True) == (answers, [])
