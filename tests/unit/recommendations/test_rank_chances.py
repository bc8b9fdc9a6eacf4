"""What is wished for and what is known change how likely a thing is to be shown; things are drawn as often as said."""

from dataclasses import replace

import pytest

from attune.domain.recommendations.choose import _pick
from attune.domain.recommendations.parameters import DEFAULT
from attune.domain.recommendations.rank import first_draws, rank
from attune.domain.recommendations.recommendation import expected_gain
from attune.domain.recommendations.situation import DAY, Feedback, Mistakes, Request
from tests.unit.recommendations.ranking import ALL, CHAIN, chances, ranked, shown
from tests.unit.recommendations.situations import NOW, a_course, an_item, situation, standing

# Preferences and feedback


def test_goals_change_the_ranking_towards_them_and_what_they_need() -> None:
    course = a_course(
        {"a": [], "b": ["a"], "c": [], "d": []},
        [an_item(f"{skill}1", skill) for skill in "abcd"],
        goals=[{"id": "aim", "skills": ["b"]}],
    )
    plain, aimed, direct = (chances(situation(course), replace(ALL, goals=goals)) for goals in ((), ("aim",), ("c",)))
    assert aimed["a1"] > plain["a1"]
    assert direct["c1"] > plain["c1"]
    reasons = rank(situation(course), replace(ALL, goals=("aim",)), DEFAULT, "x").recommendations
    told = {reason.code: reason.params for one in reasons if one.item == "a1" for reason in one.reasons}
    assert told["goal_prerequisite"] == {"skill": "a", "goal": "b"}


def test_b21_challenge_lowers_the_expected_success_and_an_asked_difficulty_beats_it() -> None:
    course = a_course({"a": []}, [an_item(f"i{d}-{n}", "a", difficulty=d) for d in range(1, 6) for n in range(3)])
    means = []
    for challenge in (0.0, 1.0):
        sets = [ranked(course, Request(count=6), seed=str(n), challenge=challenge) for n in range(30)]
        means.append(sum(one.p_success for found in sets for one in found.recommendations))
    assert means[1] < means[0] - 10
    asked = Request(count=3, difficulty=2, difficulty_asked=True)
    low, high = (ranked(course, asked, challenge=challenge) for challenge in (0.0, 1.0))
    assert low == high
    assert {one.difficulty for one in low.recommendations} == {2}
    assert "asked_difficulty" in {reason.code for reason in low.recommendations[0].reasons}
    leaning = chances(situation(course), Request(difficulty=4))
    assert leaning["i4-0"] > chances(situation(course), Request())["i4-0"]


@pytest.mark.parametrize(("reason", "days"), [("too_hard", 7), ("not_now", 7), ("not_relevant", 7), ("seen", 90)])
def test_b22_k5_a_declined_item_comes_back_after_its_time(reason: str, days: int) -> None:
    for ago, there in ((days - 0.1, False), (days + 0.1, True)):
        feedback = Feedback(declined={"a1": NOW - ago * DAY}, reasons={"a1": reason})
        assert ("a1" in shown(ranked(CHAIN, feedback=feedback))) == there
    dropped = {drop.item: drop.params for drop in ranked(CHAIN, feedback=Feedback({"a1": NOW}, {"a1": reason})).dropped}
    assert dropped["a1"] == {"reason": reason, "days_left": float(days)}


def test_b22_each_reason_has_an_effect_of_its_own() -> None:
    plain = situation(CHAIN)
    easier = chances(replace(plain, feedback=Feedback(shift=0.15)))
    harder = chances(replace(plain, feedback=Feedback(shift=-0.15)))
    usual = chances(plain)
    assert easier["c0"] > usual["c0"] > harder["c0"]
    assert harder["c3"] > usual["c3"] > easier["c3"]

    def after(reason: str) -> dict[str, float]:
        return chances(replace(plain, feedback=Feedback({"a0": NOW - 8 * DAY}, {"a0": reason})))

    assert after("not_now") == usual
    assert "a0" not in after("seen")
    assert after("not_relevant")["a1"] < usual["a1"]


def test_what_was_welcome_is_shown_more_often() -> None:
    plain = situation(CHAIN)
    welcome = replace(plain, feedback=Feedback(tallies={"practise:2": (6.0, 0.0)}))
    unwelcome = replace(plain, feedback=Feedback(tallies={"practise:2": (0.0, 6.0)}))
    assert chances(welcome)["a1"] > chances(plain)["a1"] > chances(unwelcome)["a1"]
    one = next(one for one in rank(welcome, ALL, DEFAULT, "x").recommendations if one.item == "a1")
    assert {"kind": "practise", "n": 6.0} in [reason.params for reason in one.reasons]


