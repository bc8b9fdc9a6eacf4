"""PUT /api/personalization/preferences: change some of what the learner chose, unless someone else did first."""

from attune.actions import change_preferences
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.conditional import expected_revisions
from attune.edge.documented import answers
from attune.edge.preferences import PreferencesBody, PreferencesView
from attune.store import courses

app = http.api()


@app.put("/api/personalization/preferences", tags=["preferences"], responses=answers({200: PreferencesView}, 412))
def put_preferences(
    body: PreferencesBody, course: http.CourseQuery = None, if_match: http.IfMatch = None
) -> http.Answer:
    """Change any subset of the preferences; the result as a whole is validated. What is left out stays as it is."""
    found = courses.recent(http.course_or_default(course), clock.now())
    wanted = expected_revisions(if_match)
    chosen = change_preferences.run(http.caller(), found, body.change(), wanted, clock.now())
    return http.answer(PreferencesView.of(chosen, found), etag=str(chosen.preferences_rev))


lambda_handler = http.handler(app)
