"""One function's HTTP route: Powertools' resolver with our bodies, errors, headers and log line around it."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import BaseModel
from pydantic_core import to_json

from attune import start
from attune.domain.errors import DomainError, Flaw, Invalid, NotFound, Unidentified, pointer
from attune.domain.ids import ID_PATTERN, SLUG_PATTERN
from attune.domain.principal import Principal
from attune.edge import auth, conditional, log, problems, request, route_metrics, tombs
from attune.edge.routes import HttpApi, Refuse
from attune.settings import settings

Answer = Response[str]
"""What a route gives back: its body is JSON already, so that Powertools need not make it a second time."""
KILOBYTE = 1024
tombs.use()
MAX_BODY = 256 * KILOBYTE
MAX_PREFER = 1024
JSON = "application/json"

CourseQuery = Annotated[
    str | None, Query(alias="course", pattern=ID_PATTERN, description="The course; the stack's default if left out.")
]
CourseId = Annotated[str, Path(pattern=ID_PATTERN)]
Slug = Annotated[str, Path(pattern=SLUG_PATTERN, description="The lesson's slug: up to four segments joined by `/`.")]
# The forms of headers are published, and judged elsewhere: a header that cannot be read is 400.
_TAGS = {"pattern": conditional.PATTERN}
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="Change only this revision; else 412.", json_schema_extra=_TAGS)
]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="Answer 304 if this is still current.", json_schema_extra=_TAGS),
]
Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        description="`wait=n`: up to n (at most 8) seconds.",
        json_schema_extra={"maxLength": MAX_PREFER},
    ),
]
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Repeating the request under the same key repeats its answer.",
        json_schema_extra={"pattern": "^[\\x21-\\x7e]{1,255}$"},
    ),
]


def api(
    *,
    public: bool = False,
    admin: bool = False,
    max_body: int = MAX_BODY,
    refuse: Refuse | None = None,
    on_behalf: str | None = None,
) -> HttpApi:
    """The route of one function: for everybody, for learners, or for admins; with the size of body that it takes.

    `refuse` judges the path, where the gateway also brings what belongs to a path of its own. A caller with the scope
    `on_behalf` may name another learner in the body.
    """
    app = HttpApi(public=public, admin=admin, max_body=max_body, refuse=refuse, on_behalf=on_behalf)
    app.exception_handler(DomainError)(_refusal)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(Exception)(_broken)
    app.not_found(lambda _: _refusal(NotFound("unknown_route", "There is no such route.")))
    return app


def caller() -> Principal:
    """Who is calling. Raises `Unidentified`."""
    principal = request.current.get().principal
    if principal is None:
        raise Unidentified
    return principal


def course_or_default(course: str | None) -> str:
    """The course that was asked for, else the stack's."""
    return course or settings.default_course


def compact(value: Any) -> str:
    """A value of plain types as JSON, written as a view's is."""
    return to_json(value).decode()


