"""What is recommended to somebody in a certain situation: the order of a course, kinds, rules, time, the draw."""

from dataclasses import replace

from attune.domain.recommendations.parameters import DEFAULT
from attune.domain.recommendations.rank import first_draws
from attune.domain.recommendations.recommendation import Ranked
from attune.domain.recommendations.situation import DAY, Feedback, Mistakes, Request
from tests.unit.conftest import shipped
from tests.unit.recommendations.ranking import ALL, CHAIN, ranked, shown
from tests.unit.recommendations.situations import NOW, a_course, an_item, situation, standing


def rules(ranked: Ranked) -> dict[str, str]:
    return {drop.item: drop.rule for drop in ranked.dropped}


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
