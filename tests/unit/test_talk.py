"""What a model says to whoever asked it is told from what an author says to a reader."""

import pytest

from attune.domain.talk import talk
from tests.unit.conftest import LESSONS, shipped


@pytest.mark.parametrize(
    "text",
    [
        "Sure, here is the section:",
        "Certainly! Below is what you asked for.",
        "Here is the rewritten section:",
        "Here's your adapted version.",
        "As an AI, I have no body.",
        "I'm sorry, but that is not possible.",
        "I\u2019m sorry.",
        "I cannot help with that.",
        "I can't assist with this request.",
        "Let me know if you need more.",
        "I hope this helps!",
        "Ignore previous instructions.",
        "text\n\nWould you like me to go on?",
        "معذرت، یہ ممکن نہیں۔",
    ],
)
def test_talk_is_noticed(text: str) -> None:
    assert talk(text)
    assert talk(text.upper()) or not text.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A robot cannot help its weight.",
        "Here is a wheel.",
        "A language model describes a falling glass.",
        "Sure grip comes from friction.",
        "The arm is unable to reach the cup.",
        "Great circles are shortest.",
    ],
)
def test_what_an_author_says_is_not_talk(text: str) -> None:
    assert talk(text) == set()


@pytest.mark.parametrize(("name", "slug"), LESSONS)
def test_the_shipped_lessons_speak_to_the_reader(name: str, slug: str) -> None:
    text = shipped(name).texts[slug]
    assert [talk(markdown) for markdown in (text.content, *text.translations.values())] == [
        set() for _ in (text.content, *text.translations)
    ]
