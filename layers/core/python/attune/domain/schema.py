"""The part of JSON Schema that a course may describe its own preferences with: flat properties, each with a default."""

from collections.abc import Iterator, Mapping
from typing import Any

from attune.domain.errors import Flaw

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}
_BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems")
_KEYWORDS = frozenset({"type", "enum", "default", "items", "title", "description", *_BOUNDS})


def defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The default of every property."""
    return {name: rule.get("default") for name, rule in schema.get("properties", {}).items()}


def check(schema: Mapping[str, Any], values: Mapping[str, Any], pointer: str) -> Iterator[Flaw]:
    """Everything wrong with some of the schema's properties; none is required."""
    rules = schema.get("properties", {})
    for name, value in values.items():
        if name not in rules:
            yield Flaw(f"{pointer}/{name[:64]}", "The course has no such preference.", "unknown_field")
        else:
            yield from _value(rules[name], value, f"{pointer}/{name}")


def _value(rule: Mapping[str, Any], value: object, pointer: str) -> Iterator[Flaw]:
    kind = rule.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield Flaw(pointer, f"Of type {kind}.", "wrong_type")
        return
    if "enum" in rule and value not in rule["enum"]:
        yield Flaw(pointer, f"One of {', '.join(map(str, rule['enum']))}.", "not_offered")
    if isinstance(value, int | float) and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        yield Flaw(pointer, f"Between {rule.get('minimum', '-')} and {rule.get('maximum', '-')}.", "out_of_range")
    if isinstance(value, str) and not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", 255):
        yield Flaw(pointer, f"At most {rule.get('maxLength', 255)} characters.", "out_of_range")
    if isinstance(value, list):
        yield from _list(rule, value, pointer)


def _list(rule: Mapping[str, Any], values: list[Any], pointer: str) -> Iterator[Flaw]:
    if not rule.get("minItems", 0) <= len(values) <= rule.get("maxItems", 50):
        yield Flaw(pointer, f"{rule.get('minItems', 0)} to {rule.get('maxItems', 50)} of them.", "out_of_range")
        return
    if rule.get("uniqueItems") and any(value in values[:place] for place, value in enumerate(values)):
        yield Flaw(pointer, "Each only once.", "repeated")
    for place, value in enumerate(values):
        yield from _value(rule.get("items", {}), value, f"{pointer}/{place}")


def flaws(schema: Mapping[str, Any], pointer: str) -> Iterator[Flaw]:
    """What keeps a schema from being published: keywords that are not understood, defaults that do not fit."""
    for name, rule in schema.get("properties", {}).items():
        place = f"{pointer}/properties/{name}"
        unknown = set(rule) - _KEYWORDS or set(rule.get("items", {})) - _KEYWORDS
        if unknown or not _typed(rule) or not _typed(rule.get("items", {"type": "string"})):
            yield Flaw(place, "A type and keywords that are understood; see the course format.", "unknown_keyword")
        elif "default" not in rule or any(_value(rule, rule["default"], place)):
            yield Flaw(f"{place}/default", "A default that fits the rule itself.", "bad_default")


def _typed(rule: Mapping[str, Any]) -> bool:
    """Whether a rule says what it takes: by a known type, or by listing the values."""
    return rule["type"] in _TYPES if "type" in rule else isinstance(rule.get("enum"), list)
