"""The frame around a lesson is made for each reader from the answers alone, in the reader's language."""

import dataclasses
import inspect
from typing import Any

import pytest

from attune.domain import frame
from attune.domain.answers import sets
from attune.domain.frame import Frame, around
from tests.unit.conftest import LESSONS, shipped, small_course

COURSE = small_course()
READER: dict[str, Any] = {
    "education_level": "undergraduate",
    "programming_experience": "beginner",
    "robotics_background": False,
    "ai_ml_experience": "none",
    "learning_goals": ["hobby"],
    "preferred_language": "en",
}


def test_a_frame_says_how_long_what_for_and_what_next() -> None:
    assert around(COURSE, "a/one", {"level": "low", "aims": ["work", "fun"]}, ["node", "IMU"], "en") == Frame(
        "This lesson takes about 15 minutes. It serves your goal: work. Take your time. Enjoy it.",
        "You worked on: one. Terms to remember: node and IMU.",
        "For your goal, go on with three, about 15 minutes.",
    )


def test_a_frame_is_in_the_readers_language() -> None:
    made = around(COURSE, "three", {"level": "low", "aims": ["work"]}, [], "ur")
    assert made.introduction == "اس سبق میں تقریباً 15 منٹ لگتے ہیں۔ آرام سے۔"
    assert made.recap == ""
    assert made.next == "اگلا سبق: four، تقریباً 15 منٹ۔"


def test_who_has_told_nothing_gets_a_frame_too() -> None:
    assert around(COURSE, "two", {}, [], "en") == Frame(
        "This lesson takes about 15 minutes.", "You worked on: two.", "Next: three, about 15 minutes."
    )


def test_after_the_last_lesson_there_is_practice() -> None:
    assert around(COURSE, "four", {"aims": ["fun"]}, [], "en").next.startswith("This is the last lesson.")


def test_a_goal_is_followed_three_lessons_far_and_no_farther() -> None:
    assert "three" in around(COURSE, "a/one", {"aims": ["fun"]}, [], "en").next
    assert "two" in around(COURSE, "a/one", {"aims": ["work"]}, [], "en").next
    course = shipped("physical-ai").course
    order = list(course.lessons)
    for at, slug in enumerate(order[:-1]):
        for goal in course.goals:
            following = [course.lessons[name] for name in order[at + 1 : at + 4]]
            expected = next((entry for entry in following if goal.id in entry.goals), following[0])
            title = expected.title if isinstance(expected.title, str) else expected.title["en"]
            assert title in around(course, slug, {**READER, "learning_goals": [goal.id]}, [], "en").next


def test_a_recap_names_a_few_terms_only() -> None:
    recap = around(COURSE, "a/one", {}, [f"term{n}" for n in range(9)], "en").recap
    assert "term4" in recap
    assert "term5" not in recap


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("question", ["learning_goals", "education_level", "ai_ml_experience"])
@pytest.mark.parametrize("slug", shipped("physical-ai").texts)
def test_what_no_persona_holds_changes_what_a_reader_sees(slug: str, question: str, language: str) -> None:
    course = shipped("physical-ai").course
    asked = course.question(question)
    assert asked is not None
    values: list[Any] = [option.value for option in asked.options]
    if asked.kind == "choices":
        values = [[value] for value in values]
    seen = {around(course, slug, {**READER, question: value}, ["node"], language) for value in values}
    assert len(seen) == len(values)


@pytest.mark.parametrize(("name", "slug"), LESSONS)
@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_reader_of_every_lesson_gets_whole_plain_sentences(name: str, slug: str, language: str) -> None:
    course = shipped(name).course
    for number, answers in enumerate(sets(course)):
        if number % 331:
            continue
        made = around(course, slug, answers, ["node"], language)
        for text in dataclasses.astuple(made):
            assert text
            assert text.rstrip()[-1] in ".!?۔؟"
            assert not set("{}<>\n") & set(text)


def test_a_frame_needs_nothing_but_what_it_is_given() -> None:
    assert list(inspect.signature(around).parameters) == ["course", "slug", "answers", "terms", "language"]
    arguments = (COURSE, "a/one", {"level": "low", "aims": ["work"]}, ["node"], "en")
    assert around(*arguments) == around(*arguments)
    used = {
        module.split(".")[1]
        for name, value in vars(frame).items()
        if (module := getattr(value, "__module__", "")).startswith("attune.")
    }
    assert used <= {"domain"}


def test_the_answers_are_left_as_they_are() -> None:
    answers = {"level": "low", "aims": ["work"]}
    terms = ["b", "a"]
    around(COURSE, "a/one", answers, terms, "en")
    assert (answers, terms) == ({"level": "low", "aims": ["work"]}, ["b", "a"])
