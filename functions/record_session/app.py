"""POST /api/training/sessions: what a learner practised; profile, evidence and recommendations change with it."""

from attune.actions import record_session as action
from attune.edge import http, queue, request
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.practice import RecordedView, SessionBody
from attune.settings import settings
from attune.store import courses

app = http.api(on_behalf="sessions:write")
send = queue.sender(lambda: settings.job_queue, request.current_id)


@app.post("/api/training/sessions", tags=["practice"], responses=answers({200: RecordedView, 201: RecordedView}))
def record_session(body: SessionBody, course: http.CourseQuery = None) -> http.Answer:
    """Count a session or a piece of one. Each attempt is counted once, however often and in whatever order it is sent.

    201 if anything new was counted, else 200. One attempt that cannot be counted loses none of the others. A token
    with the scope `sessions:write` may send for the learner that `user_id` names.
    """
    now = clock.now()
    found = courses.recent(http.course_or_default(course), now)
    sent = [attempt.sent() for attempt in body.attempts]
    recorded = action.run(http.caller(), found, body.session(), sent, now, send)
    return http.answer(RecordedView.of(recorded), 201 if recorded.accepted else 200)


lambda_handler = http.handler(app)
