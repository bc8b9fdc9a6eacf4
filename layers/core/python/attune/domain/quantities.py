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
    # A minus begins a number; between two of them it is a dash.
    r"(?:(?<![^\s(\[|=<>≤≥≈~:,;/±])(?P<sign>[-−–])|(?P<money>[$€£¥₹])|(?<![\w.]))"  # noqa: RUF001
    # A date, and a number of a version or an address, are one number each.
    r"(?P<value>\d{4}-\d\d-\d\d(?![\d-])|\d+(?:\.\d+){2,}"
    r"|\d+(?:[,\u060c\u066c]\d{3})*(?:[.\u066b]\d+)?[¼-¾⅐-⅞]?|[¼-¾⅐-⅞])(?!\d)(?P<power>[⁺⁻]?[⁰¹²³⁴-⁹]+)?"
    rf"(?:[ \u00a0\u202f]?(?P<unit>{_UNITS})(?![\w/]))?"
)
_CODED = re.compile(r"(?<!\w)[A-Za-z]+\d\w*")


def quantities(text: str) -> Counter[Quantity]:
    """How often each number stands there in digits of any script, with its unit's symbol or an empty string."""
    return Counter(in_order(text))


def in_order(text: str) -> tuple[Quantity, ...]:
    """The numbers with their units as they follow each other."""
    return tuple(map(_quantity, _NUMBER.finditer(_western(text))))


def coded(text: str) -> set[str]:
    """The words that hold a number, as `v2` or `e4`, in lower case."""
    return {match[0].lower() for match in _CODED.finditer(_western(text))}


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


def _quantity(match: re.Match[str]) -> Quantity:
    value = match["value"] if _is_whole(match["value"]) else _plain(match["value"])
    return f"{'-' if match['sign'] else ''}{value}{match['power'] or ''}", match["unit"] or match["money"] or ""


def _is_whole(value: str) -> bool:
    """Whether it is a date, or has more than one point."""
    return "-" in value or value.count(".") > 1


def _western(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _plain(value: str) -> str:
    whole, _, fraction = re.sub("[,\u060c\u066c]", "", value).replace("\u066b", ".").partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
