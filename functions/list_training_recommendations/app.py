"""GET /api/training/recommendations: the recommendations under the earlier system's names; deprecated."""

from datetime import UTC, datetime
from typing import Final

from attune.actions import recommend
from attune.domain.recommendations.asked import Asked
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.training import TrainingRecommendationsView
from attune.store import courses

SINCE: Final = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL: Final = datetime(2027, 11, 1, tzinfo=UTC)
app = http.api()


@app.get(
    "/api/training/recommendations",
    tags=["recommendations"],
    responses=answers({200: TrainingRecommendationsView}),
    deprecated=True,
)
def list_training_recommendations(course: http.CourseQuery = None) -> http.Answer:
    """The current set, as the training system showed it. Use `GET /api/personalization/recommendations`."""
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    made = recommend.run(http.caller(), found, Asked(), now)
    headers = http.deprecated(SINCE, UNTIL, "/api/personalization/recommendations")
    return http.answer(TrainingRecommendationsView.of(made, found, int(now.timestamp() * 1000)), headers=headers)


lambda_handler = http.handler(app)
