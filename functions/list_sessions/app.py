"""GET /api/training/sessions: what the learner practised, the latest first."""

from attune.edge import cursor as cursors
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.cursor import CursorQuery, Limit
from attune.edge.documented import answers
from attune.edge.practice import SessionsView, SessionView
from attune.store import courses, sessions

app = http.api()


@app.get("/api/training/sessions", tags=["practice"], responses=answers({200: SessionsView}, 400))
def list_sessions(limit: Limit = 20, cursor: CursorQuery = None, course: http.CourseQuery = None) -> http.Answer:
    """List sessions with their attempts, by when they started, newest first."""
    now, caller = clock.now(), http.caller()
    found = courses.recent(http.course_or_default(course), now)
    below = cursors.decode(cursor, caller, "sessions", found.id)
    page, on = sessions.page(caller, found.id, now, below=below, limit=limit)
    following = None if on is None else cursors.encode(on, caller, "sessions", found.id)
    return http.answer(SessionsView(items=[SessionView.of(session) for session in page], next_cursor=following))


lambda_handler = http.handler(app)
