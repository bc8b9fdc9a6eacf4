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
    """`name` is for a prompt, in English; `script` the ranges of its letters; `numerals` its words from zero on.

    A glossary term stays as it is: `endings` says which letters this language may add to it (a regular expression).
    `talk` are patterns of what a model says in it to whoever asked, and `graded` says whether the readability
    index, which counts the letters of English words, means anything for it.
    """

    code: str
    name: str
    direction: str = "ltr"
    script: Ranges = _LATIN
    numerals: tuple[str, ...] = ()
    endings: str = "s|es"
    talk: tuple[str, ...] = ()
    graded: bool = False

    @property
    def is_latin(self) -> bool:
        """Whether it is written in the script of the terms and names that stay English."""
        return self.script is _LATIN


_ENGLISH = "zero one two three four five six seven eight nine ten eleven twelve"
_URDU = "صفر ایک دو تین چار پانچ چھ سات آٹھ نو دس گیارہ بارہ"
_HINDI = "शून्य एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह"
_ENGLISH_TALK = (
    r"^\W*(?:sure|certainly|absolutely|of course|okay|ok|great)\b\s*[,!.:-]+\s*(?:here\b|below|i'll|i will|i can)",
    r"^\W*(?:here(?:'s| is| are)|below is) (?:the|your|an?) .{0,60}(?:version|rewrit|adapt|translat|markdown|section)",
    r"\bas an ai\b",
    r"\b(?:language|ai) (?:model|assistant)\b.{0,40}\b(?:i|can't|cannot|unable)\b",
    r"\bi(?:'m| am) (?:sorry|afraid)\b|\bi apologi[sz]e\b",
    r"\bi (?:can(?:not|'t| not)|won't|will not) (?:help|assist|comply|fulfil|provide|rewrite|translate|continue)",
    r"\bi(?:'m| am) (?:unable|not able) to\b|\bunable to (?:assist|comply|fulfil|rewrite|translate)",
    r"\blet me know (?:if|whether)\b|\bhope (?:this|that) helps\b|\bfeel free to ask\b|\bwould you like me to\b",
    r"\bas you requested\b|\bmy (?:system prompt|instructions)\b|\bignore (?:all )?(?:previous|prior) instructions",
)

LANGUAGES: Mapping[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English", numerals=tuple(_ENGLISH.split()), talk=_ENGLISH_TALK, graded=True),
        Language(
            "ur",
            "Urdu",
            "rtl",
            _ARABIC,
            tuple(_URDU.split()),
            talk=(r"میں (?:اس میں )?مدد نہیں کر", r"^\W*(?:معذرت|یہ رہا|یہ رہی|ضرور[،,!])"),
        ),
        Language(
            "ar",
            "Arabic",
            "rtl",
            _ARABIC,
            talk=(r"^\W*(?:عذر[اًا]|آسف|بالتأكيد[،,!])", r"لا (?:يمكنني|أستطيع) مساعد"),
        ),
        Language("fa", "Persian", "rtl", _ARABIC, talk=(r"^\W*(?:متأسفم|البته[،,!])", r"نمی‌?توانم کمک")),
        Language(
            "hi",
            "Hindi",
            script=_DEVANAGARI,
            numerals=tuple(_HINDI.split()),
            talk=(r"^\W*(?:क्षमा करें|माफ़? कीजिए|ज़रूर[,!]|यह रहा)", r"मैं .{0,20}मदद नहीं कर"),
        ),
        Language("bn", "Bengali", script=_BENGALI),
        Language("zh", "Chinese", script=_HAN, endings=""),
        Language("ja", "Japanese", script=_HAN + _KANA, endings=""),
        Language("ko", "Korean", script=_HANGUL, endings=""),
        Language("ru", "Russian", script=_CYRILLIC, endings="s|es|-?[\u0430-\u0451]{1,4}"),
        Language("de", "German", endings="s|es|e|en|er|ern|n|-[a-zäöüß-]{2,40}"),
        Language("es", "Spanish", endings="s|es"),
        Language("fr", "French", endings="s|x|es"),
        Language("pt", "Portuguese", endings="s|es"),
        Language("tr", "Turkish", endings="s|es|['’]?[a-zçğıöşü]{1,8}"),  # noqa: RUF001
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
