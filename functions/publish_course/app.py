"""PUT /api/admin/courses/{course_id}: a course is published, or an earlier version of it becomes current again."""

from dataclasses import asdict

from attune.actions import publish_course as action
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.publishing import CourseBody, PublishedView

app = http.api(admin=True, max_body=5 * 1024 * http.KILOBYTE)


@app.put("/api/admin/courses/<course_id>", tags=["administration"], responses=answers({200: PublishedView}, 409))
def publish_course(course_id: http.CourseId, body: CourseBody) -> http.Answer:
    """Publish the manifest with the staged texts, in one switch; or `switch_to` an earlier version.

    Everything is checked first: a cycle of prerequisites is 422 and names it. The same course again changes nothing.
    """
    if body.switch_to is not None:
        published = action.switch(course_id, body.switch_to, clock.now())
    else:
        published = action.publish(course_id, body.manifest(), clock.now())
    return http.answer(PublishedView(**asdict(published)))


lambda_handler = http.handler(app)
