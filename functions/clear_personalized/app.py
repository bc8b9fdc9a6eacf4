"""DELETE /api/personalize/cache: the caller's pointers to personalized lessons go; the shared texts stay."""

from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.personalized import ClearedView
from attune.store import pointers

app = http.api()


@app.delete("/api/personalize/cache", tags=["lessons"], responses=answers({200: ClearedView}))
def clear_personalized(course: http.CourseQuery = None) -> http.Answer:
    """Forget which personalized lessons the caller asked for. Nothing is written anew by it."""
    count = pointers.clear(http.caller(), http.course_or_default(course), clock.now())
    return http.answer(ClearedView(deleted_count=count))


lambda_handler = http.handler(app)
