"""Where a list goes on: good for the caller and the query that it was given for, nothing else.

The seal has no key, so whoever knows how it is made can make a cursor of their own. It finds mistakes: a cursor that
was cut, or is sent with another token or query. What may be read does not hang on it: each list asks for rows under
keys that its caller may read from the beginning; a made-up cursor starts there at another place, and no more.
"""

import base64
import binascii
import hashlib
import json
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from attune.domain.errors import Malformed
from attune.domain.principal import Principal
from attune.edge.views import WHOLE

MAX_LENGTH = 512
# Published, and judged below: a cursor that is none is 400.
CursorQuery = Annotated[
    str | None,
    Query(alias="cursor", description="`next_cursor` of the page before.", json_schema_extra={"maxLength": MAX_LENGTH}),
]
Limit = Annotated[int, Field(ge=1, le=100), WHOLE, Query(description="How many at most.")]


def encode(position: str, principal: Principal, *query: object) -> str:
    """The cursor of a position in a list; the query is all that decides what is listed."""
    text = json.dumps([position, _seal(position, principal, query)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str | None, principal: Principal, *query: object) -> str | None:
    """The position of a cursor. Raises `Malformed` for one that was changed, or given for another caller or query."""
    if cursor is None:
        return None
    try:
        if len(cursor) > MAX_LENGTH:
            # Much longer ones could also hold more brackets than can be read.
            raise ValueError
        raw = base64.urlsafe_b64decode((cursor + "=" * (-len(cursor) % 4)).encode("ascii"))
        position, _ = json.loads(raw)
        if _is_position(position) and encode(position, principal, *query) == cursor:
            return str(position)
    except (ValueError, TypeError, binascii.Error):
        pass
    raise Malformed("malformed_cursor", "The cursor is not one that this list gave to this caller.")


def _is_position(found: object) -> bool:
    """Whether it is what keys are made of: nothing else is looked for in the table, whoever sealed it."""
    return isinstance(found, str) and found != "" and found.isascii() and found.isprintable()


def _seal(position: str, principal: Principal, query: tuple[object, ...]) -> str:
    # A guard against mistakes, not a secret: the rows are looked up under the caller's own keys in any case.
    said = json.dumps([position, principal.learner, *map(str, query)])
    return hashlib.sha256(said.encode()).hexdigest()[:24]
