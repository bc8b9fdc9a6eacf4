"""PUT /api/admin/courses/{course_id}/lessons/{slug+}: a lesson's text is kept for the next publication."""

from attune.actions import publish_course
from attune.domain.lesson_text import LessonText
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.publishing import LessonBody, StagedView

app = http.api(admin=True)


@app.put("/api/admin/courses/<course_id>/lessons/<slug>", tags=["administration"], responses=answers({200: StagedView}))
def put_lesson(course_id: http.CourseId, slug: http.Slug, body: LessonBody) -> http.Answer:
    """Stage a lesson's Markdown and translations. Readers see nothing of it until the course is published."""
    text = LessonText(body.content, body.translations)
    kept = publish_course.stage(course_id, slug, text, clock.now())
    return http.answer(StagedView(slug=kept.slug, content_hash=kept.content_hash, sections=kept.sections))


lambda_handler = http.handler(app)
