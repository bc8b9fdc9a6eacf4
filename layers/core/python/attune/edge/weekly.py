"""An owner's weekly report as it is answered: JSON, or Markdown for who asks for it."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field

from attune.domain.errors import Flaw, Invalid
from attune.domain.reports.markdown import markdown
from attune.domain.reports.week import first_day
from attune.edge import http, request
from attune.edge.documented import Answers, answers
from attune.edge.views import View

MARKDOWN = "text/markdown"
WEEK_PATTERN = "^[0-9]{4}-W[0-9]{2}$"
IsoWeek = Annotated[str, Path(pattern=WEEK_PATTERN, description="An ISO week, as 2026-W45.")]


class ReportView(View):
    """A week. Figures that fewer than five learners are behind are null, and `why` says so."""

    model_config = ConfigDict(serialize_by_alias=True)

    week: str
    course: str
    first: Annotated[str, Field(serialization_alias="from")]
    last: Annotated[str, Field(serialization_alias="to")]
    learners: dict[str, float | int | None]
    lessons: dict[str, float | int | None]
    skills: dict[str, Any]
    recommendations: dict[str, Any]
    paths: dict[str, float | int | None]
    content: dict[str, Any]
    worst_lessons: list[dict[str, Any]]
    experiments: list[dict[str, Any]]
    holdout: dict[str, float | int | None]
    days: list[dict[str, Any]]
    notes: list[str]
    why: dict[str, str]


def week(text: str, place: str = "/path/iso_week") -> str:
    """A week that there is. Raises `Invalid`."""
    try:
        first_day(text)
    except ValueError as error:
        raise Invalid(Flaw(place, "Must be an ISO week, as 2026-W45.", "week")) from error
    return text


def documented() -> Answers:
    """What the route answers, in both forms."""
    found = answers({HTTPStatus.OK: ReportView}, HTTPStatus.NOT_FOUND)
    found[HTTPStatus.OK]["content"][MARKDOWN] = {"schema": {"type": "string"}}
    return found


def answer(report: Mapping[str, Any]) -> http.Answer:
    """The report as it was written, in the form that is asked for: the same bytes each time."""
    accept = request.current.get().header("accept")
    headers = {"Vary": "Authorization, Accept"}
    if accept is not None and MARKDOWN in accept:
        return Response(HTTPStatus.OK, f"{MARKDOWN}; charset=utf-8", markdown(report), headers=headers)
    return http.answer_text(json.dumps(report, ensure_ascii=False), HTTPStatus.OK, headers=headers)
