"""PUT /api/progress/{slug+}: what happened in a lesson; each event counts once."""

from attune.actions import track_lesson as action
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.progress import LessonEventBody, TrackedView
from attune.store import courses

app = http.api()


@app.put("/api/progress/<slug>", tags=["progress"], responses=answers({200: TrackedView}))
def track_lesson(slug: http.Slug, body: LessonEventBody, course: http.CourseQuery = None) -> http.Answer:
    """Say that a lesson was begun or completed, and how many seconds were spent in it since the last time.

    Seconds add up, and each event counts once, of the newest 256 of a lesson. A lesson completed once stays so.
    Reading is no evidence of any skill; it finishes steps of learning paths.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    tracked = action.run(http.caller(), found, slug, body.event(int(now.timestamp() * 1000)), now)
    return http.answer(TrackedView.of(tracked, found))


lambda_handler = http.handler(app)
