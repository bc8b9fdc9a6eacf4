"""What is recommended to somebody in a certain situation: the order of a course, kinds, rules, time, the draw."""

from dataclasses import replace

import pytest

from attune.domain.course import Course
from attune.domain.recommendations.choose import _pick
from attune.domain.recommendations.parameters import DEFAULT
from attune.domain.recommendations.rank import first_draws, rank
from attune.domain.recommendations.recommendation import Ranked, expected_gain
from attune.domain.recommendations.situation import DAY, Feedback, Mistakes, Request, Situation
from tests.unit.conftest import shipped
from tests.unit.recommendations.situations import NOW, a_course, an_item, situation, standing

CHAIN = a_course(
    {"a": [], "b": ["a"], "c": []},
    [an_item(f"{skill}{n}", skill, difficulty=n + 1) for skill in "abc" for n in range(4)],
)
ALL = Request(count=20, minutes=240)


def shown(ranked: Ranked) -> dict[str, str]:
    return {one.item: one.kind for one in ranked.recommendations}


def rules(ranked: Ranked) -> dict[str, str]:
    return {drop.item: drop.rule for drop in ranked.dropped}


def ranked(course: Course, request: Request = ALL, seed: str = "seed", **known: object) -> Ranked:
    return rank(situation(course, **known), request, DEFAULT, seed)  # type: ignore[arg-type]


# Nobody knows anything yet


def test_a13_to_a16_the_course_decides_for_somebody_of_whom_nothing_is_known() -> None:
    course = shipped("physical-ai").course
    found = ranked(course, Request(count=3, minutes=20), onboarded=False)
    first = found.recommendations[0]
    assert (first.kind, first.item, first.priority, first.propensity) == (
        "learn",
        "foundations/embodiment-hypothesis",
        1.0,
        1.0,
    )
    assert [(reason.code, dict(reason.params)) for reason in first.reasons] == [
        ("first_in_course_order", {}),
        ("unlocks_skills", {"n": 3}),
    ]
    assert sum(one.minutes for one in found.recommendations) <= 20
    assert all(
        (one.expected.points, one.expected.basis, one.expected.n) == (None, "no_history", 0)
        for one in found.recommendations
    )
    assert all(
        {reason.code for reason in one.reasons} <= {"next_in_course_order", "unlocks_skills"}
        for one in found.recommendations[1:]
    )
    blocked = {drop.item: drop.params for drop in found.dropped if drop.rule == "prerequisite"}
    assert set(course.lessons) - set(blocked) == {first.item}
    assert blocked["foundations/robot-sensors"] == {"skill": "embodiment", "need": 0.6, "has": 0.22}


def test_a46_a47_a_lesson_appears_when_what_it_builds_upon_is_mastered() -> None:
    course = shipped("physical-ai").course
    for mastery, there in ((0.59, False), (0.6, True)):
        known = {"embodiment": standing(mastery, 5)}
        found = shown(ranked(course, replace(ALL, kinds=frozenset({"learn"})), standings=known))
        assert ("foundations/robot-sensors" in found) == there


def test_whom_the_questionnaire_tells_of_is_ranked_by_it() -> None:
    known = {"a": standing(0.2, rating=1300.0), "c": standing(0.2, rating=900.0)}
    found = ranked(CHAIN, standings=known)
    assert {kind for item, kind in shown(found).items() if item.startswith("a")} == {"assess"}
    assert {kind for item, kind in shown(found).items() if item.startswith("c")} == {"practise"}


def test_a_beginner_gets_the_first_layers_first() -> None:
    lessons = [{"slug": f"l/{layer}", "layer": layer, "skills": ["a"]} for layer in ("L4", "L1")]
    course = a_course({"a": []}, [], lessons)
    chances = [first_draws(situation(course, beginner=flag), ALL, DEFAULT) for flag in (False, True)]
    assert chances[1]["l/L1"] > 0.9 > chances[0]["l/L1"]


# Kinds


def test_each_kind_has_its_occasion() -> None:
    course = a_course(
        {"new": [], "old": [], "said": []},
        [an_item("n1", "new"), an_item("n2", "new"), an_item("n3", "new"), an_item("o1", "old"), an_item("s1", "said")],
        [{"slug": "l/1", "skills": ["new"]}, {"slug": "l/2", "skills": ["new"]}],
    )
    found = ranked(
        course,
        standings={
            "new": standing(0.4, 3),
            "old": standing(0.7, 9, 0.5),
            "said": standing(0.3, rating=1300.0, source="claim"),
        },
        last={"n2": (NOW - DAY, 0.2)},
        lessons={"l/2": "started"},
        feedback=Feedback(accepted=frozenset({"n3"})),
    )
    assert shown(found) == {
        "n1": "practise",
        "n2": "retry",
        "n3": "resume",
        "o1": "review",
        "s1": "assess",
        "l/1": "learn",
        "l/2": "resume",
    }
    assert found.due == 1


def test_what_is_done_or_mastered_is_left_out_until_the_course_is_complete() -> None:
    course = a_course({"a": []}, [an_item("i", "a")], [{"slug": "l/1", "skills": ["a"]}])
    found = ranked(course, standings={"a": standing(0.9, 9, 0.95)}, lessons={"l/1": "completed"})
    assert (rules(found), found.empty_reason) == ({"i": "mastered", "l/1": "completed"}, "course_complete")
    due = ranked(course, standings={"a": standing(0.9, 9, 0.5)}, lessons={"l/1": "completed"})
    assert shown(due) == {"i": "review"}
    assert ranked(a_course({"a": []}, [])).empty_reason == "no_content"


