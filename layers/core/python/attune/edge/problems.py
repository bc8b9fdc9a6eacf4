"""What a refusal looks like: `application/problem+json` (RFC 9457), from one table that feeds the documentation too."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import pydantic_core

from attune.domain import errors
from attune.domain.errors import DomainError, Flaw

CONTENT_TYPE = "application/problem+json"
PAGE = "/api/docs"
"""Where the page of problems is served; docs/problems.md is the same page."""
MAX_FLAWS = 20
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""Python 3.13 renamed these two; a title is the same whatever the interpreter."""

STATUS: Mapping[type[DomainError], HTTPStatus] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unidentified: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Unsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


class WrongMethod(DomainError):
    """The path exists, the method does not; `allow` lists those that do."""

    code = "method_not_allowed"
    detail = "This path does not take this method."


_RETRY_AFTER = {HTTPStatus.TOO_MANY_REQUESTS: 60, HTTPStatus.SERVICE_UNAVAILABLE: 2}
_HIDDEN = frozenset({"retry_after", "allow"})


def status_of(error: DomainError) -> HTTPStatus:
    """The status of an error: that of the nearest of its classes in the table."""
    if isinstance(error, WrongMethod):
        return HTTPStatus.METHOD_NOT_ALLOWED
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)


def body(status: HTTPStatus, code: str, detail: str, request_id: str, extra: Mapping[str, Any] | None = None) -> str:
    """A problem as JSON; what an error tells besides never takes the place of the members that all have."""
    problem = {
        **(extra or {}),
        "type": f"{PAGE}#{code}",
        "title": TITLES.get(status, status.phrase),
        "status": int(status),
        "detail": detail,
        "instance": request_id,
        "code": code,
    }
    return pydantic_core.to_json(problem).decode()


def of(error: DomainError, request_id: str) -> tuple[HTTPStatus, dict[str, str], str]:
    """The status, the headers and the body for an error."""
    status = status_of(error)
    headers = {"Content-Type": CONTENT_TYPE}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if status in _RETRY_AFTER:
        headers["Retry-After"] = str(error.extra.get("retry_after", _RETRY_AFTER[status]))
    if "allow" in error.extra:
        headers["Allow"] = str(error.extra["allow"])
    extra = {name: value for name, value in error.extra.items() if name not in _HIDDEN}
    if isinstance(error, errors.Invalid):
        extra["errors"] = [_shown(flaw) for flaw in error.flaws[:MAX_FLAWS]]
    return status, headers, body(status, error.code, error.detail, request_id, extra)


def _shown(flaw: Flaw) -> dict[str, str]:
    return {"pointer": flaw.pointer, "detail": flaw.detail, "code": flaw.code}
