"""PATCH /api/user/{user_id}: the learner turns personalization off, or on again."""

from attune.actions import read_user
from attune.edge import http, static
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.users import UpdateUserBody, UserIdPath, UserView
from attune.store import courses, learner_settings

app = http.api(refuse=static.misrouted)


@app.patch("/api/user/<user_id>", tags=["identity"], responses=answers({200: UserView}))
def update_user(user_id: UserIdPath, body: UpdateUserBody, course: http.CourseQuery = None) -> http.Answer:
    """Turn personalization off or on in a course.

    While it is off lessons are the originals and recommendations stand in the order of the course. Nothing is
    forgotten: turned on again, everything is as it was.
    """
    caller, now = http.caller(), clock.now()
    course_id = courses.recent(course, now).id if course else http.course_or_default(course)
    user, _ = read_user.run(caller, user_id, course_id, now)
    switched = learner_settings.switch(caller, course_id, body.personalization == "on", now)
    return http.answer(UserView.of(caller, user, switched))


lambda_handler = http.handler(app)
