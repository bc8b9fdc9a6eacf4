"""GET /api/user/{user_id}: the caller."""

from attune.actions import read_user
from attune.edge import http, static
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.users import UserIdPath, UserView
from attune.store import courses

app = http.api(refuse=static.misrouted)


@app.get("/api/user/<user_id>", tags=["identity"], responses=answers({200: UserView}))
def get_user(user_id: UserIdPath, course: http.CourseQuery = None) -> http.Answer:
    """Read the caller, as `me` or by id. Another learner's id is 404, like one that does not exist."""
    caller, now = http.caller(), clock.now()
    course_id = courses.recent(course, now).id if course else http.course_or_default(course)
    user, chosen = read_user.run(caller, user_id, course_id, now)
    return http.answer(UserView.of(caller, user, chosen))


lambda_handler = http.handler(app)
