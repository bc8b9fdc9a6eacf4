"""GET /api/user/preferences: what the learner answered."""

from attune.domain.errors import NotFound
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.onboarding import AnswersView
from attune.store import learner_settings

app = http.api()


@app.get("/api/user/preferences", tags=["onboarding"], responses=answers({200: AnswersView, 304: AnswersView}))
def get_answers(course: http.CourseQuery = None, if_none_match: http.IfNoneMatch = None) -> http.Answer:
    """Read the caller's answers to the questionnaire; 404 before they gave any."""
    caller = http.caller()
    stored = learner_settings.get(caller, http.course_or_default(course), clock.now())
    if not stored.onboarded:
        raise NotFound("not_onboarded", "The questionnaire has not been answered.")
    return http.answer(AnswersView.of(caller, stored), etag=str(stored.answers_rev), if_none_match=if_none_match)


lambda_handler = http.handler(app)
