"""GET /api/admin/analytics/{report}: what was counted over some days, taken apart."""

from datetime import timedelta

from attune.actions import analyse
from attune.edge import analytics, http
from attune.edge.analytics import AnalyticsView, By, From, ReportName, To
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.store import courses

app = http.api(admin=True)


@app.get("/api/admin/analytics/<report>", tags=["administration"], responses=answers({200: AnalyticsView}, 404))
def get_analytics(
    report: ReportName, first: From = None, last: To = None, by: By = None, course: http.CourseQuery = None
) -> http.Answer:
    """Read what learners did on some days, at most 92: recommendations, skills, content, engagement, paths or cost.

    A row that fewer than five learners are behind is null, and so is a total that would give it away.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    until = now.date() if last is None else analytics.day(last, "to")
    since = until - timedelta(days=6) if first is None else analytics.day(first, "from")
    by, analysis = analyse.run(found.id, report, by, since, until, now)
    return http.answer(AnalyticsView.of(report, found.id, (since, until), by, analysis))


lambda_handler = http.handler(app)
