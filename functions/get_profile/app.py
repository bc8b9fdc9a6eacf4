"""GET /api/user/profile: what is measured of the learner."""

from attune.actions import read_skill
from attune.domain.persona import language_of
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.profile import ProfileView
from attune.store import courses, learner_course

app = http.api()


@app.get("/api/user/profile", tags=["practice"], responses=answers({200: ProfileView}))
def get_profile(course: http.CourseQuery = None) -> http.Answer:
    """Every skill with its uncertainty, strengths and weaknesses, how the learner learns, paths and recommendations.

    Nothing is invented: what needs more data is null, and `why` says what it lacks.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    rows = learner_course.read(http.caller(), found.id, now)
    profile = read_skill.seen(rows, found, now)
    language = language_of(found, rows.settings.answers)
    view = ProfileView.of(profile, rows.settings, rows.tally, rows.ledger.statistics, found, language)
    return http.answer(view)


lambda_handler = http.handler(app)
