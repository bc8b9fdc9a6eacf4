"""What trees of expressions mean for a row: whether it meets them, and what an update makes of it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.doubles.dynamodb.grammar import Invalid, Tree
from tests.doubles.dynamodb.values import Row, Value, equal, kind, number, ordered, plain, size

Values = Mapping[str, Value]


def at(row: Mapping[str, Value], path: Sequence[str | int]) -> Value | None:
    """What stands at a path; None if nothing does."""
    found: Value | None = row.get(str(path[0]))
    for part in path[1:]:
        if found is None:
            return None
        if isinstance(part, int):
            held = found.get("L")
            found = held[part] if held is not None and part < len(held) else None
        else:
            found = found.get("M", {}).get(part)
    return found


def meets(tree: Tree, row: Row, values: Values) -> bool:
    """Whether a row meets a condition."""
    match tree:
        case ("and", left, right):
            return meets(left, row, values) and meets(right, row, values)
        case ("or", left, right):
            return meets(left, row, values) or meets(right, row, values)
        case ("not", inner):
            return not meets(inner, row, values)
        case ("attribute_exists", path):
            return at(row, path[1]) is not None
        case ("attribute_not_exists", path):
            return at(row, path[1]) is None
    first, *others = [_operand(one, row, values) for one in tree[1:]]
    match tree[0]:
        case "=":
            return equal(first, others[0])
        case "<>":
            return not equal(first, others[0])
        case "in":
            return any(equal(first, one) for one in others)
        case "between":
            low, high = ordered(first, others[0]), ordered(first, others[1])
            return low is not None and high is not None and low >= 0 and high <= 0
        case "attribute_type":
            return first is not None and kind(first) == plain(others[0] or {"S": ""})
        case "begins_with":
            return first is not None and others[0] is not None and _begins(first, others[0])
        case "contains":
            return first is not None and others[0] is not None and _contains(first, others[0])
    place = ordered(first, others[0])
    if place is None:
        return False
    return {"<": place < 0, "<=": place <= 0, ">": place > 0, ">=": place >= 0}[tree[0]]


def updated(actions: Sequence[tuple[str, Tree, Tree | None]], row: Row, values: Values) -> Row:
    """The row after an update; every operand is of the row as it was."""
    after = dict(row)
    for verb, (_, path), operand in actions:
        value = None if operand is None else _operand(operand, row, values)
        if verb != "REMOVE" and value is None:
            raise Invalid("The provided expression refers to an attribute that does not exist in the item")
        if verb == "ADD" and value is not None:
            value = _added(at(row, path), value)
        elif verb == "DELETE" and value is not None:
            value = _without(at(row, path), value)
        after = _put({"M": after}, path, value)["M"]
    return after


def projected(paths: Sequence[Tree], row: Mapping[str, Value]) -> Row:
    """The attributes asked for; of maps only what is named."""
    found: Row = {}
    for _, path in paths:
        value = at(row, path)
        if value is None:
            continue
        for part in reversed(path[1:]):
            value = {"L": [value]} if isinstance(part, int) else {"M": {part: value}}
        name = str(path[0])
        found[name] = _joined(found[name], value) if name in found else value
    return found


def _joined(one: Value, other: Value) -> Value:
    if kind(one) == kind(other) == "L":
        return {"L": [*one["L"], *other["L"]]}
    if kind(one) == kind(other) == "M":
        both = dict(one["M"])
        for name, value in other["M"].items():
            both[name] = _joined(both[name], value) if name in both else value
        return {"M": both}
    return other


def _put(holder: Value, path: Sequence[str | int], value: Value | None) -> Value:
    """The holder with a value, or nothing, at a path below it; it is copied along the path alone."""
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        items = list(holder.get("L", ()))
        if "L" not in holder or (rest and part >= len(items)):
            raise Invalid("The document path provided in the update expression is invalid for update")
        if rest:
            items[part] = _put(items[part], rest, value)
        elif value is None:
            del items[part : part + 1]
        else:
            items[part : part + 1] = [value]
        return {"L": items}
    if "M" not in holder or (rest and part not in holder["M"]):
        raise Invalid("The document path provided in the update expression is invalid for update")
    entries = dict(holder["M"])
    if rest:
        entries[part] = _put(entries[part], rest, value)
    elif value is None:
        entries.pop(part, None)
    else:
        entries[part] = value
    return {"M": entries}


def _operand(tree: Tree, row: Row, values: Values) -> Value | None:
    match tree:
        case ("value", name):
            if name not in values:
                raise Invalid(
                    f"An expression attribute value used in expression is not defined; attribute value: {name}"
                )
            return values[name]
        case ("path", path):
            return at(row, path)
        case ("size", inner):
            return _size(_operand(inner, row, values))
        case ("if_not_exists", path, other):
            found = at(row, path[1])
            return _operand(other, row, values) if found is None else found
    left, right = (_operand(one, row, values) for one in tree[1:])
    if left is None or right is None:
        raise Invalid("The provided expression refers to an attribute that does not exist in the item")
    if tree[0] == "list_append":
        _demand("L", left, right)
        return {"L": [*left["L"], *right["L"]]}
    _demand("N", left, right)
    second = Decimal(right["N"])
    return number(Decimal(left["N"]) + (second if tree[0] == "+" else -second))


def _size(value: Value | None) -> Value | None:
    if value is None:
        return None
    if kind(value) in ("N", "BOOL", "NULL"):
        raise Invalid("Invalid operand type for operator or function; operator or function: size")
    held: Any = value[kind(value)]
    return number(Decimal(size(value) if kind(value) in ("S", "B") else len(held)))


def _begins(value: Value, start: Value) -> bool:
    return kind(value) == kind(start) and kind(value) in ("S", "B") and bool(plain(value).startswith(plain(start)))


def _contains(value: Value, part: Value) -> bool:
    name = kind(value)
    if name in ("S", "B"):
        return kind(part) == name and plain(part) in plain(value)
    if name == "L":
        return any(equal(one, part) for one in value["L"])
    return name == f"{kind(part)}S" and plain(part) in plain(value)


def _added(there: Value | None, more: Value) -> Value:
    if there is None:
        return more
    _demand(kind(there), more)
    if kind(more) == "N":
        return number(Decimal(there["N"]) + Decimal(more["N"]))
    name = kind(more)
    return {name: sorted({*there[name], *more[name]})}


def _without(there: Value | None, less: Value) -> Value | None:
    if there is None:
        return None
    _demand(kind(there), less)
    name = kind(less)
    left = [one for one in there[name] if one not in less[name]]
    return {name: left} if left else None


def _demand(name: str, *values: Value) -> None:
    if any(kind(value) != name for value in values):
        raise Invalid("An operand in the update expression has an incorrect data type")
