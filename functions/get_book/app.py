"""GET /api/content/book: the whole tree of the course."""

from attune.edge import http
from attune.edge.clock import clock
from attune.edge.content import BookView
from attune.edge.documented import answers
from attune.edge.onboarding import preferred
from attune.store import courses

app = http.api(public=True)


@app.get("/api/content/book", tags=["course"], responses=answers({200: BookView, 304: BookView}))
def get_book(
    course: http.CourseQuery = None,
    accept_language: http.AcceptLanguage = None,
    if_none_match: http.IfNoneMatch = None,
) -> http.Answer:
    """Read parts, chapters, lessons, items and skills in one answer, with titles in the language asked for."""
    found = courses.load_current(http.course_or_default(course), clock.now())
    language = preferred(accept_language, found)
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    etag = f"{found.version}-{language}"
    return http.answer(BookView.of(found, language), etag=etag, if_none_match=if_none_match, headers=headers)


lambda_handler = http.handler(app)
