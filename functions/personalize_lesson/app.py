"""POST /api/personalize: a reader asks for a lesson written for them."""

from attune.actions import personalize_lesson as action
from attune.domain.principal import Kind
from attune.edge import http, queue, request, waiting
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.personalized import HtmlQuery, PendingView, PersonalizeBody, ReadyView, answer, wait_of
from attune.settings import settings
from attune.writers import style

app = http.api()
send = queue.sender(lambda: settings.section_queue, request.current_id)


@app.post(
    "/api/personalize",
    tags=["lessons"],
    responses=answers({200: ReadyView, 202: PendingView}, 409, 429, etag=True),
)
def personalize_lesson(
    body: PersonalizeBody, course: http.CourseQuery = None, html: HtmlQuery = False, prefer: http.Prefer = None
) -> http.Answer:
    """Ask for a lesson. 200 with the lesson if anybody like the caller has read it, else 202 while it is written.

    `regenerate` asks for another text, once a day.
    """
    with waiting.patience(wait_of(prefer), settings.waiters) as wait:
        most = settings.generations(http.caller().kind is Kind.GUEST)
        ask = action.Ask(http.caller(), http.course_or_default(course), body.lesson_slug, wait, generations=most)
        ask = ask.anew(body.regenerate, body.original_content)
        return answer(action.run(ask, style.current(settings), send, clock), html=html)


lambda_handler = http.handler(app)
