"""Every kind of key against every kind of response; what cannot be graded is not taken for wrong."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.practice.grading import Ungradable, grade

Key = dict[str, Any]
CHOICE: Key = {"choice": "b"}
CHOICES: Key = {"choices": ["a", "c"]}
NONE_OF_THEM: Key = {"choices": []}
NUMBER: Key = {"number": 10, "tolerance": 0.5}
EXACT: Key = {"number": 0.3}
TEXT: Key = {"text": ["Größe", "size  of it"]}
KEYS: list[Key | None] = [CHOICE, CHOICES, NONE_OF_THEM, NUMBER, EXACT, TEXT, None, {}]


@pytest.mark.parametrize(
    ("key", "response", "score"),
    [
        (CHOICE, "b", 1),
        (CHOICE, "a", 0),
        (CHOICE, "B", 0),
        (CHOICE, " b", 0),
        (CHOICE, "", 0),
        (CHOICES, ["a", "c"], 1),
        (CHOICES, ["c", "a", "a"], 1),
        (CHOICES, ["a"], 0.5),
        (CHOICES, ["a", "b"], 0),
        (CHOICES, ["a", "b", "c"], 0.5),
        (CHOICES, ["b", "d"], 0),
        (CHOICES, [], 0),
        (NONE_OF_THEM, [], 1),
        (NONE_OF_THEM, ["a"], 0),
        (NUMBER, 10, 1),
        (NUMBER, 9.5, 1),
        (NUMBER, 10.5, 1),
        (NUMBER, 10.51, 0),
        (NUMBER, -10, 0),
        (NUMBER, 1e308, 0),
        (NUMBER, float("inf"), 0),
        (NUMBER, float("nan"), 0),
        (EXACT, 0.1 + 0.2, 1),
        (EXACT, 0.3001, 0),
        ({"number": 0}, -0.0, 1),
        ({"number": 0}, 1e-13, 1),
        ({"number": 1e300, "tolerance": 0}, -1e300, 0),
        (TEXT, "größe", 1),
        (TEXT, "GRÖSSE", 1),
        (TEXT, "  Gr\u006f\u0308ße\n", 1),
        (TEXT, "Size of\tit", 1),
        (TEXT, "sizeofit", 0),
        (TEXT, "", 0),
    ],
)
def test_a_response_is_graded_by_its_key(key: Key, response: object, score: float) -> None:
    assert grade(key, response) == score


@pytest.mark.parametrize(
    ("key", "response"),
    [
        (None, "b"),
        ({}, "b"),
        (CHOICE, ["b"]),
        (CHOICE, 1),
        (CHOICE, True),
        (CHOICE, None),
        (CHOICES, "a"),
        (CHOICES, ["a", 1]),
        (CHOICES, [["a"]]),
        (CHOICES, {"a": 1}),
        (NUMBER, "10"),
        (NUMBER, True),
        (NUMBER, [10]),
        (TEXT, 5),
        (TEXT, ["Größe"]),
    ],
)
def test_a_response_of_another_kind_is_not_graded(key: Key, response: object) -> None:
    with pytest.raises(Ungradable):
        grade(key, response)


@given(
    key=st.sampled_from(KEYS),
    response=st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.sampled_from("abcd") | st.integers(), max_size=6),
)
def test_a_grade_is_a_share_or_there_is_none(key: Key, response: object) -> None:
    with suppress(Ungradable):
        assert 0.0 <= grade(key, response) <= 1.0
