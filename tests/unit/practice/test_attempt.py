"""An attempt keeps all that a replay needs, and knows its place."""

import json

import pytest

from attune.domain.practice.attempt import Attempt, Place
from tests.unit.practice.attempts import NOON, an_attempt, some_attempts


@pytest.mark.parametrize("attempt", [an_attempt(), *some_attempts(3, 20)], ids=lambda one: one.id)
def test_json_holds_all_there_is(attempt: Attempt) -> None:
    again = Attempt.from_json(json.loads(json.dumps(attempt.to_json())))
    assert again == attempt
    assert json.dumps(again.to_json()) == json.dumps(attempt.to_json())


def test_it_stands_by_its_time_and_then_by_its_ids() -> None:
    attempts = [an_attempt(NOON, session="b", id="1"), an_attempt(NOON, session="a", id="2"), an_attempt(NOON - 1)]
    assert sorted(attempt.place for attempt in attempts) == [
        Place(NOON - 1, "s", str(NOON - 1)),
        Place(NOON, "a", "2"),
        Place(NOON, "b", "1"),
    ]


@pytest.mark.parametrize(
    ("score", "mistake", "success"), [(0.6, None, True), (0.59, None, False), (1.0, "slip", False), (0.0, None, False)]
)
def test_success_is_a_good_score_without_a_mistake(score: float, mistake: str | None, success: bool) -> None:
    assert an_attempt(score=score, mistake=mistake).success is success


def test_hints_lower_its_weight() -> None:
    assert [an_attempt(hints=hints).weight for hints in (0, 1, 2, 4)] == [1.0, 2 / 3, 0.5, 1 / 3]
