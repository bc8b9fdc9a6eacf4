"""The earlier formula gives what it gave, each item once."""

from dataclasses import replace
from typing import Any

from attune.domain.recommendations.parameters import BASELINE, DEFAULT
from attune.domain.recommendations.rank import rank
from attune.domain.recommendations.recommendation import Ranked
from attune.domain.recommendations.situation import Feedback, Mistakes, Request, Situation
from tests.unit.conftest import shipped
from tests.unit.recommendations.situations import NOW, a_course, an_item, situation, standing

OLD = replace(DEFAULT, algorithm=BASELINE)
SKILLS = ("preflop", "postflop", "psychology", "mathematics", "bankroll", "tournament")
RATINGS = (1150.0, 1050.0, 1200.0, 950.0, 1300.0, 900.0)
CONFIDENCE = (0.7, 0.6, 0.8, 0.5, 0.9, 0.4)


def demo(**changes: Any) -> Situation:
    """The demo learner of the training system; mathematics is met so that its tournament item is open as it was."""
    known = {
        name: standing(0.65, 20, rating=rating, confidence=confidence)
        for name, rating, confidence in zip(SKILLS, RATINGS, CONFIDENCE, strict=True)
    }
    plain: dict[str, Any] = {
        "style": {"visual": 0.3, "practical": 0.4, "theoretical": 0.2, "social": 0.1},
        "overall": 1110.0,
        "learning_velocity": 18.5,
        "weaknesses": [
            Mistakes("unnamed flop pattern", 9, 0.6, 0.35, "flop"),
            Mistakes("unnamed river pattern", 7, 0.5, 0.28, "river"),
            Mistakes("unnamed turn pattern", 5, 0.4, 0.22, "turn"),
        ],
    }
    return situation(shipped("poker").course, known, **{**plain, **changes})


def items(ranked: Ranked) -> list[str]:
    return [one.item for one in ranked.recommendations]


def test_the_demo_learner_gets_the_same_three_first_and_none_twice() -> None:
    found = rank(demo(), Request(minutes=45, difficulty=3), OLD, "any")
    assert items(found)[:3] == ["pot-odds", "value-betting", "bluffing"]
    assert len(set(items(found))) == len(items(found))
    assert items(found)[3:] == ["bankroll-management"], "the place that the duplicates held"
    assert [one.propensity for one in found.recommendations] == [1.0] * 4
    codes = {reason.code for reason in found.recommendations[2].reasons}
    assert codes == {"low_rating", "format", "fast_learner", "large_gain", "fills_the_time"}
    assert rank(demo(), Request(minutes=45, difficulty=3), OLD, "other") == found


def test_a_known_category_of_mistakes_brings_its_scenarios() -> None:
    weak = demo(weaknesses=[Mistakes("missed-value", 9, 0.7, 0.6, "river")])
    found = rank(weak, Request(minutes=40), OLD, "any")
    assert items(found)[0] == "value-betting"
    first = found.recommendations[0].reasons
    assert {"category": "missed-value", "n": 9} in [reason.params for reason in first]


def test_what_is_declined_excluded_shut_or_elsewhere_is_left_out() -> None:
    asked = Request(minutes=45, difficulty=3)
    assert "pot-odds" not in items(rank(demo(), replace(asked, exclude=frozenset({"pot-odds"})), OLD, "any"))
    declined = demo(feedback=Feedback({"pot-odds": NOW - 60}))
    assert "pot-odds" not in items(rank(declined, asked, OLD, "any"))
    focus = rank(demo(), replace(asked, focus=frozenset({"psychology"})), OLD, "any")
    assert items(focus) == ["bluffing"]
    course = a_course({"a": [], "b": ["a"]}, [an_item("i", "a"), an_item("j", "b")])
    assert items(rank(situation(course), Request(), OLD, "any")) == ["i"]


def test_levels_move_the_difficulty_that_the_filter_sees() -> None:
    course = a_course({"a": [], "b": []}, [an_item("i", "a", difficulty=4), an_item("j", "b", difficulty=2)])
    known = {"a": standing(0.3, 3, rating=500.0), "b": standing(0.5, 3, rating=1500.0)}
    found = rank(situation(course, known, overall=2000.0), Request(difficulty=2), OLD, "any")
    assert items(found) == ["i", "j"]
    assert found.recommendations[0].difficulty == 4


def test_where_its_filters_leave_nothing_the_shortest_is_shown() -> None:
    course = a_course({"a": []}, [an_item("i", "a", minutes=50), an_item("j", "a", minutes=40)])
    found = rank(situation(course), Request(minutes=10), OLD, "any")
    assert items(found) == ["j"]
    assert found.exceeds_time
    assert [reason.code for reason in found.recommendations[0].reasons] == ["shortest"]
    none = rank(situation(course), Request(exclude=frozenset({"a"})), OLD, "any")
    assert (items(none), none.empty_reason) == ([], "excluded_by_request")
