"""What opens, and what stays shut: skills, lessons and chapters that come before."""

from typing import Any

import pytest

from attune.domain.course import Course
from attune.domain.manifest import read
from attune.domain.recommendations.gate import PATIENCE, SURRENDER, Gate, needed
from attune.domain.recommendations.outline import Piece, outline
from attune.domain.recommendations.parameters import DEFAULT, RankingParameters
from tests.unit.recommendations.situations import a_course, an_item, situation, standing

ITEMS = [an_item("i", "a"), an_item("j", "b")]
PAIR = a_course({"a": [], "b": ["a"]}, ITEMS, mastery=0.6)


def gate_of(course: Course, parameters: RankingParameters = DEFAULT, **known: object) -> Gate:
    return Gate(situation(course, **known), outline(course), parameters)  # type: ignore[arg-type]


def piece(course: Course, id_: str) -> Piece:
    return next(piece for piece in outline(course).pieces if piece.id == id_)


def test_the_threshold_is_the_courses_or_the_experiments() -> None:
    known = {"a": standing(0.5, 3)}
    shut = gate_of(PAIR, standings=known).shut(piece(PAIR, "j"))
    assert shut is not None
    assert shut.params == {"skill": "a", "need": 0.6, "has": 0.5}
    assert gate_of(PAIR, RankingParameters(mastery_threshold=0.5), standings=known).shut(piece(PAIR, "j")) is None


def test_much_practice_lowers_what_is_needed_until_nothing_is() -> None:
    needs = [needed(standing(0.5, n), 0.6) for n in range(SURRENDER + 5)]
    assert needs[: PATIENCE + 1] == [0.6] * (PATIENCE + 1)
    assert needs == sorted(needs, reverse=True)
    assert needs[SURRENDER:] == [0.0] * 5
    assert gate_of(PAIR, standings={"a": standing(0.05, SURRENDER)}).shut(piece(PAIR, "j")) is None


def test_a_mastered_skill_stays_open() -> None:
    known = {"a": standing(0.3, 3), "b": standing(0.7, 9)}
    gate = gate_of(PAIR, standings=known)
    assert gate.shut(piece(PAIR, "j")) is None
    assert gate.is_open("b")
    assert not gate_of(PAIR).is_open("b")


def test_a_skill_that_nothing_measures_is_met_by_reading_and_one_that_nothing_teaches_always() -> None:
    read_only = a_course({"a": [], "b": ["a"]}, [an_item("j", "b")], [{"slug": "l/a", "skills": ["a"]}])
    assert gate_of(read_only).shut(piece(read_only, "j")) is not None
    assert gate_of(read_only, lessons={"l/a": "completed"}).shut(piece(read_only, "j")) is None
    untaught = a_course({"a": [], "b": ["a"]}, [an_item("j", "b")])
    assert gate_of(untaught).shut(piece(untaught, "j")) is None


@pytest.mark.parametrize(
    ("known", "open_"),
    [
        ({}, False),
        ({"lessons": {"l/1": "started"}}, False),
        ({"lessons": {"l/1": "completed"}}, True),
        ({"standings": {"a": standing(0.7, 4)}}, True),
    ],
)
def test_a_lesson_waits_for_lessons_and_chapters_that_are_not_behind(known: dict[str, object], open_: bool) -> None:
    for link in ("prerequisites", "chapter"):
        chapters = [
            {"id": "one", "lessons": [{"slug": "l/1", "skills": ["a"]}]},
            {
                "id": "two",
                "prerequisites": ["one"] if link == "chapter" else [],
                "lessons": [{"slug": "l/2", "prerequisites": ["l/1"] if link == "prerequisites" else []}],
            },
        ]
        skills = [{"id": "a"}]
        course = read(
            "made", 1, {"skills": skills, "items": [an_item("i", "a")], "parts": [{"id": "p", "chapters": chapters}]}
        )
        shut = gate_of(course, **known).shut(piece(course, "l/2"))  # type: ignore[arg-type]
        assert (shut is None) == open_
        assert shut is None or shut.params == {"lesson": "l/1", "skill": "a", "need": 0.6, "has": 0.22}


def test_a_lesson_that_teaches_no_skill_is_behind_only_when_read() -> None:
    lessons: list[dict[str, Any]] = [{"slug": "l/1"}, {"slug": "l/2", "prerequisites": ["l/1", "l/gone"]}]
    course = a_course({"a": []}, [], lessons)
    shut = gate_of(course).shut(piece(course, "l/2"))
    assert shut is not None
    assert shut.params == {"lesson": "l/1"}
    assert gate_of(course, lessons={"l/1": "completed"}).shut(piece(course, "l/2")) is None


def test_an_item_named_as_a_lesson_is_that_lessons_own() -> None:
    course = a_course({"a": []}, [an_item("same", "a")], [{"slug": "same", "skills": ["a"]}])
    assert [(piece.id, piece.is_lesson) for piece in outline(course).pieces] == [("same", True)]


def test_what_comes_before_is_known_near_and_far() -> None:
    course = a_course({"a": [], "b": ["a"], "c": ["b"], "d": ["c", "a"]}, [])
    assert outline(course).above["d"] == {"a", "b", "c"}
    assert outline(course).leads["a"] == ("b", "d")
