"""Reasons: shares of a priority, true figures, and a sentence for each in every language and tone."""

import pytest

from attune.domain.recommendations.parameters import DEFAULT
from attune.domain.recommendations.phrases import FALLBACK, ONE, PHRASES, TONES, VARIANTS, params_of, text
from attune.domain.recommendations.rank import rank
from attune.domain.recommendations.reasons import Told, priority_of, split
from attune.domain.recommendations.recommendation import Reason
from attune.domain.recommendations.situation import DAY, Feedback, Mistakes, Request
from tests.unit.conftest import shipped
from tests.unit.recommendations.situations import NOW, a_course, an_item, situation, standing

VALUES = {
    "category": "missed-value",
    "difficulty": 2,
    "format": "visual",
    "free": 30,
    "goal": "postflop",
    "kind": "practise",
    "layer": "L1",
    "lesson": "scenarios/bluffing",
    "mastery": 0.4,
    "minutes": 12,
    "n": 3,
    "p": 0.64,
    "rating": 950,
    "recall": 0.88,
    "score": 0.4,
    "skill": "postflop",
    "velocity": 18.5,
}


@pytest.mark.parametrize("code", sorted(PHRASES[FALLBACK]))
def test_every_reason_has_a_sentence_in_every_language_and_tone(code: str) -> None:
    course = shipped("poker").course
    for language in PHRASES:
        for tone in TONES:
            for n in (1, 3):
                said = text(Reason(code, {**VALUES, "n": n}, 0.5), course, language, tone)
                assert said.endswith("۔" if language == "ur" else ".")
                assert not {"{", "}"} & set(said)
    assert text(Reason(code, VALUES, 0.5), course, "de") == text(Reason(code, VALUES, 0.5), course, "en")


def test_the_languages_say_the_same() -> None:
    for language, table in PHRASES.items():
        assert set(table) == set(PHRASES[FALLBACK])
        assert set(ONE[language]) <= set(table)
        for code, sentence in table.items():
            assert params_of(sentence) == params_of(PHRASES[FALLBACK][code]), (language, code)
    for tables in VARIANTS.values():
        assert set(tables) == set(PHRASES)
        assert len({frozenset(table) for table in tables.values()}) == 1
        for table in tables.values():
            for code, sentence in table.items():
                assert params_of(sentence) <= params_of(PHRASES[FALLBACK][code])


def test_sentences_name_things_as_the_course_does() -> None:
    course = shipped("poker").course
    due = Reason("due", {"skill": "postflop", "recall": 0.88}, 0.5)
    assert text(due, course, "en") == "It is time to review Postflop play: you would still recall about 88 % of it."
    assert "فلاپ کے بعد کا کھیل" in text(due, course, "ur")
    assert text(due, course, "en", "simple") == "It is time to review Postflop play."
    assert text(due, course, "en", "minimal") == "Review: Postflop play."
    mistake = Reason("repeated_mistake", {"category": "missed-value", "n": 3}, 0.5)
    assert text(mistake, course, "en") == "It trains against a mistake that you made 3 times: Missed value."
    assert text(Reason("goal", {"goal": "bankroll_management"}, 0.1), course, "en").endswith("Manage my bankroll.")
    assert text(Reason("lesson_read", {"lesson": "scenarios/bluffing"}, 0.1), course, "en").endswith("Bluffing.")
    assert text(Reason("lesson_read", {"lesson": "gone"}, 0.1), course, "en").endswith("gone.")
    assert text(Reason("unlocks_skills", {"n": 1}, 0.1), course, "en") == "It opens 1 further skill."
    assert text(Reason("format", {"format": "social"}, 0.1), course, "ur").endswith("سماجی۔")


def test_a_priority_is_split_to_the_last_decimal() -> None:
    parts: list[tuple[Told, float]] = [(("a", {}), 1.0), (("b", {}), 1.0), (("c", {}), 1.0), (("tiny", {}), 0.01)]
    reasons = split(0.4444, parts)
    assert [(reason.code, reason.weight) for reason in reasons] == [("a", 0.1482), ("b", 0.1481), ("c", 0.1481)]
    assert [(one.code, one.weight) for one in split(1.0, [])] == [("available", 1.0)]
    assert [(one.code, one.weight) for one in split(0.0001, parts)] == [("a", 0.0001)]
    assert priority_of(1e-9, 1.0) == 0.0001


def test_figures_in_reasons_are_those_of_the_learner() -> None:
    course = a_course(
        {"a": [], "b": ["a"], "c": []},
        [an_item("a1", "a", lesson="l/1"), an_item("b1", "b"), an_item("c1", "c"), an_item("c2", "c")],
        [{"slug": "l/1", "skills": ["a"]}],
        mistakes=[{"id": "slip", "items": ["c1"]}],
    )
    known = {"a": standing(0.5, 4), "b": standing(0.2), "c": standing(0.8, 9, 0.31)}
    found = rank(
        situation(
            course,
            known,
            last={"c2": (NOW - DAY, 0.25)},
            lessons={"l/1": "completed"},
            weaknesses=[Mistakes("slip", 5, 0.9, 0.5)],
            feedback=Feedback(accepted=frozenset({"a1"})),
        ),
        Request(count=9, minutes=60, difficulty=3, goals=("a",)),
        DEFAULT,
        "seed",
    )
    told = {one.item: {reason.code: dict(reason.params) for reason in one.reasons} for one in found.recommendations}
    assert told["a1"]["not_mastered"] == {"skill": "a", "mastery": 0.5}
    assert told["a1"]["goal_skill"] == {"skill": "a"}
    assert told["c1"]["due"] == {"skill": "c", "recall": 0.31}
    assert told["c1"]["repeated_mistake"] == {"category": "slip", "n": 5}
    assert told["c2"]["due"] == {"skill": "c", "recall": 0.31}
    every = {code for codes in told.values() for code in codes}
    assert "accepted" in told["a1"]
    assert told["c2"]["last_answer_wrong"] == {"score": 0.25}
    assert every <= set(PHRASES[FALLBACK])
    assert {drop.item: drop.rule for drop in found.dropped} == {"b1": "prerequisite", "l/1": "completed"}
