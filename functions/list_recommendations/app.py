"""GET /api/personalization/recommendations: what to do next, and why."""

from attune.actions import recommend
from attune.edge import http
from attune.edge import recommendation_query as edge
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.recommendations import RecommendationsView, shown
from attune.store import courses

app = http.api()


@app.get(
    "/api/personalization/recommendations", tags=["recommendations"], responses=answers({200: RecommendationsView})
)
def list_recommendations(
    count: edge.CountQuery = None,
    time_available: edge.TimeQuery = None,
    difficulty: edge.DifficultyQuery = None,
    focus_areas: edge.FocusQuery = None,
    exclude: edge.ExcludeQuery = None,
    goals: edge.GoalsQuery = None,
    kinds: edge.KindsQuery = None,
    explain: edge.ExplainQuery = None,
    refresh: edge.RefreshQuery = False,
    course: http.CourseQuery = None,
) -> http.Answer:
    """The current set; a new one only when the profile, the settings, an answer or the course has changed.

    What the request says beats what is stored; `context` shows what was applied and where it comes from.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    asked = edge.asked(found, count, time_available, difficulty, focus_areas, exclude, goals, kinds)
    made = recommend.run(http.caller(), found, asked, now, explain=explain == "full", refresh=refresh)
    return http.answer(http.compact(shown(made, found, int(now.timestamp() * 1000))))


lambda_handler = http.handler(app)
