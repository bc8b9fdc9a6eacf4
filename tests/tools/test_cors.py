"""The rules that the fixture's own configuration does not reach."""

from tools import cors
from tools.events import Answer
from tools.template import Cors


def rules(*origins: str, credentials: bool = False) -> Cors:
    return Cors(origins, ("GET",), ("authorization",), (), None, credentials)


def test_a_star_is_for_everybody() -> None:
    answer = cors.preflight(rules("*"), "https://any.example")
    assert ("access-control-allow-origin", "*") in answer.headers
    assert "access-control-max-age" not in dict(answer.headers)


def test_b14_credentials_are_allowed_where_the_template_says_so() -> None:
    wanted = ("access-control-allow-credentials", "true")
    answer = Answer(200, [("vary", "Authorization"), ("vary", "Accept-Language")])
    cors.decorate(rules("https://a.example", credentials=True), "https://a.example", answer)
    assert wanted in answer.headers
    assert ("vary", "Authorization, Accept-Language, Origin") in answer.headers
    assert wanted in cors.preflight(rules("https://a.example", credentials=True), "https://a.example").headers


def test_without_an_origin_nothing_is_allowed_but_caches_are_told() -> None:
    answer = Answer(200)
    cors.decorate(rules("https://a.example"), None, answer)
    assert answer.headers == [("vary", "Origin")]
