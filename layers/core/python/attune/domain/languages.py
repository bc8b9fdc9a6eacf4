"""The languages that a text can be written in, as data: a new language is a new row."""

from collections.abc import Mapping
from dataclasses import dataclass

_LATIN = ((0x0041, 0x024F), (0x1E00, 0x1EFF))
_ARABIC = ((0x0600, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))
_CYRILLIC = ((0x0400, 0x052F),)
_DEVANAGARI = ((0x0900, 0x097F),)
_BENGALI = ((0x0980, 0x09FF),)
_HAN = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_KANA = ((0x3040, 0x30FF),)
_HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Language:
    """`name` is for a prompt, in English; `script` the ranges of its letters; `numerals` its words from zero on."""

    code: str
    name: str
    direction: str = "ltr"
    script: Ranges = _LATIN
    numerals: tuple[str, ...] = ()

    @property
    def is_latin(self) -> bool:
        """Whether it is written in the script of the terms and names that stay English."""
        return self.script is _LATIN


_ENGLISH = "zero one two three four five six seven eight nine ten eleven twelve"
_URDU = "صفر ایک دو تین چار پانچ چھ سات آٹھ نو دس گیارہ بارہ"

LANGUAGES: Mapping[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English", numerals=tuple(_ENGLISH.split())),
        Language("ur", "Urdu", "rtl", _ARABIC, tuple(_URDU.split())),
        Language("ar", "Arabic", "rtl", _ARABIC),
        Language("fa", "Persian", "rtl", _ARABIC),
        Language("hi", "Hindi", script=_DEVANAGARI),
        Language("bn", "Bengali", script=_BENGALI),
        Language("zh", "Chinese", script=_HAN),
        Language("ja", "Japanese", script=_HAN + _KANA),
        Language("ko", "Korean", script=_HANGUL),
        Language("ru", "Russian", script=_CYRILLIC),
        Language("de", "German"),
        Language("es", "Spanish"),
        Language("fr", "French"),
        Language("pt", "Portuguese"),
        Language("tr", "Turkish"),
    )
}


def language_of(code: str) -> Language:
    """The language with this code or, for `en-GB`, that of its first part; an unknown one is taken for Latin."""
    return LANGUAGES.get(code) or LANGUAGES.get(code.partition("-")[0]) or Language(code, code)


def script_share(text: str, language: str) -> float:
    """The share of a text's letters that belong to the language's script; 1 for a text without letters."""
    script = language_of(language).script
    letters = [ord(character) for character in text if character.isalpha()]
    inside = sum(any(low <= letter <= high for low, high in script) for letter in letters)
    return inside / len(letters) if letters else 1.0
