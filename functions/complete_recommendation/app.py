"""PUT /api/personalization/recommendations: a recommendation was done; its effect is measured."""

from attune.actions import answer_recommendation as action
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.recommendation_answers import CompletedView, CompleteRecommendationBody
from attune.edge.recommendations import Teller
from attune.store import courses

app = http.api()


@app.put("/api/personalization/recommendations", tags=["recommendations"], responses=answers({200: CompletedView}, 409))
def complete_recommendation(body: CompleteRecommendationBody, course: http.CourseQuery = None) -> http.Answer:
    """Say that it was done. The effect comes from the evidence since it was shown; what is claimed is an opinion.

    A recommendation that a session has closed already takes an opinion once.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    offer, ledger = action.complete(http.caller(), found, body.recommendation_id, body.opinion(), now)
    told = CompletedView.with_stats(offer, Teller(found, ledger.voice), ledger, int(now.timestamp() * 1000))
    return http.answer(told)


lambda_handler = http.handler(app)