def answer(
    view: BaseModel | str,
    status: int = HTTPStatus.OK,
    *,
    etag: str | None = None,
    if_none_match: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """A view as the answer, or its JSON, or 304 without a body if the client has it already."""
    more = {**(headers or {}), **({} if etag is None else {"ETag": f'"{etag}"'})}
    if etag is not None and conditional.unchanged(if_none_match, etag):
        return Response(HTTPStatus.NOT_MODIFIED, body="", headers={**more})
    return answer_text(view if isinstance(view, str) else view.model_dump_json(), status, headers=more)


def answer_text(text: str, status: int, *, headers: Mapping[str, str]) -> Response[str]:
    """JSON that is there as text already: an answer that is repeated byte by byte."""
    return Response(status, JSON, text, headers={**headers})


def deprecated(since: datetime, until: datetime, successor: str) -> dict[str, str]:
    """The headers of a route that is on its way out (RFC 9745, RFC 8594)."""
    return {
        "Deprecation": f"@{int(since.timestamp())}",
        "Sunset": format_datetime(until, usegmt=True),
        "Link": f'<{successor}>; rel="successor-version"',
    }


def require_admin(verifier: auth.Verifier, now: datetime) -> None:
    """Refuse who is not an admin, on a route that has no authorizer of its own."""
    asked = request.current.get()
    asked.principal = verifier.principal(asked.header("authorization"), now)
    auth.require_admin(asked.principal)


def refuse(app: HttpApi, event: dict[str, Any], error: DomainError) -> dict[str, Any]:
    """Answer a request that has no route with a problem."""

    def resolve(_: HttpApi, __: request.Request, ___: Any) -> dict[str, Any]:
        return _plain(_refusal(error))

    return _served(app, event, None, resolve)


def handler(app: HttpApi) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The Lambda handler of a route."""
    start.end()
    return lambda event, context: _served(app, event, context, _resolve)


def _served(
    app: HttpApi, event: dict[str, Any], context: Any, resolve: Callable[..., dict[str, Any]]
) -> dict[str, Any]:
    """Serve one request: with its own state, our headers, and one line in the log."""
    asked = request.Request(event)
    token = request.current.set(asked)
    try:
        found = resolve(app, asked, context)
        _finish(app, asked, found)
    finally:
        request.current.reset(token)
    fields = {"status": found["statusCode"], "ms": round((time.perf_counter() - asked.began) * 1000, 1)}
    who = {"caller": asked.principal.kind} if asked.principal else {}
    down = found["statusCode"] == HTTPStatus.SERVICE_UNAVAILABLE
    route = app.name or "answer_unknown"
    told = {"request_id": asked.id, **fields, **who, **asked.refused, **route_metrics.of_request(route)}
    log.done(route, told, warn=down)
    return found


def _resolve(app: HttpApi, asked: request.Request, context: Any) -> dict[str, Any]:
    try:
        if not app.public:
            asked.identify()
            if app.admin:
                auth.require_admin(caller())
        if app.refuse and (error := app.refuse(asked.event)):
            raise error
        asked.read_body(app.takes_body, app.max_body)
        asked.act_for(app.on_behalf)
        asked.refuse_another()
        return app.resolve(asked.event, context)
    except DomainError as error:
        return _plain(_refusal(error))
    except Exception as error:
        return _plain(_broken(error))


def _finish(app: HttpApi, asked: request.Request, found: dict[str, Any]) -> None:
    headers = {**(found.get("headers") or {})}
    for name, values in (found.pop("multiValueHeaders", None) or {}).items():
        headers[name] = ", ".join(values)
    personal = "private, no-cache" if "ETag" in headers else "private, no-store"
    headers.setdefault("Cache-Control", "public, no-cache" if app.public and "ETag" in headers else personal)
    if not app.public:
        headers.setdefault("Vary", "Authorization")
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Strict-Transport-Security"] = "max-age=31536000"
    headers["X-Request-Id"] = asked.id
    found["headers"] = headers


def _plain(response: Response[str]) -> dict[str, Any]:
    return {
        "statusCode": int(response.status_code),
        "headers": dict(response.headers),
        "body": response.body,
        "isBase64Encoded": False,
    }


def _refusal(error: DomainError) -> Response[str]:
    asked = request.current.get()
    if asked.acting and isinstance(error, Unidentified):
        # The caller is known well; it is the learner they act for who is not there.
        error = NotFound("unknown_user", "There is no such learner.")
    status, headers, body = problems.of(error, asked.id)
    asked.refused = {"code": error.code}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        asked.refused["cause"] = log.cause(error)
    return Response(
        status, headers.pop("Content-Type"), body, headers={**headers, "Content-Type": problems.CONTENT_TYPE}
    )


def _invalid(error: RequestValidationError) -> Response[str]:
    return _refusal(Invalid(*(_flaw(entry) for entry in error.errors())))


_DETAILS = {
    "missing": "This is required.",
    "extra_forbidden": "There is no such field.",
    "none_required": "Must be null.",
    "finite_number": "Must be a finite number.",
    **dict.fromkeys(("string_type", "string_unicode"), "Must be a string."),
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "Must be a whole number."),
    **dict.fromkeys(("float_type", "float_parsing"), "Must be a number."),
    **dict.fromkeys(("bool_type", "bool_parsing"), "Must be true or false."),
    **dict.fromkeys(("list_type", "tuple_type"), "Must be a list."),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "Must be an object."),
}
_FORM = "Not of the form that is asked for."


def _flaw(entry: Mapping[str, Any]) -> Flaw:
    """One of pydantic's findings as a flaw; its own message stays out, since it may quote what was sent."""
    place, *path = entry["loc"]
    kind = str(entry["type"])
    steps = _steps(path, kind) if place == "body" else [place, *path]
    told_by_us = (entry.get("ctx") or {}).get("error") if kind == "value_error" else None
    limits = {name: value for name, value in (entry.get("ctx") or {}).items() if name in _LIMITS}
    told = ", ".join(f"{_LIMITS[name]} {value}" for name, value in limits.items())
    detail = _DETAILS.get(kind) or (f"Must be {told}." if told else _FORM)
    return Flaw(pointer("", *steps), f"Must be {told_by_us}." if told_by_us else detail, kind)


def _steps(path: Sequence[str | int], kind: str) -> list[str | int]:
    """The way to a finding as far as it leads through the body: pydantic also names the kinds that it tried."""
    steps: list[str | int] = []
    here = request.current.get().body
    for step in path:
        inside = step in here if isinstance(here, dict) else isinstance(here, list) and isinstance(step, int)
        if inside:
            steps.append(step)
            here = here[step]
    return [*steps, path[-1]] if kind == "missing" and path else steps


_LIMITS = {
    "ge": "at least",
    "le": "at most",
    "gt": "more than",
    "lt": "less than",
    "min_length": "no shorter than",
    "max_length": "no longer than",
    "expected": "one of",
}


def _broken(error: Exception) -> Response[str]:
    asked = request.current.get()
    log.broken("broken", error, {"request_id": asked.id})
    body = problems.body(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something broke; it was logged.", asked.id)
    return Response(HTTPStatus.INTERNAL_SERVER_ERROR, problems.CONTENT_TYPE, body)
