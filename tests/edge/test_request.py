"""A request is read within bounds before any route sees it, and whatever happens then is answered as a problem."""

import base64
import json
from http import HTTPStatus
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler.openapi.params import Query
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from attune.domain.errors import Conflict, DomainError, Malformed, NotFound, TooLarge, Unidentified, Unsupported
from attune.domain.principal import ADMIN, Kind, Principal
from attune.edge import http
from attune.edge.auth import context_of
from attune.edge.problems import WrongMethod
from attune.edge.request import Request, current_id
from attune.edge.routes import HttpApi
from attune.edge.views import PersonalBody, View

pytestmark = pytest.mark.disable_socket

BOUNDED = settings(derandomize=True, database=None, deadline=None, max_examples=100)
ME = Principal(Kind.GUEST, "6f9619ff-8b86-4011-b42d-00c04fc964ff", "https://stack.example")
OWNER = Principal(Kind.ACCOUNT, "11111111-1111-4111-8111-111111111111", "https://i.example", frozenset([ADMIN]))
REQUEST_ID = "abcdefgh-1234"
Json = dict[str, Any]


def _event(**changes: Any) -> Json:
    event: Json = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/api/things/a%20b",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {"method": "POST", "path": "/api/things"},
            "requestId": REQUEST_ID,
            "stage": "$default",
            "authorizer": {"lambda": context_of(ME)},
        },
        "isBase64Encoded": False,
    }
    return {**event, **changes}


def _read(body: str | None, limit: int = 100, wanted: bool = True, **changes: Any) -> Any:
    request = Request(_event(body=body, **changes))
    request.read_body(wanted, limit)
    return request.body


# What names a request


@pytest.mark.parametrize("name", ["abcdefgh", "A-1-b-2-c", "x" * 64])
def test_b18_a_request_keeps_the_id_that_it_came_with(name: str) -> None:
    assert Request(_event(headers={"x-request-id": name})).id == name


@pytest.mark.parametrize(
    "name", ["", "short", "x" * 65, "x" * 10_000, "abc\ndefgh", "abcdefgh\n", "\x1b[31mabcdef", "abc defgh", "١٢٣٤٥٦٧٨"]
)
def test_b18_an_id_that_could_forge_a_log_line_is_not_kept(name: str) -> None:
    assert Request(_event(headers={"x-request-id": name})).id == REQUEST_ID
    strange = Request({"headers": {"x-request-id": name}, "requestContext": {"requestId": name}})
    assert strange.id != name
    assert len(strange.id) == 36


def test_a_request_without_anything_has_an_id_of_its_own() -> None:
    assert Request({}).id != Request({}).id
    assert Request({"headers": None}).header("content-type") is None


# What is read of a body


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        " application/json ",
    ],
)
def test_json_in_utf8_is_read(media_type: str) -> None:
    assert _read('{"a": "ز"}', headers={"content-type": media_type}) == {"a": "ز"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=latin1"},
        {"content-type": "application/jsonp"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=application/json"},
        {"content-type": "application/json, text/html"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "content-encoding": "br"},
    ],
    ids=str,
)
def test_b5_what_we_do_not_speak_is_not_read(headers: dict[str, str]) -> None:
    with pytest.raises(Unsupported):
        _read("{}", headers=headers)


@BOUNDED
@given(st.binary(max_size=40))
def test_b3_any_bytes_are_a_body_or_refused(raw: bytes) -> None:
    try:
        value = _read(base64.b64encode(raw).decode(), isBase64Encoded=True)
    except Malformed:
        return
    assert value == json.loads(raw.decode("utf-8"))


@pytest.mark.parametrize("body", ["é", "====", "e30", "e30=\n", "{}", "e3 0="], ids=ascii)
def test_b3_a_body_that_is_not_base64_is_refused(body: str) -> None:
    with pytest.raises(Malformed):
        _read(body, isBase64Encoded=True)


@pytest.mark.parametrize("body", [None, "", " ", "null x", "{", '"\ud800"', "\ufeff{}", "[1]]"], ids=ascii)
def test_b1_a_body_that_is_not_json_is_refused(body: str | None) -> None:
    with pytest.raises(Malformed):
        _read(body)


@pytest.mark.parametrize(
    ("body", "encoded"), [("[" + " " * 98 + "]", False), (base64.b64encode(b"[" + b" " * 98 + b"]").decode(), True)]
)
def test_b4_a_body_is_counted_in_its_own_bytes(body: str, encoded: bool) -> None:
    assert _read(body, 100, isBase64Encoded=encoded) == []
    with pytest.raises(TooLarge):
        _read(body, 99, isBase64Encoded=encoded)


