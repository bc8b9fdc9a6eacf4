"""GET /api/content/lessons/{slug+}: a lesson as published."""

from attune.actions import read_lesson
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.content import LessonView
from attune.edge.documented import answers

app = http.api(public=True)


@app.get("/api/content/lessons/<slug>", tags=["course"], responses=answers({200: LessonView, 304: LessonView}))
def get_lesson(slug: http.Slug, course: http.CourseQuery = None, if_none_match: http.IfNoneMatch = None) -> http.Answer:
    """Read the published Markdown of a lesson, with what the course says of it."""
    entry, found, text = read_lesson.run(http.course_or_default(course), slug, clock.now())
    etag = f"{found.version}-{entry.content_hash.removeprefix('sha256:')[:32]}"
    view = LessonView.with_text(entry, found, text.content)
    return http.answer(view, etag=etag, if_none_match=if_none_match)


lambda_handler = http.handler(app)
