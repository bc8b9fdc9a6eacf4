"""GET /api/personalization/learning-path: the learner's paths, or one of them with its steps."""

from attune.actions import read_path
from attune.edge import http
from attune.edge import paths as edge
from attune.edge.clock import clock
from attune.edge.cursor import CursorQuery, Limit
from attune.edge.documented import answers
from attune.edge.path_views import LearningPathsView, PathReadView
from attune.store import courses, paths

app = http.api()
VIEWS = LearningPathsView | PathReadView


@app.get("/api/personalization/learning-path", tags=["paths"], responses=answers({200: VIEWS}, 400, etag=True))
def list_learning_paths(
    path_id: edge.PathQuery = None,
    agenda: edge.AgendaQuery = False,
    status: edge.StatusQuery = None,
    limit: Limit = 20,
    cursor: CursorQuery = None,
    course: http.CourseQuery = None,
    accept_language: http.AcceptLanguage = None,
) -> http.Answer:
    """List paths, those made last first; with `path_id` read one, with its revision as the `ETag`."""
    now, caller = clock.now(), http.caller()
    found = courses.recent(http.course_or_default(course), now)
    if path_id is not None:
        read = read_path.run(caller, found, path_id, now, agenda=agenda)
        return edge.read(read, found, accept_language, now)
    listed = edge.Listed(caller, found.id, status, cursor)
    page, on = paths.page(caller, found.id, now, status=status, below=listed.below, limit=limit)
    return http.answer(LearningPathsView.of(page, listed.following(on), now))


lambda_handler = http.handler(app)
