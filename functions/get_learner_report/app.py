"""GET /api/user/report: the learner's week."""

from http import HTTPStatus

from attune.actions import report_to_learner
from attune.domain.reports.week import first_day, name_of
from attune.edge import http, weekly
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.learner_report import LearnerReportView, Week
from attune.store import courses

app = http.api()


@app.get("/api/user/report", tags=["practice"], responses=answers({200: LearnerReportView, 204: ""}))
def get_learner_report(week: Week = None, course: http.CourseQuery = None) -> http.Answer:
    """Read how a week went: minutes, skills that moved, and what comes next. `why` says of what is null what it lacks.

    204 for who switched `weekly_reports` or personalization off.
    """
    now = clock.now()
    wanted = name_of(now.date()) if week is None else weekly.week(week, "/query/week")
    found = courses.recent(http.course_or_default(course), now)
    told, settings = report_to_learner.run(http.caller(), found, first_day(wanted), now)
    if told is None:
        return http.answer_text("", HTTPStatus.NO_CONTENT, headers={})
    return http.answer(LearnerReportView.of(wanted, told, found, settings, now))


lambda_handler = http.handler(app)
