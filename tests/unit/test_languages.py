"""Languages are data, and a text shows in which script it is."""

import pytest

from attune.domain.languages import LANGUAGES, language_of, script_share


@pytest.mark.parametrize(
    ("text", "language", "share"),
    [
        ("A robot moves.", "en", 1.0),
        ("روبوٹ حرکت کرتا ہے۔", "ur", 1.0),
        ("روبوٹ حرکت کرتا ہے۔", "en", 0.0),
        ("A robot moves.", "ur", 0.0),
        ("روبوٹ robot", "ur", 0.5),
        ("42 % …", "ur", 1.0),
        ("робот", "ru", 1.0),
        ("機器人", "zh", 1.0),
    ],
)
def test_script_share(text: str, language: str, share: float) -> None:
    assert script_share(text, language) == pytest.approx(share, abs=0.05)


def test_registry() -> None:
    assert LANGUAGES["ur"].direction == "rtl"
    assert language_of("en-GB").name == "English"
    assert language_of("xx").is_latin
    assert not language_of("ur").is_latin
    assert all(code == language.code for code, language in LANGUAGES.items())
