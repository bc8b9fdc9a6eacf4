"""How a route's answers are documented: from its views, and from the same table that makes the problems."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from attune.edge.problems import CONTENT_TYPE
from attune.edge.views import Problem

ALWAYS = (400, 404, 413, 422, 429, 500, 503)
WITH_BODY = (415,)
WITH_TOKEN = (401, 403)

Answers = dict[int, Any]


def answers(views: Mapping[int, Any], *refusals: int) -> Answers:
    """What a route may answer: its views (or media types) by status, its own refusals, and those of any route."""
    found: Answers = {}
    for status, view in views.items():
        found[status] = {"description": HTTPStatus(status).phrase, "content": _content(view)}
        if status == HTTPStatus.NOT_MODIFIED:
            found[status] = {"description": HTTPStatus(status).phrase}
    for status in sorted({*refusals, *ALWAYS, *WITH_BODY, *WITH_TOKEN}):
        found[status] = {"description": HTTPStatus(status).phrase, "content": {CONTENT_TYPE: {"model": Problem}}}
    return found


def _content(view: type[BaseModel] | str) -> dict[str, Any]:
    return {view: {"schema": {"type": "string"}}} if isinstance(view, str) else {"application/json": {"model": view}}
