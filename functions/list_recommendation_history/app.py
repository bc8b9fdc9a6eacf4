"""GET /api/personalization/recommendations/history: what became of earlier recommendations."""

from attune.domain.recommendations.voice import voice_of
from attune.edge import cursor as cursors
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.cursor import CursorQuery, Limit
from attune.edge.documented import answers
from attune.edge.recommendation_answers import HistoryView
from attune.edge.recommendation_query import StatusQuery
from attune.edge.recommendations import Teller
from attune.store import courses, history, learner_course

app = http.api()


@app.get(
    "/api/personalization/recommendations/history",
    tags=["recommendations"],
    responses=answers({200: HistoryView}, 400),
)
def list_recommendation_history(
    status: StatusQuery = None, limit: Limit = 20, cursor: CursorQuery = None, course: http.CourseQuery = None
) -> http.Answer:
    """List what was answered or has expired, newest first, with what it brought; `PENDING` lists what is still open."""
    now, caller = clock.now(), http.caller()
    found = courses.recent(http.course_or_default(course), now)
    query = ("history", found.id, status)
    below = cursors.decode(cursor, caller, *query)
    rows = learner_course.read(caller, found.id, now)
    page, on = history.page(caller, found.id, rows.ledger, now, status=status, below=below, limit=limit)
    following = None if on is None else cursors.encode(on, caller, *query)
    return http.answer(HistoryView.of(page, following, rows.ledger, Teller(found, voice_of(found, rows.settings)), now))


lambda_handler = http.handler(app)
