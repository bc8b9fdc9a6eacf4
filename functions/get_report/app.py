"""GET /api/admin/reports/{iso_week}: the owner's report of a week."""

from attune.domain.errors import NotFound
from attune.edge import http, weekly
from attune.edge.clock import clock
from attune.edge.weekly import IsoWeek
from attune.store import reports

app = http.api(admin=True)


@app.get("/api/admin/reports/<iso_week>", tags=["administration"], responses=weekly.documented())
def get_report(iso_week: IsoWeek, course: http.CourseQuery = None) -> http.Answer:
    """Read the report of a week, which is written on the Monday after it; as Markdown with `Accept: text/markdown`.

    `why` says of each figure that is null what it lacks.
    """
    found = reports.get(http.course_or_default(course), weekly.week(iso_week), clock.now())
    if found is None:
        raise NotFound("unknown_report", "There is no such report.")
    return weekly.answer(found)


lambda_handler = http.handler(app)
