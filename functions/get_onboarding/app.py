"""GET /api/onboarding: the course's questionnaire, in the browser's language."""

from attune.domain.languages import LANGUAGES
from attune.edge import http
from attune.edge.clock import clock
from attune.edge.documented import answers
from attune.edge.onboarding import OnboardingView, preferred
from attune.store import courses

app = http.api(public=True)


@app.get("/api/onboarding", tags=["onboarding"], responses=answers({200: OnboardingView, 304: OnboardingView}))
def get_onboarding(
    course: http.CourseQuery = None,
    accept_language: http.AcceptLanguage = None,
    if_none_match: http.IfNoneMatch = None,
) -> http.Answer:
    """Read the questionnaire, with its labels in the language that `Accept-Language` asks for."""
    found = courses.load_current(http.course_or_default(course), clock.now())
    language = preferred(accept_language, found)
    view = OnboardingView.of(found, language, LANGUAGES[language].direction)
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    etag = f"{found.version}-{language}"
    return http.answer(view, etag=etag, if_none_match=if_none_match, headers=headers)


lambda_handler = http.handler(app)
