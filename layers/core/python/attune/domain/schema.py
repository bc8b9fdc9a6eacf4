"""The part of JSON Schema that a course may describe its own preferences with: flat properties, each with a default."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attune.domain.errors import Flaw, pointer

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}
_LARGEST = 1e100
"""No number that a row holds is larger: the table takes nothing above 1e125."""
_NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
_KEYWORDS = frozenset({"type", "enum", "default", "items", "uniqueItems", "title", "description", *_BOUNDS})


def defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The default of every property."""
    return {name: rule.get("default") for name, rule in schema.get("properties", {}).items()}


def check(schema: Mapping[str, Any], values: Mapping[str, Any], at: str) -> Iterator[Flaw]:
    """Everything wrong with some of the schema's properties; none is required."""
    rules = schema.get("properties", {})
    for name, value in values.items():
        if name not in rules:
            yield Flaw(pointer(at, name), "The course has no such preference.", "unknown_field")
        else:
            yield from _value(rules[name], value, pointer(at, name))


def _value(rule: Mapping[str, Any], value: object, at: str) -> Iterator[Flaw]:
    kind = rule.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield Flaw(at, f"Of type {kind}.", "wrong_type")
        return
    if "enum" in rule and not any(_same(value, offered) for offered in rule["enum"]):
        yield Flaw(at, f"One of {', '.join(map(str, rule['enum']))}.", "not_offered")
    low, high = rule.get("minimum", -_LARGEST), rule.get("maximum", _LARGEST)
    if isinstance(value, int | float) and not max(low, -_LARGEST) <= value <= min(high, _LARGEST):
        yield Flaw(at, f"Between {rule.get('minimum', '-')} and {rule.get('maximum', '-')}.", "out_of_range")
    if isinstance(value, str) and not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", 255):
        yield Flaw(at, f"At most {rule.get('maxLength', 255)} characters.", "out_of_range")
    if isinstance(value, list):
        yield from _list(rule, value, at)


def _same(one: object, other: object) -> bool:
    """Whether two values are the same to JSON, where true is not 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _list(rule: Mapping[str, Any], values: list[Any], at: str) -> Iterator[Flaw]:
    if not rule.get("minItems", 0) <= len(values) <= rule.get("maxItems", 50):
        yield Flaw(at, f"{rule.get('minItems', 0)} to {rule.get('maxItems', 50)} of them.", "out_of_range")
        return
    if rule.get("uniqueItems") and any(
        _same(value, other) for place, value in enumerate(values) for other in values[:place]
    ):
        yield Flaw(at, "Each only once.", "repeated")
    for place, value in enumerate(values):
        yield from _value(rule.get("items", {}), value, f"{at}/{place}")


def flaws(schema: Mapping[str, Any], at: str) -> Iterator[Flaw]:
    """What keeps a schema from being published: what is not understood, and defaults that do not fit."""
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping):
        yield Flaw(f"{at}/properties", "An object of properties.", "wrong_type")
        return
    for name, rule in properties.items():
        place = pointer(f"{at}/properties", name)
        if not _NAME.fullmatch(name):
            yield Flaw(place, "A name of lower-case letters, digits, dots, hyphens and underscores.", "bad_name")
        elif not _understood(rule):
            yield Flaw(place, "A type and keywords that are understood; see the course format.", "unknown_keyword")
        elif "default" not in rule or any(_value(rule, rule["default"], place)):
            yield Flaw(f"{place}/default", "A default that fits the rule itself.", "bad_default")


def _understood(rule: object, *, inner: bool = False) -> bool:
    """Whether a rule says, in words that are known, what it takes: a type, or a list of values."""
    if not isinstance(rule, Mapping) or set(rule) - _KEYWORDS or (inner and "items" in rule):
        return False
    if "type" in rule and not (isinstance(rule["type"], str) and rule["type"] in _TYPES):
        return False
    if "enum" in rule and not (isinstance(rule["enum"], list) and rule["enum"]):
        return False
    bounds = [rule[name] for name in _BOUNDS if name in rule]
    numbers = all(isinstance(bound, int | float) and not isinstance(bound, bool) for bound in bounds)
    unique = isinstance(rule.get("uniqueItems", True), bool)
    says = "type" in rule or "enum" in rule
    return numbers and unique and says and ("items" not in rule or _understood(rule["items"], inner=True))
