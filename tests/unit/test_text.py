"""A text is said in the reader's language, else in the course's, else in any."""

import pytest

from attune.domain.text import Text, said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one for all", "one for all"),
        ({"en": "yes", "ur": "ہاں"}, "ہاں"),
        ({"en": "yes"}, "yes"),
        ({"en": "yes", "ur": ""}, "yes"),
        ({"de": "ja"}, "ja"),
        ({}, ""),
        (None, ""),
    ],
)
def test_the_nearest_language_is_taken(text: Text | None, expected: str) -> None:
    assert said(text, "ur", "en") == expected
