"""Every number that can be sent has bounds that are published, within what all readers of JSON hold exactly."""

import json
import math
from collections.abc import Iterator
from typing import Any

from attune.edge.strict_json import MAX_INTEGER
from tools import endpoints
from tools.template import ROOT

Json = dict[str, Any]
CONTRACT: Json = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
FREE = {
    "publish_course/preferences/*": "rules of the course's own preferences: course-format.md has their bounds",
    "put_preferences/extras/*": "judged by those rules",
    "put_experiment/arms/0/params/*": "what an arm may change: experiments.md has the bounds of each",
    "put_experiment/eligibility/*": "who may take part: experiments.md has the rules",
}
"""Places of any JSON, which are judged by more than the contract can say."""


def _below(schema: Json) -> Iterator[tuple[str, Json]]:
    """The schemas of one, each with the step that leads to it."""
    for word in ("anyOf", "oneOf", "allOf"):
        yield from (("", each) for each in schema.get(word, ()))
    yield from ((f"/{name}", each) for name, each in schema.get("properties", {}).items())
    yield from (("/*", each) for each in schema.get("patternProperties", {}).values())
    yield from ((f"/{place}", each) for place, each in enumerate(schema.get("prefixItems", ())))
    for word, step in (("additionalProperties", "/*"), ("items", "/0")):
        if schema.get(word, False) is not False:
            yield step, {} if schema[word] is True else schema[word]


def _every(schema: Json, place: str) -> Iterator[tuple[str, Json]]:
    """Each schema that a value there may have to fit, with its place."""
    while "$ref" in schema:
        schema = CONTRACT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield place, schema
    for step, each in _below(schema):
        yield from _every(each, place + step)


def _sent() -> Iterator[tuple[str, Json]]:
    for _, _, operation in endpoints.operations(CONTRACT):
        name = operation["operationId"]
        for parameter in operation.get("parameters", ()):
            yield from _every(parameter["schema"], f"{name}?{parameter['name']}")
        for content in operation.get("requestBody", {}).get("content", {}).values():
            yield from _every(content["schema"], name)


def _kinds(schema: Json) -> set[str]:
    found = schema.get("type", ())
    return {found} if isinstance(found, str) else set(found)


SENT = list(_sent())


def test_b2_d10_every_number_that_is_sent_has_bounds_that_every_reader_holds() -> None:
    numbers = {place: schema for place, schema in SENT if {"integer", "number"} & _kinds(schema)}
    assert len(numbers) > 60
    for place, schema in numbers.items():
        if {"enum", "const"} & schema.keys():
            continue
        low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
        high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
        assert -MAX_INTEGER <= low < high <= MAX_INTEGER, place


def test_a_place_of_any_json_is_one_that_is_judged_elsewhere() -> None:
    says = {"type", "anyOf", "oneOf", "allOf", "enum", "const"}
    assert {place for place, schema in SENT if not says & schema.keys()} == FREE.keys()
    assert not [place for place, schema in SENT if "object" in _kinds(schema) and "additionalProperties" not in schema]
