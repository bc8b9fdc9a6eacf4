"""What a site sends is judged against the course: an attempt, or the one code that says why not."""

from dataclasses import replace
from typing import Any

import pytest

from attune.domain.course import Course
from attune.domain.manifest import read
from attune.domain.practice.intake import Sent, Unusable, attempt
from tests.unit.conftest import small, small_course
from tests.unit.practice.attempts import DAY, NOON

COURSE = small_course()
MINUTE = 60_000


def taken(course: Course = COURSE, *, any_age: bool = False, **sent: Any) -> Any:
    """The attempt, or the code why there is none."""
    fields = {"id": "1", "item": "q1", "at": NOON, **sent}
    if not {"score", "correct", "response"} & fields.keys():
        fields["correct"] = True
    try:
        return attempt(course, "s", Sent(**fields), NOON, any_age=any_age)
    except Unusable as error:
        return error.code


def test_an_attempt_holds_what_the_course_knew_of_its_item() -> None:
    found = taken(response="a", phase="late", hints=2, duration_ms=1500, mistake="slip", loss=0.5)
    assert (found.session, found.id, found.item, found.at, found.score) == ("s", "1", "q1", NOON, 1.0)
    assert (found.skills, found.difficulty, found.categories) == (("one",), 3, ("slip",))
    assert (found.hints, found.duration_ms, found.phase, found.mistake, found.loss) == (2, 1500, "late", "slip", 0.5)
    assert not found.success


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"item": "q9"}, "unknown_item"),
        ({"item": "a/one"}, "unknown_item"),
        ({"at": NOON + 5 * MINUTE + 1}, "in_the_future"),
        ({"at": NOON - 90 * DAY - 1}, "too_old"),
        ({"at": 0}, "too_old"),
        ({"at": 253_402_300_799_999}, "in_the_future"),
        ({"skills": ("one", "nine")}, "unknown_skill"),
        ({"mistake": "nine"}, "unknown_mistake"),
        ({"phase": "nine"}, "unknown_phase"),
        ({"correct": None}, "no_result"),
        ({"score": 0.5, "correct": True}, "several_results"),
        ({"score": 0.0, "response": "a"}, "several_results"),
        ({"correct": False, "response": "a"}, "several_results"),
        ({"response": ["a"]}, "not_gradable"),
        ({"response": 1.0}, "not_gradable"),
    ],
)
def test_what_cannot_be_counted_is_told_by_a_code(sent: dict[str, Any], code: str) -> None:
    assert taken(**sent) == code


@pytest.mark.parametrize("at", [NOON + 5 * MINUTE, NOON, NOON - 90 * DAY])
def test_times_are_taken_to_the_millisecond(at: int) -> None:
    assert taken(at=at).at == at


def test_an_import_takes_any_age_but_nothing_of_the_future() -> None:
    assert taken(at=NOON - 4000 * DAY, any_age=True).at == NOON - 4000 * DAY
    assert taken(at=NOON + 5 * MINUTE + 1, any_age=True) == "in_the_future"


@pytest.mark.parametrize(
    ("sent", "score"),
    [
        ({"score": 0.25}, 0.25),
        ({"score": 0.0}, 0.0),
        ({"correct": True}, 1.0),
        ({"correct": False}, 0.0),
        ({"response": "b"}, 0.0),
        ({"item": "q2", "response": ["b"]}, 0.5),
        ({"item": "q2", "response": []}, 0.0),
    ],
)
def test_a_result_is_a_score_a_word_or_a_graded_response(sent: dict[str, Any], score: float) -> None:
    found = taken(**sent)
    assert found.score == score
    assert type(found.score) is float


def test_skills_are_the_courses_in_its_order_each_once() -> None:
    assert taken(skills=("three", "one", "three")).skills == ("one", "three")
    assert taken(item="q2").skills == ("two",)


def test_the_senders_difficulty_beats_the_authors() -> None:
    assert (taken().difficulty, taken(difficulty=5).difficulty) == (3, 5)


def test_a_mistake_can_be_made_where_its_items_and_phases_are() -> None:
    assert taken(phase="early").categories == ()
    assert taken(item="q2").categories == ()
    anywhere = small()
    anywhere["mistakes"] = [{"id": "slip", "items": ["q1"]}]
    assert taken(read("small", 1, anywhere), phase="early").categories == ("slip",)


def test_an_item_without_a_key_takes_no_response() -> None:
    keyless = small()
    keyless["items"][0].pop("answer")
    course = read("small", 1, keyless)
    assert taken(course, response="a") == "not_gradable"
    assert taken(course, score=1.0).score == 1.0


def test_a_course_without_phases_knows_none() -> None:
    plain = {name: value for name, value in small().items() if name != "phases"}
    assert taken(replace(COURSE, manifest=plain), phase="early") == "unknown_phase"
