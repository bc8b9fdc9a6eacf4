"""What a request asks, what is filled in for it, and from where; equal words share a set."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.learner import LearnerSettings
from attune.domain.recommendations.asked import Asked, resolve, told_goals
from tests.unit.conftest import small_course

COURSE = small_course()
WORDS = st.none() | st.lists(st.sampled_from(["one", "two", "q1", "a/one"]), max_size=3, unique=True).map(tuple)
ASKED = st.builds(
    Asked,
    count=st.none() | st.integers(1, 3),
    time_available=st.none() | st.integers(1, 3),
    difficulty=st.none() | st.integers(1, 5),
    focus_areas=WORDS,
    exclude=WORDS,
    goals=WORDS,
    kinds=WORDS,
)


def settings(answers: Any = None, **preferences: Any) -> LearnerSettings:
    return LearnerSettings(answers=answers or {}, preferences=preferences)


def test_a_request_that_says_nothing_gets_the_defaults() -> None:
    found = resolve(Asked(), settings(), COURSE)
    assert found.context == {
        "count": (5, "default"),
        "time_available": (30, "default"),
        "difficulty": (None, "default"),
        "focus_areas": ((), "default"),
        "exclude": ((), "default"),
        "goals": ((), "default"),
        "kinds": ((), "default"),
    }
    request = found.request
    assert (request.count, request.minutes, request.difficulty, request.difficulty_asked) == (5, 30, None, False)


def test_what_is_stored_beats_the_defaults() -> None:
    stored = settings(time_availability=45, preferred_difficulty=4, learning_goals=["fun"])
    found = resolve(Asked(), stored, COURSE)
    assert found.context["time_available"] == (45, "preferences")
    assert found.context["difficulty"] == (4, "preferences")
    assert found.context["goals"] == (("fun",), "preferences")
    assert (found.request.minutes, found.request.goals, found.request.difficulty_asked) == (45, ("fun",), False)


def test_the_request_beats_what_is_stored() -> None:
    stored = settings({"aims": ["work"]}, time_availability=45, preferred_difficulty=4, learning_goals=["fun"])
    asked = Asked(2, 10, 1, ("one",), ("q1",), ("two",), ("learn",))
    found = resolve(asked, stored, COURSE)
    assert {source for _, source in found.context.values()} == {"request"}
    request = found.request
    assert (request.count, request.minutes, request.difficulty, request.difficulty_asked) == (2, 10, 1, True)
    assert [set(part) for part in (request.focus, request.exclude, request.kinds)] == [{"one"}, {"q1"}, {"learn"}]
    assert request.goals == ("two",)


@pytest.mark.parametrize(
    ("answers", "preferences", "goals"),
    [
        ({"aims": ["work"]}, {}, (("work",), "answers")),
        ({"aims": ("fun", "work")}, {}, (("fun", "work"), "answers")),
        ({"aims": ["work"]}, {"learning_goals": ["fun"]}, (("fun",), "preferences")),
        ({"aims": ["work"]}, {"learning_goals": []}, (("work",), "answers")),
        ({"aims": [], "level": "low"}, {}, ((), "default")),
        ({"aims": ["gone"]}, {}, ((), "default")),
    ],
)
def test_goals_are_the_requests_else_the_preferences_else_the_answers(
    answers: dict[str, Any], preferences: dict[str, Any], goals: tuple[Any, str]
) -> None:
    assert resolve(Asked(), settings(answers, **preferences), COURSE).context["goals"] == goals


def test_only_answers_that_are_goals_are_goals() -> None:
    assert told_goals(COURSE, settings({"level": "work", "aims": ["fun", "x"], "robots": True})) == ("fun",)
    assert told_goals(COURSE, settings()) is None


def test_an_empty_list_is_not_nothing() -> None:
    assert Asked(exclude=()).context != Asked().context
    found = resolve(Asked(goals=()), settings(learning_goals=["fun"]), COURSE)
    assert found.context["goals"] == ((), "request")


@given(asked=ASKED, other=ASKED)
def test_equal_words_share_a_set_and_others_do_not(asked: Asked, other: Asked) -> None:
    def plain(one: Asked) -> dict[str, Any]:
        said = {name: getattr(one, name) for name in Asked.__slots__}
        return {name: sorted(value) if isinstance(value, tuple) else value for name, value in said.items()}

    assert (asked.context == other.context) == (plain(asked) == plain(other))
    lists: Any = {name: tuple(reversed(value)) for name, value in plain(asked).items() if isinstance(value, list)}
    assert replace(asked, **lists).context == asked.context
    assert len(asked.context) == 16
