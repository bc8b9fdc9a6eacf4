"""POST /api/experiments/{experiment_id}/outcomes: what the site measures of a learner in an experiment."""

from attune.actions import record_outcome as action
from attune.edge import http, queue, request
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.enrolments import OutcomeBody, OutcomeView
from attune.edge.experiments import ExperimentId
from attune.settings import settings
from attune.store import courses

app = http.api(on_behalf="sessions:write")
send = queue.sender(lambda: settings.job_queue, request.current_id)


@app.post(
    "/api/experiments/<experiment_id>/outcomes",
    tags=["experiments"],
    responses=answers({200: OutcomeView}, 404, 409),
)
def record_outcome(experiment_id: ExperimentId, body: OutcomeBody, course: http.CourseQuery = None) -> http.Answer:
    """Count an event once, and only of a learner who was exposed; one conversion a learner.

    A token with the scope `sessions:write` may send for the learner that `user_id` names.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    said = (body.event_id, body.metric, body.value)
    result = action.run(http.caller(), found.id, experiment_id, *said, now, send)
    told = {"event_id": body.event_id, "metric": body.metric, "result": result}
    return http.answer(OutcomeView(experiment_id=experiment_id, **told))


lambda_handler = http.handler(app)
