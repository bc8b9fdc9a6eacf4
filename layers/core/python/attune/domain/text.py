"""A text shown to people: one string, or one for each language."""

from collections.abc import Mapping

Text = str | Mapping[str, str]


def said(text: Text | None, language: str, default: str) -> str:
    """The text in this language, else in the course's default language, else in any, else empty."""
    if text is None:
        return ""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get(default) or next(iter(text.values()), "")