def test_what_was_answered_wrong_waits_a_little_unless_it_is_a_weakness() -> None:
    course = a_course({"a": []}, [an_item("i", "a"), an_item("j", "a")], mistakes=[{"id": "slip", "items": ["i"]}])
    just = {"i": (NOW - 60, 0.0)}
    assert rules(ranked(course, last=just)) == {"i": "recently_done"}
    weak = ranked(course, last=just, weaknesses=[Mistakes("slip", 3, 0.6, 0.4)])
    assert shown(weak) == {"i": "retry", "j": "practise"}
    assert shown(ranked(course, last={"i": (NOW - 700, 0.0)})) == {"i": "retry", "j": "practise"}
    alone = a_course({"a": []}, [an_item("i", "a")])
    assert shown(ranked(alone, last=just)) == {"i": "retry"}, "nothing else is left"


def test_a51_after_a_break_reviews_are_mixed_with_something_new() -> None:
    skills = [f"s{number}" for number in range(9)]
    course = a_course(
        {**{skill: [] for skill in skills}, "new": []}, [an_item(f"i-{skill}", skill) for skill in (*skills, "new")]
    )
    for mastery in (0.4, 0.8):
        known = {skill: standing(mastery, 4, 0.01) for skill in skills}
        for seed in range(20):
            found = ranked(course, Request(minutes=15), seed=str(seed), standings=known)
            kinds = [one.kind for one in found.recommendations]
            assert found.due == 9
            assert 1 <= kinds.count("review") <= 2
            assert "practise" in kinds
            assert sum(one.minutes for one in found.recommendations) <= 15


def test_reviews_alone_are_shown_where_nothing_new_is_left() -> None:
    course = a_course({"a": [], "b": []}, [an_item("i", "a"), an_item("j", "b")])
    known = {"a": standing(0.9, 9, 0.5), "b": standing(0.9, 9, 0.4)}
    assert shown(ranked(course, standings=known)) == {"i": "review", "j": "review"}


# Rules


def test_b16_what_is_left_out_says_why() -> None:
    found = ranked(CHAIN, replace(ALL, exclude=frozenset({"a0", "c"})))
    assert rules(found) == {
        "a0": "excluded_by_request",
        **{f"c{n}": "excluded_by_request" for n in range(4)},
        **{f"b{n}": "prerequisite" for n in range(4)},
    }
    needs = next(drop.params for drop in found.dropped if drop.item == "b0")
    assert needs == {"skill": "a", "need": 0.6, "has": 0.22}
    few = ranked(CHAIN, Request(count=1, minutes=240))
    assert sorted(set(rules(few).values())) == ["not_chosen", "prerequisite"]
    kinds = ranked(CHAIN, replace(ALL, kinds=frozenset({"review"})))
    assert (shown(kinds), kinds.empty_reason) == ({}, "kind")
    focus = ranked(CHAIN, replace(ALL, focus=frozenset({"c", "a1"})))
    assert set(shown(focus)) == {"a1", "c0", "c1", "c2", "c3"}
    assert rules(focus)["a0"] == "focus"
    elsewhere = ranked(CHAIN, replace(ALL, focus=frozenset({"b"})))
    assert len(shown(elsewhere)) == 8, "nothing in focus is open"


def test_b17_b20_minutes() -> None:
    course = a_course({"a": [], "b": []}, [an_item("short", "a", minutes=10), an_item("long", "b", minutes=25)])
    assert set(shown(ranked(course, Request(minutes=35)))) == {"short", "long"}
    tight = ranked(course, Request(minutes=30))
    assert len(shown(tight)) == 1
    assert set(rules(tight).values()) == {"time"}
    over = ranked(course, Request(minutes=5))
    assert shown(over) == {"short": "practise"}
    assert over.exceeds_time
    assert over.recommendations[0].exceeds_time
    assert rules(over) == {"long": "time"}
    none = ranked(course, Request(minutes=5, exclude=frozenset({"a", "b"})))
    assert (shown(none), none.empty_reason, none.exceeds_time) == ({}, "excluded_by_request", False)


def test_b20_the_oldest_decline_comes_back_when_nothing_else_is_left() -> None:
    course = a_course({"a": []}, [an_item("i", "a"), an_item("j", "a"), an_item("k", "a")])
    ago = {"i": 2 * DAY, "j": 5 * DAY, "k": 1 * DAY}
    feedback = Feedback(declined={item: NOW - since for item, since in ago.items()})
    assert list(shown(ranked(course, feedback=feedback))) == ["j", "i", "k"]
    assert list(shown(ranked(course, Request(count=1), feedback=feedback))) == ["j"]
    short = ranked(course, Request(minutes=1), feedback=feedback)
    assert (list(shown(short)), short.exceeds_time) == (["j"], True)
    assert first_draws(situation(course, feedback=feedback), ALL, DEFAULT) == {"j": 1.0}


def test_needs_that_wait_for_each_other_do_not_hold_the_course_up() -> None:
    both = a_course({"a": [], "b": ["a"]}, [an_item("i", "a", "b")])
    assert shown(ranked(both)) == {"i": "practise"}
    none = ranked(both, replace(ALL, exclude=frozenset({"i"})))
    assert none.empty_reason == "excluded_by_request"


def test_only_sought_kinds_that_are_shut_leave_nothing() -> None:
    found = ranked(CHAIN, replace(ALL, exclude=frozenset({"a", "c"})))
    assert (shown(found), found.empty_reason) == ({}, "excluded_by_request")


# Preferences and feedback


def chances(situation: Situation, request: Request = ALL) -> dict[str, float]:
    return first_draws(situation, request, DEFAULT)


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
