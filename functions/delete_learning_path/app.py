"""DELETE /api/personalization/learning-path: take a path out of every list."""

from attune.actions import delete_path
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.conditional import expected_revisions
from attune.edge.documented import answers
from attune.edge.path_views import DeletedPathView
from attune.edge.paths import PathToDelete
from attune.store import courses

app = http.api()


@app.delete("/api/personalization/learning-path", tags=["paths"], responses=answers({200: DeletedPathView}, 412))
def delete_learning_path(
    path_id: PathToDelete, course: http.CourseQuery = None, if_match: http.IfMatch = None
) -> http.Answer:
    """Delete a path, whatever its status. Deleted again, nothing changes."""
    now, wanted = clock.now(), expected_revisions(if_match)
    found = courses.recent(http.course_or_default(course), now)
    path = delete_path.run(http.caller(), found.id, path_id, wanted, now)
    return http.answer(DeletedPathView.of(path_id, path), etag=str(path.rev))


lambda_handler = http.handler(app)
