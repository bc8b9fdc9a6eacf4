"""POST /api/personalize/feedback: a reader says how good a lesson is that was written for them."""

from attune.actions import rate_lesson as action
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.ratings import RateBody, RatingView

app = http.api()


@app.post("/api/personalize/feedback", tags=["lessons"], responses=answers({200: RatingView}, 409))
def rate_personalized(body: RateBody, course: http.CourseQuery = None) -> http.Answer:
    """Rate the text that was written for the caller: one rating each, and rating again replaces it.

    A text that most of enough readers find bad is taken out of service: its readers get the originals.
    """
    course_id = http.course_or_default(course)
    found = action.run(http.caller(), course_id, body.lesson_slug, body.rating, body.reason, clock.now())
    return http.answer(RatingView.of(body.lesson_slug, found))


lambda_handler = http.handler(app)
