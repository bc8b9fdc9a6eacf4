"""GET /api/progress: how far a learner is in the course."""

from attune.actions.situated import local_day
from attune.domain.persona import language_of
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.progress import ProgressView
from attune.store import courses, learner_course

app = http.api()


@app.get("/api/progress", tags=["progress"], responses=answers({200: ProgressView}))
def get_progress(course: http.CourseQuery = None) -> http.Answer:
    """Read how many lessons of the course, its parts and its chapters were completed, and in how many minutes.

    The streak counts days on which a lesson was read or something practised, in the time zone of the preferences.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    rows = learner_course.read(http.caller(), found.id, now)
    today = local_day(rows.settings, int(now.timestamp() * 1000))
    return http.answer(ProgressView.of(rows.progress, found, language_of(found, rows.settings.answers), today))


lambda_handler = http.handler(app)
