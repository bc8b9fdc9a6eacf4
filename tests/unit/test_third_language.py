"""A language more is data more: a row in the registry, a course that lists it, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from attune.domain import course_rules
from attune.domain.answers import Answers
from attune.domain.course import Course
from attune.domain.errors import Invalid
from attune.domain.fidelity.gate import check
from attune.domain.languages import LANGUAGES, Language
from attune.domain.lesson_text import LessonText
from attune.domain.manifest import read
from attune.domain.persona import language_of, project
from attune.domain.placeholders import restore
from attune.domain.section import SectionRequest, Style
from attune.domain.section_requests import section_requests
from attune.writers.prompts import prompt
from tests.doubles import answers as double
from tests.unit.conftest import small
from tests.unit.gated import SOURCE

PASHTO = Language("ps", "Pashto", "rtl", LANGUAGES["ur"].script)
ALL = ["ur", "hi", "ps"]


@pytest.fixture(autouse=True)
def _another_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the three is in no registry yet."""
    monkeypatch.setitem(LANGUAGES, "ps", PASHTO)


def manifest(code: str) -> dict[str, Any]:
    """The small course, with a language more for readers to choose."""
    made = small()
    made["languages"] = ["en", code]
    made["questionnaire"][3]["options"] = [{"value": "en"}, {"value": code}]
    made["glossary"] = ["IMU", {"term": "callback", "definition": {"en": "a function", code: "یہ"}}]
    return made


def asked(code: str) -> tuple[Course, SectionRequest]:
    course = read("small", 1, manifest(code))
    answers: Answers = {"level": "low", "aims": ["work"], "robots": True, "tongue": code}
    language = language_of(course, answers)
    text = LessonText(f"# Sensors\n\n{SOURCE}", {})
    style = Style("openai", "m", "chat", "1")
    return course, section_requests(course, text, project(course, answers), language, style)[0]


def written(request: SectionRequest) -> str:
    told = prompt(request)
    return restore(double.adapted(double.read(told.user)), told.tokens)


@pytest.mark.parametrize("code", ALL)
def test_a_course_may_list_it(code: str) -> None:
    course_rules.check(read("small", 1, manifest(code)))


def test_a_language_without_a_row_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        course_rules.check(read("small", 1, manifest("xx")))
    assert "unknown_language" in {flaw.code for flaw in caught.value.flaws}


@pytest.mark.parametrize("code", ALL)
def test_a_good_text_in_it_passes_with_its_terms_in_english(code: str) -> None:
    _, request = asked(code)
    text = written(request)
    assert (request.language, request.source_language) == (code, "en")
    assert f"Write in {LANGUAGES[code].name}." in prompt(request).user
    assert check(request, text) == []
    assert "IMU" in text
    assert "callback" in text


@pytest.mark.parametrize("code", ALL)
def test_a_text_in_another_script_or_without_its_terms_is_stopped(code: str) -> None:
    _, request = asked(code)
    assert f"The text is not in {LANGUAGES[code].name}." in check(request, SOURCE)
    other = "hi" if code != "hi" else "ur"
    assert f"The text is not in {LANGUAGES[code].name}." in check(request, written(replace(request, language=other)))
    text = written(request)
    assert any(
        "Terms of the source" in reason for reason in check(request, text.replace("IMU", "").replace("callback", ""))
    )


@pytest.mark.parametrize("code", ALL)
def test_each_has_a_direction(code: str) -> None:
    assert LANGUAGES[code].direction == ("ltr" if code == "hi" else "rtl")


@pytest.mark.parametrize(
    ("code", "text", "kept"),
    [
        ("en", "two callbacks", True),
        ("en", "the callbacken", False),
        ("de", "der Callback-Mechanismus", True),
        ("de", "des Callbacks", True),
        ("tr", "callback'in sonucu", True),
        ("ur", "callback کا نتیجہ", True),
        ("ur", "callbackکو", True),
        ("ur", "callbackish", False),
        ("zh", "callback的结果", True),
    ],
)
def test_what_a_language_adds_to_a_term_is_data(code: str, text: str, kept: bool) -> None:
    _, request = asked("ur")
    request = replace(
        request, source="The callback.\n", language=code, source_language=code, glossary=request.glossary[1:]
    )
    assert any("Terms of the source" in reason for reason in check(request, f"{text}\n")) is not kept
