"""An answer graded by its item's key. The key never leaves the store."""

import unicodedata
from collections.abc import Mapping
from math import isclose
from typing import Any


class Ungradable(Exception):
    """The item has no key, or the answer is of another kind than the key."""


def grade(key: Mapping[str, Any] | None, response: object) -> float:
    """The score of a response, 0..1.

    A choice, a number or a text is right or wrong; of several choices, wrong ones cancel right ones. Raises
    `Ungradable`.
    """
    if not key:
        raise Ungradable
    if "choice" in key:
        return float(_text(response) == key["choice"])
    if "choices" in key:
        return _several(frozenset(key["choices"]), response)
    if "number" in key:
        return _number(float(key["number"]), float(key.get("tolerance", 0.0)), response)
    return float(_plain(_text(response)) in {_plain(accepted) for accepted in key["text"]})


def _several(right: frozenset[str], response: object) -> float:
    if not isinstance(response, list) or not all(isinstance(entry, str) for entry in response):
        raise Ungradable
    given = frozenset(response)
    return max(0.0, (len(given & right) - len(given - right)) / len(right)) if right else float(not given)


def _number(right: float, tolerance: float, response: object) -> float:
    if isinstance(response, bool) or not isinstance(response, int | float):
        raise Ungradable
    # The smallest slack makes 0.1 + 0.2 equal 0.3 where an author asks for an exact number.
    return float(abs(response - right) <= tolerance or isclose(response, right, rel_tol=1e-9, abs_tol=1e-12))


def _text(response: object) -> str:
    if not isinstance(response, str):
        raise Ungradable
    return response


def _plain(text: str) -> str:
    """A text apart from case, spaces and Unicode form."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
