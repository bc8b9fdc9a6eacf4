"""What travels through the queues: names of rows and nothing else. Who gets a message reads everything again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

SCHEMA = 1


class UnknownMessage(ValueError):
    """Not a message of ours, or of a later release: it is left for whoever understands it."""


@dataclass(frozen=True, slots=True)
class SectionMessage:
    """One section of a variant is to be written; both are named by their keys (64 hex digits)."""

    variant: str
    section: str

    def to_json(self) -> str:
        body = {"type": "write_section", "schema": SCHEMA, "variant": self.variant, "section": self.section}
        return json.dumps(body, separators=(",", ":"))


def section_message(body: str) -> SectionMessage:
    """The message in a record's body. Raises `UnknownMessage`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise UnknownMessage("not JSON") from None
    if not isinstance(found, Mapping) or (found.get("type"), found.get("schema")) != ("write_section", SCHEMA):
        raise UnknownMessage("another type or schema")
    variant, section = found.get("variant"), found.get("section")
    if not (_is_key(variant) and _is_key(section)):
        raise UnknownMessage("not a key")
    return SectionMessage(str(variant), str(section))


def _is_key(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")