def test_b4_a_body_is_counted_before_it_is_read_and_in_utf8() -> None:
    with pytest.raises(TooLarge):
        _read("{" * 10_000_000, 1000)
    with pytest.raises(TooLarge):
        _read('"' + "ز" * 49 + '"', 99)
    with pytest.raises(TooLarge):
        _read("x" * 101, wanted=False)


def test_a_route_without_a_body_takes_none() -> None:
    assert _read(None, wanted=False, headers={}) is None
    assert _read("", wanted=False) is None
    with pytest.raises(Malformed) as caught:
        _read("{}", wanted=False)
    assert caught.value.code == "unexpected_body"


# A route around it


class ThingBody(PersonalBody):
    name: Annotated[str, Field(min_length=2, max_length=5)]
    size: Annotated[int, Field(ge=1, le=9)] = 1
    tags: Annotated[list[str], Field(default_factory=list)]


class ThingView(View):
    name: str
    asked: str


def _post(effect: Any = None, **options: Any) -> HttpApi:
    app = http.api(**options)

    @app.post("/api/things/<slug>")
    def make_thing(slug: http.Slug, body: ThingBody, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> http.Answer:
        """Make a thing.

        It has a name.
        """
        if effect is not None:
            effect()
        return http.answer(ThingView(name=body.name, asked=current_id()), HTTPStatus.CREATED, headers={"X-Slug": slug})

    return app


def _get() -> HttpApi:
    app = http.api(public=True)

    @app.get("/api/things/<slug>")
    def get_thing(slug: http.Slug, if_none_match: http.IfNoneMatch = None) -> http.Answer:
        """Read a thing."""
        return http.answer(ThingView(name=slug, asked=current_id()), etag="7", if_none_match=if_none_match)

    return app


def _call(app: HttpApi, body: Any = None, path: str = "/api/things/a/b", **changes: Any) -> Json:
    method = changes.pop("method", "POST")
    event = _event(body=body if isinstance(body, str | None) else json.dumps(body), rawPath=path, **changes)
    event["requestContext"]["http"] |= {"method": method, "path": path}
    return http.handler(app)(event, None)


def _problem(answer: Json) -> Json:
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    problem: Json = json.loads(answer["body"])
    assert problem["status"] == answer["statusCode"]
    assert problem["instance"] == answer["headers"]["X-Request-Id"]
    return problem


def test_a_route_answers_with_its_view_and_our_headers() -> None:
    answer = _call(_post(), {"name": "abc"})
    assert answer["statusCode"] == 201
    assert json.loads(answer["body"]) == {"name": "abc", "asked": REQUEST_ID}
    headers = answer["headers"]
    assert headers["X-Slug"] == "a/b"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Vary"] == "Authorization"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "max-age" in headers["Strict-Transport-Security"]


def test_a_public_answer_with_a_tag_may_be_kept() -> None:
    answer = _call(_get(), method="GET")
    assert (answer["statusCode"], answer["headers"]["ETag"]) == (200, '"7"')
    assert answer["headers"]["Cache-Control"] == "public, no-cache"
    again = _call(_get(), method="GET", headers={"if-none-match": 'W/"7"'})
    assert (again["statusCode"], again["headers"]["ETag"]) == (304, '"7"')
    assert not again["body"]


@pytest.mark.parametrize(
    ("body", "flaws"),
    [
        ({}, [("/name", "missing")]),
        ({"name": 5}, [("/name", "string_type")]),
        ({"name": "a"}, [("/name", "string_too_short")]),
        ({"name": "abc", "size": 0}, [("/size", "greater_than_equal")]),
        ({"name": "abc", "size": "1"}, [("/size", "int_type")]),
        ({"name": "abc", "size": 1.5}, [("/size", "int_type")]),
        ({"name": "abc", "size": True}, [("/size", "int_type")]),
        ({"name": "abc", "tags": ["x", 5]}, [("/tags/1", "string_type")]),
        ({"name": "abc", "a/b~c": 1}, [("/a~1b~0c", "extra_forbidden")]),
        ({"name": None, "size": None}, [("/name", "string_type"), ("/size", "int_type")]),
    ],
    ids=str,
)
def test_b6_a_wrong_body_is_told_place_by_place_without_what_was_sent(body: Json, flaws: list[tuple[str, str]]) -> None:
    problem = _problem(_call(_post(), body))
    assert problem["status"] == 422
    assert [(flaw["pointer"], flaw["code"]) for flaw in problem["errors"]] == flaws
    assert all(flaw["detail"].endswith(".") for flaw in problem["errors"])


@pytest.mark.parametrize("body", [[], "x", 5, True], ids=str)
def test_a_body_that_is_no_object_is_invalid(body: Any) -> None:
    assert _problem(_call(_post(), json.dumps(body)))["status"] == 422
    assert "<script>" not in _call(_post(), {"name": "<script>"})["body"]


def test_b6_at_most_twenty_places_are_told() -> None:
    assert len(_problem(_call(_post(), {"name": "abc", "tags": [0] * 50}))["errors"]) == 20


def test_b11_a_wrong_query_or_path_is_told_by_its_place() -> None:
    wrong = _problem(_call(_post(), {"name": "abc"}, rawQueryString="limit=0", queryStringParameters={"limit": "0"}))
    assert [flaw["pointer"] for flaw in wrong["errors"]] == ["/query/limit"]
    wrong = _problem(_call(_post(), {"name": "abc"}, path="/api/things/UP"))
    assert [flaw["pointer"] for flaw in wrong["errors"]] == ["/path/slug"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"body": None}, 400),
        ({"body": "{"}, 400),
        ({"headers": {"content-type": "text/plain"}}, 415),
        ({"body": '"' + "x" * 2000 + '"'}, 413),
        ({"queryStringParameters": {"user_id": OWNER.subject}}, 404),
        ({"headers": {"content-type": "application/json", "x-user-id": OWNER.subject}}, 404),
        ({"body": json.dumps({"name": "abc", "user_id": OWNER.subject})}, 404),
        ({"path": "/api/other"}, 404),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_refused_early_is_a_problem_too(changes: Json, status: int) -> None:
    reached: list[int] = []
    answer = _call(_post(lambda: reached.append(1), max_body=1000), **{"body": {"name": "abc"}, **changes})
    assert _problem(answer)["status"] == status
    assert not reached


