"""Fields of bodies: in every place each value that does not fit, one too many, and each that is missing."""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

from openapi_schema_validator import OAS31Validator

from attune.edge.strict_json import MAX_INTEGER
from tests.contract.refusals.operations import CANARY, CONTRACT, LESSON, NOBODY, Json, Operation, Wrong, wrong

SAMPLES = ("x", "en", NOBODY, LESSON, "2026-11-21T07:41:02Z")
POOL: tuple[object, ...] = (
    *("1", "", " ", CANARY, f"{CANARY}#", "A", "a b", "../a", "USER#x", "caf\xe9", "a" * 65, "x" * 5000),
    *(1, 0, -1, 1.0, 1.5, 2**53, True, False, None, [], {}, [None], [[]], {"a": None}, {CANARY: CANARY}),
)


def _resolved(schema: Json) -> Json:
    while "$ref" in schema:
        schema = CONTRACT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _kinds(schema: Json) -> list[Json]:
    """The schemas that a value may fit, one by one."""
    schema = _resolved(schema)
    return [kind for each in schema["anyOf"] for kind in _kinds(each)] if "anyOf" in schema else [schema]


def _smallest(schema: Json) -> Any:
    """A value that fits."""
    schema = _kinds(schema)[0]
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return {name: _smallest(schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return [_smallest(schema["items"])] * schema.get("minItems", 0)
        case "string":
            return next(sample for sample in SAMPLES if re.search(schema.get("pattern", ""), sample))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case kind:
            return {"boolean": True, "null": None}[str(kind)]


def _places(schema: Json, pointer: str = "", whole: Any = None) -> Iterator[tuple[str, Json, Any]]:
    """Every place in a body: its pointer, its schema, and what makes a body of a value there."""
    make = whole or (lambda value: value)
    yield pointer, schema, make
    for kind in _kinds(schema):
        if kind.get("type") == "object":
            base = _smallest(kind)
            for name, below in kind.get("properties", {}).items():
                yield from _places(below, f"{pointer}/{name}", _with(make, base, name))
            keyed = list(kind.get("patternProperties", {}).items())
            if isinstance(kind.get("additionalProperties"), dict):
                keyed.append(("", kind["additionalProperties"]))
            for pattern, below in keyed:
                name = next(sample for sample in SAMPLES if re.search(pattern, sample))
                yield from _places(below, f"{pointer}/{name}", _with(make, base, name))
        if kind.get("type") == "array":
            yield from _places(kind["items"], f"{pointer}/0", _in_list(make))


def _with(make: Any, base: Json, name: str) -> Any:
    return lambda value: make({**base, name: value})


def _in_list(make: Any) -> Any:
    return lambda value: make([value])


def _around(schema: Json) -> Iterator[object]:
    """Values just beside those that fit."""
    for kind in _kinds(schema):
        for name in kind.get("enum", ()):
            yield from (name.upper(), name.title(), f"{name} ", f" {name}", [name], {name: name})
        if kind.get("type") in ("integer", "number"):
            low, high = (
                kind.get("minimum", kind.get("exclusiveMinimum")),
                kind.get("maximum", kind.get("exclusiveMaximum")),
            )
            yield from (bound for bound in (low, high) if bound is not None)
            yield from (_beyond(low, -1) for low in (low,) if low is not None)
            yield from (_beyond(high, 1) for high in (high,) if high is not None)
            yield from (str(bound) for bound in (low, high) if bound is not None)
        if kind.get("maxLength", 10_000) < 10_000:
            yield "x" * (kind["maxLength"] + 1)
        if kind.get("type") == "array" and kind.get("maxItems", 1000) < 1000:
            yield [_smallest(kind["items"])] * (kind["maxItems"] + 1)
        if kind.get("maxProperties", 1000) < 1000 and kind.get("additionalProperties") is not True:
            pattern, below = next(iter(kind.get("patternProperties", {"": kind.get("additionalProperties")}).items()))
            names = [f"{letter}{other}" for letter in "abcdefghij" for other in "abcdefghij"]
            assert re.search(pattern, names[0])
            yield {name: _smallest(below) for name in names[: kind["maxProperties"] + 1]}


def _beyond(bound: float, step: int) -> float:
    """A number beyond a bound: with an exponent where no integer is read at all."""
    return bound + step if abs(bound + step) <= MAX_INTEGER else bound * 4.0


def _fits(schema: Json, value: object) -> bool:
    """Whether the contract allows a value."""
    return bool(_validator(json.dumps(schema)).is_valid(value))


@cache
def _validator(schema: str) -> Any:
    return OAS31Validator({**json.loads(schema), "components": CONTRACT["components"]})


def fields(op: Operation) -> Iterator[Wrong]:
    """In every place of the body: each value that does not fit, a field too many, and each field that is missing."""
    if op.schema is None:
        return
    root: Json = {"$ref": f"#/components/schemas/{op.schema}"}
    for pointer, schema, make in _places(root):
        if pointer == "/user_id" and not op.public:
            continue
        seen = set()
        for value in chain(POOL, _around(schema)):
            text = json.dumps(value)
            if text not in seen and not _fits(schema, value):
                seen.add(text)
                told = f"{pointer} is {text[:40]}"
                yield wrong(
                    op, told, 422, "invalid", body=json.dumps(make(value)).encode(), pointer=pointer, below=True
                )
        for kind in _kinds(schema):
            base = _smallest(kind) if kind.get("type") == "object" else {}
            if kind.get("additionalProperties") is False and "properties" in kind:
                surplus = {**base, "surplus/~": CANARY}
                at = f"{pointer}/surplus~1~0"
                yield wrong(
                    op,
                    f"{at} too many",
                    422,
                    "invalid",
                    body=json.dumps(make(surplus)).encode(),
                    pointer=at,
                    below=True,
                )
            for name in kind.get("required", ()):
                rest = {other: value for other, value in base.items() if other != name}
                has = {"body": json.dumps(make(rest)).encode(), "pointer": f"{pointer}/{name}", "below": True}
                yield wrong(op, f"{pointer}/{name} missing", 422, "invalid", **has)
