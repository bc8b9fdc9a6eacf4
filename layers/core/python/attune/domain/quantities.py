"""The numbers of a text with their units: what a rewriting must not change."""

import re
import unicodedata
from collections import Counter

from attune.domain.languages import language_of

Quantity = tuple[str, str]

# Symbols only: a unit spelled out is translated with the prose, and its number then stands alone.
_UNITS = (
    "%|‰|°C|°F|°|€|£|[kMG]?Hz|rpm|fps|dpi|px|[num]?m/s²?|km/h|[nµμumckM]?m|[mk]?g|lbs?|[nµμum]?s|min|h|[kKMGT]i?B"
    "|[kMG]bps|m?A|mAh|[mk]?V|[mkM]?W|k?Wh|[kM]?N|N·?m|[kM]?Pa|[kM]?J|[kM]?Ω|rad|deg|dB|mol|bb|BB"
)
_NUMBER = re.compile(
    r"(?<![\w.])(?P<value>\d+(?:[,\u060c\u066c]\d{3})*(?:[.\u066b]\d+)?)(?!\d)"
    rf"(?:[ \u00a0\u202f]?(?P<unit>{_UNITS})(?![\w/]))?"
)


def quantities(text: str) -> Counter[Quantity]:
    """How often each number stands there in digits of any script, with its unit's symbol or an empty string."""
    return Counter((_plain(match["value"]), match["unit"] or "") for match in _NUMBER.finditer(_western(text)))


def spelled(text: str, language: str) -> Counter[str]:
    """How often a text spells out each of the small numbers in this language."""
    numerals = {word: str(number) for number, word in enumerate(language_of(language).numerals)}
    return Counter(numerals[word] for word in re.findall(r"[^\W\d_]+", text.lower()) if word in numerals)


def values(found: Counter[Quantity]) -> Counter[str]:
    """How often each number stands there, whatever its unit."""
    total = Counter[str]()
    for (value, _), count in found.items():
        total[value] += count
    return total


def _western(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _plain(value: str) -> str:
    whole, _, fraction = re.sub("[,\u060c\u066c]", "", value).replace("\u066b", ".").partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
