"""Which names are names: one grammar for ids, slugs and courses, and one spelling of a UUID."""

import re
import uuid

SEGMENT = r"[a-z0-9][a-z0-9._-]{0,63}"
ID_PATTERN = rf"^{SEGMENT}$"
SLUG_PATTERN = rf"^{SEGMENT}(?:/{SEGMENT}){{0,3}}$"
UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$"

_ID = re.compile(ID_PATTERN)
_SLUG = re.compile(SLUG_PATTERN)
_UUID = re.compile(UUID_PATTERN)
_NIL_AND_MAX = (uuid.UUID(int=0), uuid.UUID(int=(1 << 128) - 1))
RESERVED_SLUGS = frozenset({"cache", "feedback"})
"""Paths beside `/api/personalize/{slug}`: a lesson of that name could not be addressed."""


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    return _SLUG.fullmatch(text) is not None and text not in RESERVED_SLUGS


def is_uuid(text: str) -> bool:
    """Whether this is a UUID in its one canonical spelling; the nil and max values are nobody's."""
    return _UUID.fullmatch(text) is not None and uuid.UUID(text) not in _NIL_AND_MAX
