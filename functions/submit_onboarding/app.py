"""POST /api/onboarding: all answers at once; from then on the learner is onboarded."""

from attune.actions import submit_onboarding as action
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.onboarding import AnswersBody, AnswersView

app = http.api()


@app.post("/api/onboarding", tags=["onboarding"], responses=answers({200: AnswersView}, etag=True))
def submit_onboarding(body: AnswersBody, course: http.CourseQuery = None) -> http.Answer:
    """Answer the questionnaire: every required question. Answering again replaces the answers."""
    caller = http.caller()
    stored = action.run(caller, http.course_or_default(course), body.answers(), clock.now())
    return http.answer(AnswersView.of(caller, stored), etag=str(stored.answers_rev))


lambda_handler = http.handler(app)
