"""Attribute values as they travel, `{"S": "text"}`: how they compare, add up, and how large they are."""

import base64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Value = Mapping[str, Any]
Row = dict[str, Value]

_SETS = {"SS": "S", "NS": "N", "BS": "B"}


def kind(value: Value) -> str:
    """The descriptor: S, N, B, BOOL, NULL, L, M, SS, NS or BS."""
    (found,) = value
    return found


def plain(value: Value) -> Any:
    """Something that equals another value's if and only if DynamoDB says so."""
    ((name, held),) = value.items()
    if name == "N":
        return Decimal(held)
    if name == "B":
        return base64.b64decode(held)
    if name == "L":
        return [plain(one) for one in held]
    if name == "M":
        return {key: plain(one) for key, one in held.items()}
    if name in _SETS:
        return frozenset(plain({_SETS[name]: one}) for one in held)
    return held


def equal(left: Value | None, right: Value | None) -> bool:
    """Nothing equals what is absent."""
    if left is None or right is None:
        return False
    return kind(left) == kind(right) and bool(plain(left) == plain(right))


def ordered(left: Value | None, right: Value | None) -> int | None:
    """Below, at or above 0 as left stands to right; None where two values have no order."""
    if left is None or right is None or kind(left) != kind(right) or kind(left) not in ("S", "N", "B"):
        return None
    first, second = sortable(left), sortable(right)
    return int(first > second) - int(first < second)


def sortable(value: Value) -> Any:
    """The key by which rows are sorted: text by its UTF-8 bytes."""
    found = plain(value)
    return found.encode() if isinstance(found, str) else found


def number(value: Decimal) -> Value:
    """A number as it is answered: without an exponent or zeros that say nothing."""
    text = format(value.normalize(), "f")
    return {"N": "0" if text == "-0" else text}


def size(value: Value) -> int:
    """Bytes, by DynamoDB's rules for how much a value takes."""
    ((name, held),) = value.items()
    if name == "S":
        return len(held.encode())
    if name == "B":
        return len(base64.b64decode(held))
    if name == "N":
        return len(held.lstrip("-").replace(".", "").strip("0")) // 2 + 1
    if name == "M":
        return 3 + sum(len(key.encode()) + 1 + size(one) for key, one in held.items())
    if name == "L":
        return 3 + sum(1 + size(one) for one in held)
    if name in _SETS:
        return sum(size({_SETS[name]: one}) for one in held)
    return 1


def row_size(row: Mapping[str, Value]) -> int:
    """Bytes of a row with the names of its attributes."""
    return sum(len(name.encode()) + size(value) for name, value in row.items())