@pytest.mark.parametrize(
    "authorizer", [{}, {"lambda": {"error": "token_expired"}}, {"lambda": {"kind": "root"}}], ids=str
)
def test_who_is_not_known_is_refused_before_the_body_is_read(authorizer: Json) -> None:
    context = {**_event()["requestContext"], "authorizer": authorizer}
    answer = _call(_post(), "{", requestContext=context)
    assert _problem(answer)["status"] == 401
    assert answer["headers"]["WWW-Authenticate"].startswith("Bearer")
    assert _call(_get(), path="/api/things/x", method="GET", requestContext=context)["statusCode"] == 200


def test_an_admins_route_is_for_admins() -> None:
    context = {**_event()["requestContext"], "authorizer": {"lambda": context_of(OWNER)}}
    assert _problem(_call(_post(admin=True), {"name": "abc"}))["code"] == "admin_only"
    assert _call(_post(admin=True), {"name": "abc"}, requestContext=context)["statusCode"] == 201


def _raise(error: Exception) -> Any:
    def effect() -> None:
        raise error

    return effect


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound("unknown_thing", "No such thing."), 404, "unknown_thing"),
        (Conflict(), 409, "conflict"),
        (Unidentified(), 401, "unidentified"),
        (DomainError(), 500, "refused"),
        (RuntimeError("secret"), 500, "internal"),
        (KeyError("secret"), 500, "internal"),
        (RecursionError("secret"), 500, "internal"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_b19_whatever_goes_wrong_inside_is_a_problem(error: Exception, status: int, code: str) -> None:
    answer = _call(_post(_raise(error)), {"name": "abc"})
    problem = _problem(answer)
    assert (problem["status"], problem["code"]) == (status, code)
    assert "secret" not in answer["body"]
    assert status != 500 or type(error).__name__ not in answer["body"]


def test_what_has_no_route_is_refused_in_the_same_shape() -> None:
    answer = http.refuse(http.api(public=True), _event(), WrongMethod(allow="GET"))
    assert _problem(answer)["status"] == 405
    assert answer["headers"]["Allow"] == "GET"


def test_a_request_leaves_nothing_behind() -> None:
    _call(_post(), {"name": "abc"})
    with pytest.raises(LookupError):
        current_id()


def test_a_route_is_documented_by_its_docstring() -> None:
    app = _post()
    assert (app.name, app.takes_body) == ("make_thing", True)
    assert not _get().takes_body
