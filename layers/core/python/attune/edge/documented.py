"""How a route's own answers are documented. What every route of its kind may answer besides, the generator adds."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

Answers = dict[int, Any]
_ETAG = {"ETag": {"description": "The revision of what is answered.", "schema": {"type": "string"}}}


def answers(views: Mapping[int, Any], *refusals: int, etag: bool = False) -> Answers:
    """A route's views (or media types) by status, and the refusals that are its own.

    `etag` is for a route whose answer has an entity tag though the request takes no condition; where it takes one, the
    tag goes without saying.
    """
    found: Answers = {status: {"description": HTTPStatus(status).phrase} for status in (*views, *refusals)}
    for status, view in views.items():
        if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            found[status]["content"] = _content(view)
    if etag:
        found[HTTPStatus.OK]["headers"] = _ETAG
    return found


def _content(view: type[BaseModel] | str) -> dict[str, Any]:
    if not isinstance(view, str):
        return {"application/json": {"model": view}}
    return {view: {"schema": {"type": "object" if view == "application/json" else "string"}}}
