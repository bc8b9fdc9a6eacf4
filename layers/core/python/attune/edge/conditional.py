"""Conditional requests (RFC 9110): entity tags compared as the header asks."""

import re

from attune.domain.errors import Malformed, PreconditionFailed

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')
_REVISION = re.compile(r"0|[1-9][0-9]{0,14}")
_TAGS = r'(?:W/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W/)?"[\x21\x23-\x7e]*")*'
_LIST = re.compile(rf"\s*{_TAGS}\s*")
PATTERN = rf"^(?:\*|{_TAGS})$"
"""How a condition is written; white space around it is none of its own."""


def tags(header: str, name: str) -> list[tuple[bool, str]]:
    """The tags of a list as (weak, opaque). Raises `Malformed`."""
    if not _LIST.fullmatch(header):
        raise Malformed("malformed_header", f'{name} holds quoted entity tags or "*".')
    return [(bool(match[1]), match[2]) for match in _TAG.finditer(header)]


def unchanged(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this very representation (weak comparison)."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(opaque == etag for _, opaque in tags(if_none_match, "If-None-Match"))


def readable(if_none_match: str | None) -> str | None:
    """The header, once it can be read: for routes that do something before they compare. Raises `Malformed`."""
    unchanged(if_none_match, "")
    return if_none_match


def expected_revisions(if_match: str | None) -> frozenset[int] | None:
    """The revisions that may be changed (strong comparison), None for any. Raises `PreconditionFailed` for none."""
    if if_match is None or if_match.strip() == "*":
        return None
    listed = tags(if_match, "If-Match")
    revisions = frozenset(int(opaque) for weak, opaque in listed if not weak and _REVISION.fullmatch(opaque))
    if not revisions:
        raise PreconditionFailed
    return revisions
