"""JSON read strictly and within bounds, before anything else looks at it."""

import json
import math
import re
from typing import Any

from attune.domain.errors import Malformed

MAX_DEPTH = 32
MAX_INTEGER = 2**53
SMALLEST = 1e-100
"""Whatever is closer to zero counts as zero: the table takes nothing below 1e-130, and nobody means it."""
# A string that never ends is taken to the end of the text: looking for others inside it would take quadratic time.
_STRUCTURE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{\]}]', re.DOTALL)
_UNWANTED = re.compile("[\ud800-\udfff\x00]")


def parse(text: str) -> Any:
    """The value of a JSON text. Raises `Malformed` for anything that strict readers may understand differently.

    Refused: not JSON, a byte order mark, a key twice in one object, NaN and infinities (also by size), integers beyond
    2^53, lone surrogates, NUL, nesting deeper than 32. A whole number is an integer however it is written.
    """
    _refuse_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError):
        raise Malformed("malformed_json", "The body is not JSON.") from None


def _refuse_depth(text: str) -> None:
    depth = 0
    for match in _STRUCTURE.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed("too_deep", f"The body is nested more than {MAX_DEPTH} deep.")
        elif mark in "]}":
            depth -= 1
        elif "\\" in mark:
            _refuse_characters(mark)
    if _UNWANTED.search(text):
        raise Malformed("unwanted_character", "The body holds a NUL or a lone surrogate.")


_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\.")


def _refuse_characters(literal: str) -> None:
    """Refuse an escaped NUL and an escaped surrogate that has no partner."""
    high = False
    end = 0
    for match in _ESCAPE.finditer(literal):
        code = int(match[1], 16) if match[1] else -1
        low = 0xDC00 <= code <= 0xDFFF
        if code == 0 or (high and not (low and match.start() == end)) or (low and not high):
            raise Malformed("unwanted_character", "The body holds a NUL or a lone surrogate.")
        high = 0xD800 <= code <= 0xDBFF
        end = match.end()
    if high:
        raise Malformed("unwanted_character", "The body holds a NUL or a lone surrogate.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("duplicate_key", "An object of the body has a key twice.")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise Malformed("integer_too_large", "The body holds an integer beyond 2^53.")
    return int(digits)


def _float(digits: str) -> float:
    """A number with a point or an exponent: an integer if it is whole, as `2.0` and `1e5` are, and was not rounded."""
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise Malformed("not_finite", "The body holds a number that is not finite.")
    if value.is_integer() and abs(value) < MAX_INTEGER:
        return int(value)
    return value if abs(value) >= SMALLEST else math.copysign(0.0, value)


def _constant(name: str) -> float:
    raise Malformed("not_finite", "The body holds a number that is not finite.")
