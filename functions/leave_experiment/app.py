"""DELETE /api/experiments/{experiment_id}: the learner leaves an experiment."""

from attune.actions import leave_experiment as action
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.enrolments import EnrolmentView
from attune.edge.experiments import ExperimentId
from attune.store import courses

app = http.api()


@app.delete("/api/experiments/<experiment_id>", tags=["experiments"], responses=answers({200: EnrolmentView}, 404))
def leave_experiment(experiment_id: ExperimentId, course: http.CourseQuery = None) -> http.Answer:
    """Leave: served as everybody at once, and in this experiment never again. Leaving again changes nothing."""
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    gone = action.run(http.caller(), found.id, experiment_id, now)
    return http.answer(EnrolmentView.of(experiment_id, gone, is_open=True))


lambda_handler = http.handler(app)
