"""A WSGI request as the payload-v2 event that API Gateway makes of it, and a handler's answer as HTTP."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from uuid import uuid4

from tools.routes import Route

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

API_ID = "local"
ACCOUNT = "000000000000"
# What Lambda takes and gives in one synchronous invocation.
PAYLOAD_LIMIT = 6 * 1024 * 1024
_TEXT_TYPES = ("application/json", "application/xml", "application/javascript")

# These end at the gateway.
_HOP_BY_HOP = ("connection", "keep-alive", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade")


@dataclass(slots=True)
class Answer:
    """A status, headers and a body on their way to the client."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def message(cls, status: int, text: str, *headers: tuple[str, str]) -> "Answer":
        """One of the gateway's own bodies."""
        return cls(status, [("content-type", "application/json"), *headers], json.dumps({"message": text}).encode())

    @property
    def line(self) -> str:
        """Status and phrase; an unknown status has an empty phrase."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} "


def event_of(environ: "WSGIEnvironment", path: str, route: Route, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The event, complete but for the authorizer's context."""
    headers = headers_of(environ)
    cookies = headers.pop("cookie", "")
    query = environ.get("QUERY_STRING", "")
    body, encoded = _body(environ["wsgi.input"].read(), headers.get("content-type", ""))
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": headers.get("host", ""),
            "domainPrefix": API_ID,
            "http": {
                "method": environ["REQUEST_METHOD"],
                "path": path,
                "protocol": environ["SERVER_PROTOCOL"],
                "sourceIp": environ.get("REMOTE_ADDR", ""),
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": str(uuid4()),
            "routeKey": route.key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": encoded,
    }
    optional = {
        "cookies": [each.strip() for each in cookies.split(";") if each.strip()],
        "queryStringParameters": _joined(query),
        "pathParameters": dict(parameters),
        "body": body,
    }
    return event | {name: value for name, value in optional.items() if value}


def headers_of(environ: "WSGIEnvironment") -> dict[str, str]:
    """Lower-cased, repeated ones joined, with those that the gateway adds."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    for name in _HOP_BY_HOP:
        headers.pop(name, None)
    headers["x-forwarded-for"] = environ.get("REMOTE_ADDR", "")
    headers["x-forwarded-port"] = environ.get("SERVER_PORT", "")
    headers["x-forwarded-proto"] = environ.get("wsgi.url_scheme", "http")
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{uuid4().hex[:24]}")
    return headers


def _joined(query: str) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        values.setdefault(name, []).append(value)
    return {name: ",".join(each) for name, each in values.items()}


def _body(raw: bytes, content_type: str) -> tuple[str, bool]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith(("+json", "+xml")):
        try:
            return raw.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(raw).decode(), bool(raw)


def authorizer_event(event: Mapping[str, Any], token: str) -> dict[str, Any]:
    """What a request authorizer of payload version 2.0 is invoked with: everything but the body."""
    context = event["requestContext"]
    method, path = context["http"]["method"], context["http"]["path"]
    rest = {name: value for name, value in event.items() if name not in {"body", "isBase64Encoded"}}
    return {
        **rest,
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{API_ID}/$default/{method}{path}",
        "identitySource": [token],
    }


def answer_of(result: Any) -> Answer:
    """What the client gets for a handler's result; ValueError where the gateway would call it malformed."""
    if not isinstance(result, dict) or "statusCode" not in result:
        return Answer(200, [("content-type", "application/json")], json.dumps(result).encode())
    status, body = result["statusCode"], result.get("body") or ""
    headers, cookies = result.get("headers") or {}, result.get("cookies") or []
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        raise ValueError("statusCode is not a status")
    if not isinstance(body, str) or not isinstance(headers, dict) or not isinstance(cookies, list):
        raise ValueError("body, headers or cookies are of the wrong type")
    raw = base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode("utf-8")
    if len(raw) > PAYLOAD_LIMIT:
        raise ValueError("the answer is larger than Lambda allows")
    pairs = [(str(name).lower(), _header(value)) for name, value in headers.items()]
    pairs += [("set-cookie", _header(each)) for each in cookies]
    if body and not any(name == "content-type" for name, _ in pairs):
        pairs.append(("content-type", "text/plain; charset=utf-8"))
    return Answer(status, pairs, raw)


def _header(value: object) -> str:
    if not isinstance(value, str | int | float) or "\n" in (text := str(value)) or "\r" in text:
        raise ValueError("a header is not a line of text")
    return text
