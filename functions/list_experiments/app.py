"""GET /api/experiments: the experiments that the learner is in."""

from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.enrolments import EnrolmentsView
from attune.store import courses, experiments, learner_settings

app = http.api()


@app.get("/api/experiments", tags=["experiments"], responses=answers({200: EnrolmentsView}))
def list_experiments(course: http.CourseQuery = None) -> http.Answer:
    """List the experiments that the learner was exposed to or left, with their arm. Reading enrols nobody."""
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    settings = learner_settings.get(http.caller(), found.id, now)
    return http.answer(EnrolmentsView.of(settings.arms, experiments.recent(found.id, now)))


lambda_handler = http.handler(app)
