"""One of an owner's reports over some days: one query of what is counted, or the months' rows of what was spent."""

from datetime import date, datetime, timedelta
from typing import Final

from attune.domain.budget import Figures
from attune.domain.errors import Flaw, Invalid, NotFound
from attune.domain.reports.analytics import COST, COSTS, DAY, REPORTS, Analysis, analysis, costs
from attune.domain.reports.event import day_at, number_of
from attune.domain.reports.presence import WEEKS, monday
from attune.store import budgets, metrics

MOST_DAYS: Final = 92
WEEK: Final = timedelta(days=7)


def run(course: str, report: str, by: str | None, first: date, last: date, now: datetime) -> tuple[str, Analysis]:
    """The report, after what it is taken apart by. Raises `NotFound` for no report, `Invalid` for what it cannot do."""
    known = COSTS if report == COST else tuple(REPORTS.get(report, ()))
    if not known:
        raise NotFound("unknown_report", "There is no such report.")
    if by is not None and by not in known:
        raise Invalid(Flaw("/query/by", f"Must be one of {', '.join(known)}.", "enum"))
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise Invalid(Flaw("/query/from", f"Must be before `to`, by less than {MOST_DAYS} days.", "range"))
    by = by or known[0]
    if report == COST:
        return by, costs(_spent(course, by, first, last, now))
    shown = REPORTS[report][by]
    begins = first.isoformat()
    if shown.kept == WEEKS:
        # A week stands under its Monday.
        begins = day_at(monday(number_of(begins)))
    return by, analysis(shown, metrics.between(course, shown.kept, begins, last.isoformat(), now))


def _spent(course: str, by: str, first: date, last: date, now: datetime) -> dict[str, Figures]:
    """By day what all courses cost; by model what this course cost in the months in which the days lie."""
    months = sorted({(first + timedelta(days=place)).strftime("%Y-%m") for place in range((last - first).days + 1)})
    found: dict[str, Figures] = {}
    for month in months:
        spending = budgets.spending(now, month)
        if by == DAY:
            known = {day: one for day, one in spending.daily.items() if first.isoformat() <= day <= last.isoformat()}
        else:
            known = {line: one for (of, line), one in spending.lines.items() if of == course}
        for name, one in known.items():
            found[name] = found.get(name, Figures()) + one
    return found
