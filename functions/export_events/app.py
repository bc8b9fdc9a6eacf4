"""GET /api/admin/events/{date}: what happened on a day, as NDJSON."""

from attune.edge import cursor as cursors
from attune.edge import events, http
from attune.edge.analytics import day
from attune.edge.clock import clock
from attune.edge.cursor import CursorQuery, Limit
from attune.edge.documented import answers
from attune.edge.events import NDJSON, DatePath
from attune.store import courses
from attune.store import events as stored

app = http.api(admin=True)


@app.get("/api/admin/events/<date>", tags=["administration"], responses=answers({200: NDJSON}, 400, 404))
def export_events(
    date: DatePath, limit: Limit = 100, cursor: CursorQuery = None, course: http.CourseQuery = None
) -> http.Answer:
    """Export what happened on a UTC day, a line for each event; reports are sums of these. `limit` counts changes.

    Learners are named by a keyed hash. Where there is more, `Link` leads to it.
    """
    now, caller = clock.now(), http.caller()
    found = courses.recent(http.course_or_default(course), now)
    wanted = day(date, "date", "path").isoformat()
    after = cursors.decode(cursor, caller, "events", found.id, wanted)
    told, on = stored.page(found.id, wanted, now, after=after, limit=limit)
    following = None if on is None else cursors.encode(on, caller, "events", found.id, wanted)
    return events.answer(told, found.id, wanted, limit, following)


lambda_handler = http.handler(app)
