"""Preferences are complete whatever was chosen, and every wrong choice is named."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.manifest import read
from attune.domain.preferences import DEFAULTS, complete, flaws_of_change, flaws_of_whole
from tests.unit.conftest import SHIPPED, shipped, small_course

COURSE = small_course()
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "learning_style": st.dictionaries(
            st.sampled_from(["visual", "practical", "theoretical", "social"]), st.just(0.1)
        ),
        "preferred_difficulty": st.none() | st.integers(1, 5),
        "time_availability": st.integers(5, 1440),
        "feedback_style": st.sampled_from(["detailed", "simple", "minimal"]),
        "weekly_reports": st.booleans(),
        "extras": st.dictionaries(st.sampled_from(["tool"]), st.just("axe")),
    },
)


def _of_change(change: dict[str, Any]) -> list[tuple[str, str]]:
    return [(flaw.pointer, flaw.code) for flaw in flaws_of_change(change, COURSE)]


def _of_whole(**chosen: Any) -> list[tuple[str, str]]:
    return [(flaw.pointer, flaw.code) for flaw in flaws_of_whole({**DEFAULTS, **chosen})]


def test_the_defaults_are_those_of_the_contract() -> None:
    assert DEFAULTS == {
        "learning_style": {"visual": 0.25, "practical": 0.25, "theoretical": 0.25, "social": 0.25},
        "learning_goals": [],
        "preferred_difficulty": None,
        "time_availability": 30,
        "session_length": 20,
        "feedback_style": "detailed",
        "encouragement_level": 0.7,
        "challenge_level": 0.5,
        "training_reminders": True,
        "weekly_reports": True,
        "achievement_notifications": True,
        "time_zone": "UTC",
        "extras": {},
    }
    assert flaws_of_whole(DEFAULTS) == []


@given(CHOICES)
def test_what_was_chosen_stands_over_the_defaults(chosen: dict[str, Any]) -> None:
    before = copy.deepcopy((chosen, DEFAULTS))
    whole = complete(chosen, COURSE)
    assert (chosen, DEFAULTS) == before
    assert set(whole) == set(DEFAULTS)
    for name, value in chosen.items():
        assert whole[name] == (value if name not in ("learning_style", "extras") else {**whole[name], **value})
    for name in set(DEFAULTS) - set(chosen) - {"extras"}:
        assert whole[name] == DEFAULTS[name]
    assert set(whole["learning_style"]) == {"visual", "practical", "theoretical", "social"}
    assert set(whole["extras"]) == {"tool", "seats"}


def test_completing_what_is_complete_changes_nothing() -> None:
    whole = complete({"extras": {"tool": "axe"}}, COURSE)
    assert complete(whole, COURSE) == whole


@pytest.mark.parametrize("name", SHIPPED)
def test_the_defaults_of_the_shipped_courses_are_allowed(name: str) -> None:
    course = shipped(name).course
    whole = complete({}, course)
    assert whole["extras"]
    assert flaws_of_change(whole, course) == []
    assert flaws_of_whole(whole) == []


@pytest.mark.parametrize(
    ("change", "flaws"),
    [
        ({}, []),
        ({"learning_goals": ["work", "fun", "one"]}, []),
        ({"learning_goals": ["work", "nine"]}, [("/learning_goals/1", "not_offered")]),
        ({"extras": {"tool": "axe"}}, []),
        ({"extras": {"tool": "gun"}}, [("/extras/tool", "not_offered")]),
        ({"extras": {"colour": 1}}, [("/extras/colour", "unknown_field")]),
        ({"extras": {"seats": []}}, [("/extras/seats", "out_of_range")]),
    ],
    ids=str,
)
def test_a_change_is_judged_whatever_is_stored(change: dict[str, Any], flaws: list[tuple[str, str]]) -> None:
    assert _of_change(change) == flaws


def test_several_wrong_choices_are_all_named() -> None:
    change = {"learning_goals": ["x", "y"], "extras": {"tool": 1, "seats": "left"}}
    assert len(_of_change(change)) == 4


@pytest.mark.parametrize(
    ("weights", "allowed"),
    [
        ((0.25, 0.25, 0.25, 0.25), True),
        ((0.1, 0.2, 0.3, 0.4), True),
        ((0.3333333, 0.3333333, 0.3333334, 0.0000005), True),
        ((0, 0, 0, 0), True),
        ((1, 0, 0, 0), True),
        ((0.5, 0.5, 0.0001, 0), False),
        ((1, 1, 1, 1), False),
    ],
)
def test_the_weights_of_a_style_are_together_at_most_one(weights: tuple[float, ...], allowed: bool) -> None:
    style = dict(zip(("visual", "practical", "theoretical", "social"), weights, strict=True))
    assert _of_whole(learning_style=style) == ([] if allowed else [("/learning_style", "sum_above_one")])


@given(st.integers(5, 1440), st.integers(5, 240))
def test_a_session_is_no_longer_than_the_time_of_a_day(day: int, session: int) -> None:
    found = _of_whole(time_availability=day, session_length=session)
    assert found == ([] if session <= day else [("/session_length", "above_time_availability")])


def test_a_course_without_preferences_of_its_own_has_no_extras() -> None:
    course = read("c", 0, {})
    assert complete({}, course)["extras"] == {}
    assert [flaw.code for flaw in flaws_of_change({"extras": {"tool": "axe"}}, course)] == ["unknown_field"]
