"""Every language says the same sentences, about the same things."""

import string

import pytest

from attune.domain.phrases import FALLBACK, PHRASES, listed, phrase


def _placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", PHRASES)
def test_every_language_says_every_sentence_with_the_same_placeholders(language: str) -> None:
    assert {name: _placeholders(text) for name, text in PHRASES[language].items()} == {
        name: _placeholders(text) for name, text in PHRASES[FALLBACK].items()
    }
    assert all(text.strip() for text in PHRASES[language].values())


def test_a_language_without_a_table_is_answered_in_english() -> None:
    assert phrase("lesson_takes", "de", minutes=5) == "This lesson takes about 5 minutes."
    assert phrase("lesson_takes", "ur", minutes=5) != phrase("lesson_takes", "de", minutes=5)


def test_braces_in_what_is_said_stay_as_they_are() -> None:
    assert phrase("for_goal", "en", goals="{x} {0}") == "It serves your goal: {x} {0}."


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["{head}", "b"], "{head} and b"),
    ],
    ids=str,
)
def test_names_are_listed_as_in_a_sentence(names: list[str], expected: str) -> None:
    assert listed(names, "en") == expected
