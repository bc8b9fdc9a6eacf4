"""What a route may answer besides its own views: the refusals of its kind, and the headers of each answer."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
PROBLEM = "application/problem+json"
BODILESS = (204, 304)

STATUSES: Mapping[int, tuple[str, str]] = {
    400: ("Bad Request", "The request cannot be read."),
    401: ("Unauthorized", "There is no valid bearer token."),
    403: ("Forbidden", "The token does not allow this."),
    404: ("Not Found", "There is no such thing for this caller."),
    405: ("Method Not Allowed", "The path exists and does not take this method."),
    409: ("Conflict", "The request contradicts what is stored."),
    412: ("Precondition Failed", "Somebody else changed it meanwhile."),
    413: ("Content Too Large", "The body is larger than the route accepts."),
    415: ("Unsupported Media Type", "The body is not `application/json` in UTF-8."),
    422: ("Unprocessable Content", "The request can be read and is wrong; `errors` lists the places."),
    429: ("Too Many Requests", "Later, please."),
    500: ("Internal Server Error", "Something broke; it was logged."),
    503: ("Service Unavailable", "A part that the service stands on does not answer."),
}
"""The names of RFC 9110, since those of Python's own table differ between its versions."""

HEADERS: Mapping[str, str] = {
    "Content-Language": "The language of the answer.",
    "Deprecation": "Since when the route is deprecated (RFC 9745).",
    "ETag": "The revision of what is answered.",
    "Idempotency-Replayed": "`true` if this is the answer to an earlier request under the same key.",
    "Link": 'The route that takes its place, as `rel="successor-version"`.',
    "Location": "Where the result is or will be.",
    "Retry-After": "Seconds until it is worth asking again.",
    "Sunset": "When the route ends (RFC 8594).",
    "WWW-Authenticate": "The scheme that is asked for.",
    "X-Request-Id": "The request's id, as in the log and in a problem's `instance`.",
}


def complete(operation: Json, *, public: bool, admin: bool) -> None:
    """Add to an operation's answers what follows from its token, its body, its parameters and its method."""
    declared: dict[int, Json] = {int(status): answer for status, answer in operation["responses"].items()}
    # Powertools documents a refusal of its own form on every route that it validates.
    if "HTTPValidationError" in str(declared.get(422, "")):
        del declared[422]
    for status in _refusals(operation, public, admin):
        declared.setdefault(status, {})
    for status, answer in declared.items():
        if status >= 400:
            answer["description"] = STATUSES[status][1]
            answer["content"] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if status in BODILESS:
            # Powertools gives every answer a body.
            answer.pop("content", None)
        found = {*answer.get("headers", ()), *_headers(operation, status)}
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(found)}
    operation["responses"] = {str(status): declared[status] for status in sorted(declared)}


def _refusals(operation: Json, public: bool, admin: bool) -> set[int]:
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    body = "requestBody" in operation
    # Most headers have a form; a body where none is wanted is refused, and browsers send one with anything but GET.
    readable = body or operation["method"] != "GET" or names & {"If-Match", "If-None-Match", "Prefer"}
    rules: Mapping[int, object] = {
        400: readable,
        401: not public,
        403: admin,
        # On a protected route, whatever names another learner than the caller.
        404: not public or "path" in places or "course" in names,
        412: "If-Match" in names,
        413: body or operation["method"] != "GET",
        415: body,
        422: body or places & {"path", "query"},
        500: True,
        503: not public or body or "course" in names,
    }
    return {status for status, holds in rules.items() if holds}


def _headers(operation: Json, status: int) -> set[str]:
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    success = status < 300
    rules: Mapping[str, object] = {
        "Content-Language": success and "Accept-Language" in names,
        "Deprecation": operation.get("deprecated"),
        "ETag": status in (200, 304) and names & {"If-Match", "If-None-Match"},
        "Idempotency-Replayed": success and "Idempotency-Key" in names,
        "Link": operation.get("deprecated"),
        "Location": status == 202,
        "Retry-After": status in (202, 429, 503),
        "Sunset": operation.get("deprecated"),
        "WWW-Authenticate": status == 401,
        "X-Request-Id": True,
    }
    return {name for name, holds in rules.items() if holds}
