"""DELETE /api/personalization/preferences: every default again."""

from attune.edge import http
from attune.edge.clock import clock
from attune.edge.conditional import expected_revisions
from attune.edge.documented import answers
from attune.edge.preferences import PreferencesView
from attune.store import courses, learner_settings

app = http.api()


@app.delete("/api/personalization/preferences", tags=["preferences"], responses=answers({200: PreferencesView}, 412))
def reset_preferences(course: http.CourseQuery = None, if_match: http.IfMatch = None) -> http.Answer:
    """Forget every choice; the answer holds the defaults."""
    found = courses.recent(http.course_or_default(course), clock.now())
    wanted = expected_revisions(if_match)
    chosen = learner_settings.reset_preferences(http.caller(), found.id, wanted, clock.now())
    return http.answer(PreferencesView.of(chosen, found), etag=str(chosen.preferences_rev))


lambda_handler = http.handler(app)
