"""GET /api/personalize/{slug+}: a reader looks whether their lesson is ready."""

from attune.actions import personalize_lesson as action
from attune.domain.principal import Kind
from attune.edge import conditional, http, queue, request, static, waiting
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.personalized import HtmlQuery, PendingView, ReadyView, answer, wait_of
from attune.settings import settings
from attune.writers import style

app = http.api(refuse=static.misrouted)
send = queue.sender(lambda: settings.section_queue, request.current_id)


@app.get(
    "/api/personalize/<slug>",
    tags=["lessons"],
    responses=answers({200: ReadyView, 202: PendingView, 304: ReadyView}),
)
def get_personalized(
    slug: http.Slug,
    course: http.CourseQuery = None,
    html: HtmlQuery = False,
    prefer: http.Prefer = None,
    if_none_match: http.IfNoneMatch = None,
) -> http.Answer:
    """Read the caller's personalized lesson: 200 when ready, 202 with the sections that are, 304 if known already."""
    known = conditional.readable(if_none_match)
    with waiting.patience(wait_of(prefer), settings.waiters) as wait:
        most = settings.generations(http.caller().kind is Kind.GUEST)
        ask = action.Ask(http.caller(), http.course_or_default(course), slug, wait, generations=most)
        return answer(action.run(ask, style.current(settings), send, clock), known, html=html)


lambda_handler = http.handler(app)