def test_mistakes_bring_the_items_that_train_against_them() -> None:
    course = a_course({"a": []}, [an_item("i", "a"), an_item("j", "a")], mistakes=[{"id": "slip", "items": ["i"]}])
    weak = situation(course, weaknesses=[Mistakes("slip", 4, 0.6, 0.4)])
    assert chances(weak)["i"] > 0.9
    first = next(one for one in rank(weak, ALL, DEFAULT, "x").recommendations if one.item == "i")
    assert ("repeated_mistake", {"category": "slip", "n": 4}) in [(r.code, r.params) for r in first.reasons]
    once = situation(course, weaknesses=[Mistakes("slip", 1, 0.6, 0.4)])
    first = next(one for one in rank(once, ALL, DEFAULT, "x").recommendations if one.item == "i")
    assert ("recent_mistake", {"category": "slip", "n": 1}) in [(r.code, r.params) for r in first.reasons]


def test_b6_a_style_chooses_among_the_formats_of_a_skill() -> None:
    course = a_course(
        {"a": []}, [an_item("seen", "a", formats=["visual"]), an_item("done", "a", formats=["practical"])]
    )
    found = [chances(situation(course, style={name: 1.0}))["seen"] for name in ("visual", "practical")]
    assert found[0] > 0.5 > found[1]
    priorities = [
        {one.item: one.priority for one in ranked(course, style=style).recommendations}
        for style in ({}, {"visual": 1.0}, {"practical": 1.0})
    ]
    for item in ("seen", "done"):
        values = [priority[item] for priority in priorities]
        assert max(values) / min(values) <= 1.1
    told = [
        r for one in ranked(course, style={"visual": 1.0}).recommendations for r in one.reasons if r.code == "format"
    ]
    assert [reason.params for reason in told] in ([], [{"format": "visual"}])


def test_expected_points_are_the_mean_past_gain_of_the_kind() -> None:
    found = ranked(CHAIN, expectations={"practise": (9.1, 212), "learn": (3.0, 2)}).recommendations
    assert {one.expected for one in found} == {expected_gain(9.1, 212)}
    assert expected_gain(9.1, 212).basis == "mean_past_gain_of_kind"
    assert expected_gain(9.1, 0) == expected_gain(None, 3)


# The draw


def test_b19_over_10_000_seeds_the_first_item_comes_as_often_as_its_propensity_says() -> None:
    course = a_course({"a": [], "b": []}, [an_item(f"{s}{d}", s, difficulty=d) for s in "ab" for d in (1, 3, 5)])
    known = situation(course, {"a": standing(0.4, 3), "b": standing(0.3, 1)})
    request, seeds = Request(count=1), 10_000
    drawn = dict.fromkeys(course.items_by_id, 0)
    said: dict[str, float] = {}
    for seed in range(seeds):
        (first,) = rank(known, request, DEFAULT, f"learner:{seed}").recommendations
        drawn[first.item] += 1
        said[first.item] = first.propensity
    for item, p in first_draws(known, request, DEFAULT).items():
        assert p == pytest.approx(said[item], abs=1e-6)
        assert abs(drawn[item] / seeds - p) <= 3 * (p * (1 - p) / seeds) ** 0.5


def test_later_places_are_drawn_as_often_as_said_after_those_before_them() -> None:
    course = a_course({"a": [], "b": []}, [an_item(f"{s}{d}", s, difficulty=d) for s in "ab" for d in (2, 3)])
    seconds: dict[tuple[str, str], list[float]] = {}
    firsts: dict[str, int] = {}
    for seed in range(4000):
        one, two = rank(situation(course), Request(count=2), DEFAULT, str(seed)).recommendations
        seconds.setdefault((one.item, two.item), []).append(two.propensity)
        firsts[one.item] = firsts.get(one.item, 0) + 1
    for (first, _), found in seconds.items():
        (p,) = set(found)
        assert abs(len(found) / firsts[first] - p) <= 4 * (p * (1 - p) / firsts[first]) ** 0.5


def test_however_many_reviews_are_allowed_something_new_keeps_its_place() -> None:
    course = a_course(
        {"a": [], "b": [], "c": [], "new": []}, [an_item(skill, skill) for skill in ("a", "b", "c", "new")]
    )
    known = situation(course, {skill: standing(0.8, 4, 0.01) for skill in "abc"})
    eager = replace(DEFAULT, review_share=1.0)
    for seed in range(20):
        kinds = [one.kind for one in rank(known, Request(count=3), eager, str(seed)).recommendations]
        assert sorted(kinds) == ["practise", "review", "review"]
    never = rank(known, Request(count=3), replace(DEFAULT, review_share=0.0), "seed")
    assert [one.kind for one in never.recommendations] == ["practise"]
    alone = {rank(known, Request(count=1), DEFAULT, str(seed)).recommendations[0].kind for seed in range(30)}
    assert alone == {"practise", "review"}


def test_a_chance_that_rounding_leaves_over_takes_the_last_way() -> None:
    assert _pick([("a", 0.5), ("b", 0.4999999), ("c", 0.0)], 0.99999999) == ("b", 0.4999999, 0.0)


def test_without_mixing_and_heat_the_best_comes_first() -> None:
    cold = replace(DEFAULT, mixing=0.0, temperature=0.01)
    assert {rank(situation(CHAIN), ALL, cold, str(n)).recommendations[0].priority for n in range(20)} == {1.0}
