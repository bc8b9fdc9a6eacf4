"""Events as they are exported: a line of JSON each."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from attune.domain.reports.event import NOBODY, Event
from attune.edge import http
from attune.edge.analytics import DAY_PATTERN
from attune.edge.moments import moment

NDJSON = "application/x-ndjson"
DatePath = Annotated[str, Path(pattern=DAY_PATTERN, description="A UTC day, as 2026-11-22.")]


def answer(told: Iterable[Event], course: str, day: str, limit: int, following: str | None) -> http.Answer:
    """A page of events, with the address of the next if there is one."""
    headers = {}
    if following is not None:
        query = urlencode({"course": course, "limit": limit, "cursor": following})
        headers["Link"] = f'</api/admin/events/{day}?{query}>; rel="next"'
    return Response(HTTPStatus.OK, NDJSON, "".join(map(_line, told)), headers=headers)


def _line(event: Event) -> str:
    learner = None if event.learner == NOBODY else event.learner
    plain = {"event": event.name, "at": moment(event.at), "course": event.course, "learner": learner, **event.said}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"
