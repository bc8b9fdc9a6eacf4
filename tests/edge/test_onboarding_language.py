"""The questionnaire is asked in the language that the browser wants most, of those that the course has."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.learner import LearnerSettings
from attune.domain.manifest import read
from attune.domain.principal import Kind, Principal
from attune.edge.onboarding import AnswersBody, AnswersView, OnboardingView, preferred
from tests.unit.conftest import SHIPPED, shipped, small_course

pytestmark = pytest.mark.disable_socket

BOUNDED = settings(derandomize=True, database=None, deadline=None, max_examples=150)
COURSE = small_course()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ur", "ur"),
        ("UR", "ur"),
        ("ur-PK", "ur"),
        ("ur-PK,ur;q=0.9,en;q=0.8", "ur"),
        ("en;q=0.8, ur;q=0.9", "ur"),
        ("en, ur", "en"),
        ("ur, en", "ur"),
        ("de, fr;q=0.9, ur;q=0.1", "ur"),
        ("de", "en"),
        ("*", "en"),
        ("ur;q=0", "en"),
        ("ur;q=0, en;q=0.1", "en"),
        ("ur;q=0.000, de", "en"),
        ("ur ; q=0.5", "ur"),
        ("ur;Q=0.9, en;q=0.1", "ur"),
        ("en;q=0.1, de;q=nan, ur;q=0.9", "ur"),
        ("ur;q=x, en;q=0.5", "en"),
        ("urd", "en"),
        ("u", "en"),
        (";q=1,,;;", "en"),
        (", ".join(["de"] * 30 + ["ur"]), "en"),
    ],
)
def test_the_language_is_the_best_that_both_know(header: str | None, language: str) -> None:
    assert preferred(header, COURSE) == language


@BOUNDED
@given(st.text(st.sampled_from("enur-*,;q=0.1 9NaN"), max_size=30) | st.text(max_size=20))
def test_any_header_leads_to_a_language_of_the_course(header: str) -> None:
    assert preferred(header, COURSE) in COURSE.languages


@BOUNDED
@given(st.permutations([("en", 0.3), ("ur", 0.7), ("de", 0.9)]))
def test_the_order_makes_no_difference_where_the_weights_do(wanted: list[tuple[str, float]]) -> None:
    assert preferred(", ".join(f"{name};q={weight}" for name, weight in wanted), COURSE) == "ur"


def test_a_longer_name_of_the_course_is_preferred_to_its_base() -> None:
    course = read("c", 0, {"languages": ["en", "zh", "zh-hant"]})
    assert preferred("zh-Hant", course) == "zh-hant"
    assert preferred("zh-Hans", course) == "zh"


def test_a_very_long_header_is_read_in_time() -> None:
    began = time.process_time()
    preferred("ur;q=0.1," * 100_000, COURSE)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_questionnaires_are_asked_in_each_language(name: str) -> None:
    course = shipped(name).course
    asked = {language: OnboardingView.of(course, language, "ltr") for language in course.languages}
    for place, question in enumerate(course.questionnaire):
        views = [view.questions[place] for view in asked.values()]
        assert {view.id for view in views} == {question.id}
        assert len({view.label for view in views}) == len(views)
        assert [o.value for o in views[0].options] == [o.value for o in question.options]
    for view in asked.values():
        assert "priors" not in view.model_dump_json()


def test_answers_are_a_flat_object_and_may_name_the_caller() -> None:
    body = AnswersBody.model_validate({"level": "low", "aims": ["fun"], "robots": True, "user_id": "x"})
    assert body.answers() == {"level": "low", "aims": ["fun"], "robots": True}


def test_answers_are_shown_with_whose_they_are() -> None:
    me = Principal(Kind.GUEST, "6f9619ff-8b86-4011-b42d-00c04fc964ff", "i")
    told = LearnerSettings(answers={"level": "low"}, answered_at="2026-01-01T00:00:00Z")
    assert AnswersView.of(me, told).model_dump() == {
        "user_id": me.subject,
        "updated_at": "2026-01-01T00:00:00Z",
        "level": "low",
    }
