"""The readability index, and the grade that a course asks for: a model's text has to move towards it."""

from dataclasses import replace

import pytest

from attune.domain.fidelity.gate import check
from attune.domain.lesson_text import LessonText
from attune.domain.readability import LEAST_WORDS, grade
from attune.domain.section import SectionRequest, Style
from attune.domain.section_requests import section_requests
from attune.writers.prompts import prompt
from tests.unit.conftest import small_course
from tests.unit.gated import REQUEST

HARD = (
    "The subscription's configuration determines, in conjunction with the executor's scheduling "
    "characteristics, whether intermediate measurements accumulate within the corresponding communication "
    "infrastructure or are discarded immediately, notwithstanding the considerable computational requirements "
    "that estimation algorithms habitually impose upon embedded processing hardware during simultaneous "
    "localization, navigation and manipulation activities. Consequently, every prospective implementation "
    "necessitates comprehensive characterization of operational latency distributions under representative "
    "environmental conditions before deployment."
)
EASY = (
    "The subscription's configuration and the executor's scheduling decide what happens to intermediate "
    "measurements. They can accumulate in the communication infrastructure. Or they can be discarded "
    "immediately. Estimation algorithms impose computational requirements on the embedded hardware. They do "
    "so during localization, navigation and manipulation. So test every prospective implementation first. "
    "Measure its operational latency distributions. Use representative environmental conditions. Do all of "
    "this before deployment. It takes a while, but it pays off."
)


def wanting(year: float | None, source: str = HARD) -> SectionRequest:
    text = f"## Subscriptions\n\n{source}\n"
    return replace(REQUEST, source=text, glossary=(), persona={}, instructions=(), readability=year)


def text(prose: str) -> str:
    return f"## Subscriptions\n\n{prose}\n"


def test_the_index_rises_with_long_words_and_long_sentences() -> None:
    easy, hard = grade((EASY,)), grade((HARD,))
    assert easy is not None
    assert hard is not None
    assert easy + 8 < hard
    words = "abcde " * 80
    assert grade((f"{words}.",)) == pytest.approx(4.71 * 5 + 0.5 * 80 - 21.43)
    assert grade((words, words)) == pytest.approx(4.71 * 5 + 0.5 * 80 - 21.43)
    assert grade((f"{'abcde ' * 8}. " * 10,)) == pytest.approx(4.71 * 5 + 0.5 * 8 - 21.43)


def test_too_few_words_have_no_index() -> None:
    assert grade(()) is None
    assert grade(("word " * (LEAST_WORDS - 1),)) is None


def test_a_text_that_moves_the_asked_way_passes() -> None:
    assert check(wanting(8), text(EASY)) == []
    assert check(wanting(40, EASY), text(HARD)) == []


def test_a_text_that_does_not_is_stopped_with_the_reason() -> None:
    assert check(wanting(8), text(HARD)) == ["The text is no easier to read than the source, and should be."]
    assert check(wanting(8), text(HARD.replace("every", "every single"))) != []
    assert check(wanting(40, EASY), text(EASY)) == ["The text is no denser to read than the source, and should be."]


def test_a_text_near_the_grade_may_stay_as_it_is() -> None:
    at = grade((EASY,))
    assert at is not None
    assert check(wanting(at + 1.9, EASY), text(EASY)) == []
    assert check(wanting(at - 1.9, EASY), text(EASY)) == []


def test_nothing_is_asked_where_nothing_is_said_or_nobody_can_move_it() -> None:
    assert check(wanting(None), text(HARD)) == []
    assert check(replace(wanting(8), style=Style("rules", None, None, "1")), text(HARD)) == []
    assert check(replace(wanting(8), source_language="de", language="de"), text(HARD)) == []


def test_a_course_says_it_by_persona_and_the_lowest_counts() -> None:
    course = replace(small_course(), readability={"level": {"new": 8}, "robots": {"true": 12, "false": 6}})
    lesson = LessonText("# T\n\n## A\n\nText.\n", {})
    style = Style("openai", "m", "chat", "1")

    def asked(**persona: str) -> float | None:
        return section_requests(course, lesson, persona, "en", style)[0].readability

    assert asked(level="new", robots="true") == 8
    assert asked(level="new", robots="false") == 6
    assert asked(level="high", robots="true") == 12
    assert asked(level="high") is None


def test_a_model_is_told() -> None:
    assert "about school year 8: short sentences" in prompt(wanting(8)).user
    assert "about school year 14: exact words" in prompt(wanting(14)).user
    assert "school year" not in prompt(wanting(None)).user
