"""PUT /api/personalization/learning-path: start a path, pause it, go on, complete a step, adapt it, give it up."""

from attune.actions import update_path
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.conditional import expected_revisions
from attune.edge.documented import answers
from attune.edge.path_views import PathChangedView
from attune.edge.paths import PathActionBody
from attune.store import courses

app = http.api()


@app.put("/api/personalization/learning-path", tags=["paths"], responses=answers({200: PathChangedView}, 409, 412))
def update_learning_path(
    body: PathActionBody, course: http.CourseQuery = None, if_match: http.IfMatch = None
) -> http.Answer:
    """Do one thing with a path that its status allows; else 409 with what is `allowed`.

    A step that is completed already stays as it is. Milestones are reached by evidence alone, whatever a client says.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    wanted, expected = body.wanted(), expected_revisions(if_match)
    changed = update_path.run(http.caller(), found, body.path_id, wanted, expected, now)
    return http.answer(PathChangedView.of_changed(changed, found, now), etag=str(changed.path.rev))


lambda_handler = http.handler(app)
