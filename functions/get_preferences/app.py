"""GET /api/personalization/preferences: what the learner prefers, the defaults if nothing was chosen."""

from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.preferences import PreferencesView
from attune.store import courses, learner_settings

app = http.api()


@app.get(
    "/api/personalization/preferences",
    tags=["preferences"],
    responses=answers({200: PreferencesView, 304: PreferencesView}),
)
def get_preferences(course: http.CourseQuery = None, if_none_match: http.IfNoneMatch = None) -> http.Answer:
    """Read the caller's preferences. Reading the defaults writes nothing."""
    found = courses.recent(http.course_or_default(course), clock.now())
    chosen = learner_settings.get(http.caller(), found.id, clock.now())
    return http.answer(PreferencesView.of(chosen, found), etag=str(chosen.preferences_rev), if_none_match=if_none_match)


lambda_handler = http.handler(app)
