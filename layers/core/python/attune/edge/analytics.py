"""An owner's reports as they are answered: rows of figures, and why one is null."""

from datetime import date
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import ConfigDict, Field

from attune.domain.errors import Flaw, Invalid
from attune.domain.reports.analytics import Analysis, Row
from attune.edge.views import View

EARLIEST = 1970
DAY_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
ReportName = Annotated[
    str,
    Path(
        pattern="^[a-z_]{1,32}$",
        description="`recommendations`, `skills`, `content`, `engagement`, `paths` or `cost`.",
    ),
]
From = Annotated[
    str | None, Query(alias="from", pattern=DAY_PATTERN, description="The first UTC day; six before `to` if left out.")
]
To = Annotated[str | None, Query(alias="to", pattern=DAY_PATTERN, description="The last UTC day; today if left out.")]
By = Annotated[
    str | None,
    Query(
        pattern="^[a-z]{1,16}$",
        description="Rows are by `kind`, `item`, `skill`, `mistake`, `expected`, `lesson`, `model`, `holdout`, `day` "
        "or `week`.",
    ),
]


class RowView(View):
    """What it is about, under the name of `by`; each figure by its name; `why` says of each null what it lacks."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, float | int | str | None] = Field(init=False)

    why: dict[str, str]


class AnalyticsView(View):
    """A row is also null where whoever takes it off the total would be left with fewer than five learners."""

    model_config = ConfigDict(serialize_by_alias=True)

    report: str
    course: str
    first: Annotated[str, Field(serialization_alias="from")]
    last: Annotated[str, Field(serialization_alias="to")]
    by: str
    rows: list[RowView]
    total: RowView | None

    @classmethod
    def of(cls, report: str, course: str, days: tuple[date, date], by: str, found: Analysis) -> "AnalyticsView":
        return cls(
            report=report,
            course=course,
            first=days[0].isoformat(),
            last=days[1].isoformat(),
            by=by,
            rows=[_row(row, {by: row.name}) for row in found.rows],
            total=_row(found.total, {}) if found.total else None,
        )


def _row(row: Row, named: dict[str, Any]) -> RowView:
    return RowView(**named, **row.figures, why=dict(row.why))


def day(text: str, parameter: str, place: str = "query") -> date:
    """The day of a parameter. Raises `Invalid` for a day that no calendar has, or that was long before anything."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year < EARLIEST:
        raise Invalid(Flaw(f"/{place}/{parameter}", "Must be a day, as 2026-11-22.", "date"))
    return found
