"""PUT /api/admin/experiments/{experiment_id}: an experiment is laid out."""

from attune.actions import change_experiment
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.conditional import expected_revisions
from attune.edge.documented import answers
from attune.edge.experiments import ExperimentBody, ExperimentId, ExperimentView
from attune.settings import settings
from attune.store import courses

app = http.api(admin=True)


@app.put(
    "/api/admin/experiments/<experiment_id>",
    tags=["administration"],
    responses=answers({200: ExperimentView}, 404, 409, 412),
)
def put_experiment(
    experiment_id: ExperimentId,
    body: ExperimentBody,
    course: http.CourseQuery = None,
    if_match: http.IfMatch = None,
) -> http.Answer:
    """Lay an experiment out as a draft. Once it runs, another definition is 409; the same again changes nothing."""
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    definition = body.definition(experiment_id, settings.holdout)
    wanted = expected_revisions(if_match)
    kept = change_experiment.put(found.id, experiment_id, definition, settings.holdout, wanted, now)
    return http.answer(ExperimentView.of(kept), etag=str(kept.rev))


lambda_handler = http.handler(app)
