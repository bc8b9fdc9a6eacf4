"""What a model says to whoever asked it, where only the reader should be spoken to: preambles, offers, refusals."""

import re

from attune.domain.languages import LANGUAGES

# Whatever the language of the lesson: a model may fall back into another one.
_TALK = re.compile(
    "|".join(pattern for language in LANGUAGES.values() for pattern in language.talk), re.IGNORECASE | re.MULTILINE
)


def talk(text: str) -> set[str]:
    """The phrases of this kind in a text, in lower case."""
    return {match[0].strip().lower() for match in _TALK.finditer(text.replace("\u2019", "'"))}
