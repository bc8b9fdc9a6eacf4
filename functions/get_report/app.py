"""GET /api/admin/reports/{iso_week}: the owner's report of a week."""

from attune.domain.errors import NotFound
from attune.edge import http, weekly
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.weekly import IsoWeek, ReportView
from attune.store import reports

app = http.api(admin=True)


@app.get("/api/admin/reports/<iso_week>", tags=["administration"], responses=answers({200: ReportView}, 404))
def get_report(iso_week: IsoWeek, accept: weekly.Accept = None, course: http.CourseQuery = None) -> http.Answer:
    """Read the report of a week, which is written on the Monday after it; as Markdown with `Accept: text/markdown`.

    `why` says of each figure that is null what it lacks.
    """
    found = reports.get(http.course_or_default(course), weekly.week(iso_week), clock.now())
    if found is None:
        raise NotFound("unknown_report", "There is no such report.")
    return weekly.answer(found, accept)


lambda_handler = http.handler(app)
