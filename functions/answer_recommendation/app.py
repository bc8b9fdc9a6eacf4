"""POST /api/personalization/recommendations: take a recommendation or refuse it."""

from attune.actions import answer_recommendation as action
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.recommendation_answers import AnsweredView, AnswerRecommendationBody
from attune.edge.recommendations import Teller
from attune.store import courses

app = http.api()


@app.post("/api/personalization/recommendations", tags=["recommendations"], responses=answers({200: AnsweredView}, 409))
def answer_recommendation(body: AnswerRecommendationBody, course: http.CourseQuery = None) -> http.Answer:
    """Accept or decline. The same answer again changes nothing; one that the status does not allow is 409.

    Declined items stay away for a week; every reason has an effect of its own on the next set.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    given = (http.caller(), found, body.recommendation_id, body.rating)
    if body.action == "accept":
        offer, ledger = action.accept(*given, now)
    else:
        offer, ledger = action.decline(*given, body.reason, now)
    return http.answer(AnsweredView.of(offer, Teller(found, ledger.voice), int(now.timestamp() * 1000)))


lambda_handler = http.handler(app)
