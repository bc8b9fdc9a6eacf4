"""A course's own preferences follow a small part of JSON Schema; what it cannot say is refused when it is published."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.schema import check, defaults, flaws
from tests.unit.conftest import SHIPPED, shipped

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 5, "default": "abc"},
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
        "share": {"type": "number", "minimum": 0, "default": 0.5},
        "on": {"type": "boolean", "default": True},
        "tool": {"enum": ["saw", "axe"], "default": "saw"},
        "seats": {
            "type": "array",
            "items": {"enum": ["left", "right"]},
            "minItems": 1,
            "uniqueItems": True,
            "default": ["left"],
        },
        "sizes": {"type": "array", "items": {"type": "integer", "maximum": 4}, "maxItems": 3, "default": []},
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
_KEYWORDS = [
    "type",
    "enum",
    "default",
    "items",
    "minimum",
    "maximum",
    "minLength",
    "minItems",
    "maxItems",
    "uniqueItems",
]
_KINDS = st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null", 5, ["string"]])
RULES = st.dictionaries(st.sampled_from(_KEYWORDS), JSON | _KINDS | st.fixed_dictionaries({"type": _KINDS}), max_size=4)


def _found(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(flaw.pointer, flaw.code) for flaw in check(SCHEMA, values, "/extras")]


def test_defaults_are_those_of_the_properties() -> None:
    assert defaults(SCHEMA) == {
        "name": "abc",
        "count": 3,
        "share": 0.5,
        "on": True,
        "tool": "saw",
        "seats": ["left"],
        "sizes": [],
    }
    assert defaults({}) == {}


def test_b6_true_is_not_1_where_values_are_compared() -> None:
    rules = {
        "level": {"enum": [1, 0.5, False]},
        "pair": {"enum": [[1, 2]]},
        "marks": {"type": "array", "uniqueItems": True},
    }
    found = {"level": 1.0, "pair": [1.0, 2], "marks": [1, True, 0, False, [1], [True]]}
    assert not list(check({"properties": rules}, found, ""))
    wrong = {"level": True, "pair": [True, 2], "marks": [1, 1.0]}
    assert [flaw.code for flaw in check({"properties": rules}, wrong, "")] == ["not_offered", "not_offered", "repeated"]
    assert [flaw.code for flaw in check({"properties": rules}, {"level": 0}, "")] == ["not_offered"]


def test_defaults_fit_and_nothing_is_required() -> None:
    assert _found(defaults(SCHEMA)) == []
    assert _found({}) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "ab"}, []),
        ({"name": "a"}, [("/extras/name", "out_of_range")]),
        ({"name": "abcdef"}, [("/extras/name", "out_of_range")]),
        ({"name": 5}, [("/extras/name", "wrong_type")]),
        ({"name": None}, [("/extras/name", "wrong_type")]),
        ({"count": 1}, []),
        ({"count": 9}, []),
        ({"count": 0}, [("/extras/count", "out_of_range")]),
        ({"count": 10}, [("/extras/count", "out_of_range")]),
        ({"count": True}, [("/extras/count", "wrong_type")]),
        ({"count": 2.5}, [("/extras/count", "wrong_type")]),
        ({"count": "2"}, [("/extras/count", "wrong_type")]),
        ({"share": 2}, []),
        ({"share": -0.1}, [("/extras/share", "out_of_range")]),
        ({"share": False}, [("/extras/share", "wrong_type")]),
        ({"on": False}, []),
        ({"on": 1}, [("/extras/on", "wrong_type")]),
        ({"on": "true"}, [("/extras/on", "wrong_type")]),
        ({"tool": "axe"}, []),
        ({"tool": "gun"}, [("/extras/tool", "not_offered")]),
        ({"tool": ["axe"]}, [("/extras/tool", "not_offered")]),
        ({"seats": ["right", "left"]}, []),
        ({"seats": []}, [("/extras/seats", "out_of_range")]),
        ({"seats": ["left", "left"]}, [("/extras/seats", "repeated")]),
        ({"seats": ["left", "up"]}, [("/extras/seats/1", "not_offered")]),
        ({"seats": "left"}, [("/extras/seats", "wrong_type")]),
        ({"sizes": [4, 4]}, []),
        ({"sizes": [4, 5]}, [("/extras/sizes/1", "out_of_range")]),
        ({"sizes": [1, 2, 3, 4]}, [("/extras/sizes", "out_of_range")]),
        ({"sizes": [True]}, [("/extras/sizes/0", "wrong_type")]),
        ({"colour": 1}, [("/extras/colour", "unknown_field")]),
        ({"a/b~c": 1}, [("/extras/a~1b~0c", "unknown_field")]),
    ],
    ids=str,
)
def test_a_value_fits_its_rule_or_is_named(values: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert _found(values) == expected


@pytest.mark.parametrize(("rule", "most"), [({"type": "string"}, "x" * 255), ({"type": "array"}, ["x"] * 50)])
def test_what_has_no_limit_of_its_own_has_ours(rule: dict[str, Any], most: Any) -> None:
    schema = {"properties": {"p": rule}}
    assert list(check(schema, {"p": most}, "")) == []
    assert [flaw.code for flaw in check(schema, {"p": most + most[:1]}, "")] == ["out_of_range"]


@given(st.dictionaries(st.sampled_from(list(SCHEMA["properties"])) | st.text(max_size=3), JSON, max_size=4))
def test_whatever_is_sent_is_judged(values: dict[str, Any]) -> None:
    for pointer, code in _found(values):
        assert pointer.startswith("/extras/")
        assert code in {"unknown_field", "wrong_type", "not_offered", "out_of_range", "repeated"}
    assert all(
        ("/extras/" + name, "unknown_field") in _found(values)
        for name in values
        if name.isalpha() and name not in SCHEMA["properties"]
    )


def test_a_flaw_does_not_repeat_what_was_sent() -> None:
    told = list(check(SCHEMA, {"tool": "<script>", "name": "<script>"}, "/extras"))
    assert len(told) == 2
    assert "<script>" not in "".join(flaw.detail for flaw in told)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_schemas_can_be_published(name: str) -> None:
    assert list(flaws(shipped(name).course.preferences, "/preferences")) == []
    assert list(flaws({}, "/preferences")) == []
    assert list(flaws(SCHEMA, "/preferences")) == []


BROKEN: dict[str, tuple[Any, str, str]] = {
    "pattern": ({"type": "string", "pattern": "x", "default": ""}, "", "unknown_keyword"),
    "kind": ({"type": "object", "default": {}}, "", "unknown_keyword"),
    "no kind": ({"default": 1}, "", "unknown_keyword"),
    "enum of what": ({"enum": "abc", "default": "a"}, "", "unknown_keyword"),
    "keyword of items": (
        {"type": "array", "items": {"type": "string", "format": "x"}, "default": []},
        "",
        "unknown_keyword",
    ),
    "kind of items": ({"type": "array", "items": {"type": "object"}, "default": []}, "", "unknown_keyword"),
    "items of items": (
        {"type": "array", "items": {"type": "array", "items": {"type": "date"}}, "default": [["x"]]},
        "",
        "unknown_keyword",
    ),
    "no default": ({"type": "integer"}, "/default", "bad_default"),
    "default of another kind": ({"type": "integer", "default": "3"}, "/default", "bad_default"),
    "default out of range": ({"type": "integer", "minimum": 4, "default": 3}, "/default", "bad_default"),
    "default not offered": ({"enum": [1], "default": 2}, "/default", "bad_default"),
    "default repeats": ({"type": "array", "uniqueItems": True, "default": [1, 1]}, "/default", "bad_default"),
    "rule is a number": (5, "", "unknown_keyword"),
    "rule is a list": (["type"], "", "unknown_keyword"),
    "items is a number": ({"type": "array", "items": 5, "default": []}, "", "unknown_keyword"),
    "kind is a list": ({"type": ["string"], "default": ""}, "", "unknown_keyword"),
    "limit is a word": ({"type": "integer", "minimum": "one", "default": 1}, "", "unknown_keyword"),
    "least is above most": ({"type": "integer", "minimum": 3, "maximum": 2, "default": 3}, "/default", "bad_default"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_schema_that_cannot_be_kept_to_is_not_published(name: str) -> None:
    rule, place, code = BROKEN[name]
    found = [(flaw.pointer, flaw.code) for flaw in flaws({"properties": {"p": rule}}, "/preferences")]
    assert found == [(f"/preferences/properties/p{place}", code)]


@given(st.dictionaries(st.text(max_size=3), RULES, max_size=2))
def test_any_rules_are_judged_and_what_passes_can_judge_any_value(properties: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": properties}
    if not list(flaws(schema, "/preferences")):
        assert list(check(schema, defaults(schema), "")) == []
        values: list[Any] = [None, True, 0, "", [], [[]], {}, ["x", "x"], [1, "x"]]
        for value in values:
            list(check(schema, dict.fromkeys(properties, value), ""))


@pytest.mark.parametrize("schema", [{"properties": []}, {"properties": 5}, {"properties": None}], ids=str)
def test_a_schema_of_another_shape_is_not_published(schema: dict[str, Any]) -> None:
    assert list(flaws(schema, "/preferences"))


@pytest.mark.parametrize("number", [1.1e100, -1e101, 1e300])
def test_d10_a_number_that_no_row_can_hold_is_refused(number: float) -> None:
    rules = {"properties": {"a": {"type": "number"}, "b": {"type": "array"}}}
    assert [flaw.code for flaw in check(rules, {"a": number}, "")] == ["out_of_range"]
    assert [flaw.pointer for flaw in check(rules, {"b": [1.0, number]}, "")] == ["/b/1"]
    assert not list(check(rules, {"a": 1e100, "b": [-1e100]}, ""))
