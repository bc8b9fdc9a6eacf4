"""GET /api/admin/experiments/{experiment_id}/results: what came of an experiment so far."""

from attune.actions import judge_experiment
from attune.edge import http, log
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.experiment_results import ResultsView
from attune.edge.experiments import ExperimentId
from attune.store import courses

app = http.api(admin=True)


@app.get(
    "/api/admin/experiments/<experiment_id>/results",
    tags=["administration"],
    responses=answers({200: ResultsView}, 404),
)
def get_experiment_results(experiment_id: ExperimentId, course: http.CourseQuery = None) -> http.Answer:
    """Results with intervals that may be looked at at any time, and a decision in words with what it rests on.

    While the split is broken the status is `invalid`, and there is no difference, no interval and no decision.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    one, judged = judge_experiment.run(found.id, experiment_id, now, log.experiment)
    return http.answer(ResultsView.of(one, judged))


lambda_handler = http.handler(app)
