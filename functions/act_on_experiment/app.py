"""POST /api/admin/experiments/{experiment_id}/actions: an experiment is started, paused, grown or stopped."""

from attune.actions import change_experiment
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.experiments import ActionBody, ExperimentId, ExperimentView
from attune.store import courses

app = http.api(admin=True)


@app.post(
    "/api/admin/experiments/<experiment_id>/actions",
    tags=["administration"],
    responses=answers({200: ExperimentView}, 404, 409, etag=True),
)
def act_on_experiment(experiment_id: ExperimentId, body: ActionBody, course: http.CourseQuery = None) -> http.Answer:
    """Act on an experiment; what its status does not allow is 409 and says what is allowed.

    Every function knows of it within 30 seconds. A winner's parameters are everybody's from then on.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    kept = change_experiment.act(
        found.id, experiment_id, body.action, now, coverage=body.coverage or 1.0, winner=body.winner
    )
    return http.answer(ExperimentView.of(kept), etag=str(kept.rev))


lambda_handler = http.handler(app)
