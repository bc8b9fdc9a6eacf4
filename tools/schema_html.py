"""JSON schemas as nested lists of HTML: each field with its type, its bounds and what is said of it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

Json = dict[str, Any]
_BOUNDS: Mapping[str, str] = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "maxProperties": "at most {} fields",
    "format": "{}",
    "pattern": "{}",
}
_CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> str:
    """A sentence of ours: escaped, with what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def shown(value: object) -> str:
    """A value as JSON, escaped."""
    return f"<code>{escape(json.dumps(value, ensure_ascii=False))}</code>"


class Schemas:
    """The components of a document, rendered wherever they are referred to."""

    def __init__(self, components: Json) -> None:
        self._components = components

    def fields(self, schema: Json) -> str:
        """What a schema holds; open only as far as its own fields."""
        return self._fields(schema, ())

    def kind(self, schema: Json) -> str:
        """The type of a value in words, as HTML."""
        if name := _reference(schema):
            return self.kind({key: each for key, each in self._components[name].items() if key != "description"})
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self.kind(each) for each in schema["anyOf"]))
        if "const" in schema:
            return shown(schema["const"])
        if "enum" in schema:
            return " or ".join(map(shown, schema["enum"]))
        plain = str(schema.get("type", "anything"))
        if plain == "array":
            return f"array of {self.kind(schema.get('items', {}))}"
        values = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
        if isinstance(values[0], dict) and "properties" not in schema:
            return f"map of {self.kind(values[0])}"
        return escape(plain)

    def value(self, schema: Json) -> str:
        """The type of a value with its bounds and its default."""
        return ", ".join([self.kind(schema), *self._notes(schema)])

    def _notes(self, schema: Json) -> Iterable[str]:
        found = [
            text.format(f"<code>{escape(str(each[name]))}</code>")
            for each in (schema, *(kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"))
            for name, text in _BOUNDS.items()
            if name in each
        ]
        if schema.get("default") not in (None, [], {}):
            found.append(f"default {shown(schema['default'])}")
        return dict.fromkeys(found)

    def _fields(self, schema: Json, above: tuple[str, ...]) -> str:
        if name := _reference(schema):
            return "" if name in above else self._fields(self._components[name], (*above, name))
        if "properties" not in schema:
            return "".join(self._fields(each, above) for each in _inner(schema))
        required = schema.get("required", ())
        entries = "".join(
            self._field(name, each, name in required, above) for name, each in schema["properties"].items()
        )
        return f'{_said(schema)}<ul class="fields">{entries}</ul>'

    def _field(self, name: str, schema: Json, required: bool, above: tuple[str, ...]) -> str:
        inner = self._fields(schema, above)
        return (
            f'<li><code class="name">{escape(name)}</code> <span class="type">{self.value(schema)}</span>'
            + (' <span class="required">required</span>' if required else "")
            + _said(schema)
            + (f"<details><summary>Fields of {escape(name)}</summary>{inner}</details>" if inner else "")
            + "</li>"
        )


def _inner(schema: Json) -> Iterator[Json]:
    yield from schema.get("anyOf", ())
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield schema[name]


def _reference(schema: Json) -> str | None:
    return str(schema["$ref"]).rpartition("/")[2] if "$ref" in schema else None


def _said(schema: Json) -> str:
    return f"<p>{prose(schema['description'])}</p>" if schema.get("description") else ""
