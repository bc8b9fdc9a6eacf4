"""PUT /api/user/preferences: some answers change."""

from attune.actions import change_answers
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.conditional import expected_revisions
from attune.edge.documented import answers
from attune.edge.onboarding import AnswersBody, AnswersView

app = http.api()


@app.put("/api/user/preferences", tags=["onboarding"], responses=answers({200: AnswersView}, 412))
def update_answers(body: AnswersBody, course: http.CourseQuery = None, if_match: http.IfMatch = None) -> http.Answer:
    """Change some of the answers; those left out stay. 404 before onboarding."""
    caller = http.caller()
    wanted = expected_revisions(if_match)
    stored = change_answers.run(caller, http.course_or_default(course), body.answers(), wanted, clock.now())
    return http.answer(AnswersView.of(caller, stored), etag=str(stored.answers_rev))


lambda_handler = http.handler(app)
