"""The local gateway makes the events, asks the authorizer and gives the answers that API Gateway does."""

import base64
import json
import socket

import pytest

from tools.client import Client
from tools.server import Server


def raw(server: Server, request: bytes) -> bytes:
    """Sends bytes as they are, and reads until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_the_event_is_a_payload_of_version_2(gateway: Server) -> None:
    body = '{"name": "Łódź"}'.encode()
    answer = raw(
        gateway,
        b"POST /api/things/caf%%C3%%A9/a%%2Fb?x=1&y=a%%20b&x=2&empty= HTTP/1.1\r\nHost: api.example\r\n"
        b"Authorization: Bearer ada\r\nContent-Type: application/json\r\nUser-Agent: hand\r\nX-Custom: One\r\n"
        b"X-Custom: Two\r\nCookie: a=1; b=2\r\nX-Amzn-Trace-Id: Root=1\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n\r\n%s" % (len(body), body),
    )
    seen = json.loads(answer.partition(b"\r\n\r\n")[2])
    event = seen["event"]
    context = event["requestContext"]
    assert isinstance(context.pop("timeEpoch"), int)
    assert context.pop("time").endswith("+0000")
    request_id = context.pop("requestId")
    port = event["headers"].pop("x-forwarded-port")
    assert port == str(gateway.port)
    assert event == {
        "version": "2.0",
        "routeKey": "ANY /api/things/{slug+}",
        "rawPath": "/api/things/café/a/b",
        "rawQueryString": "x=1&y=a%20b&x=2&empty=",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "host": "api.example",
            "authorization": "Bearer ada",
            "content-type": "application/json",
            "content-length": str(len(body)),
            "user-agent": "hand",
            "x-custom": "One, Two",
            "x-amzn-trace-id": "Root=1",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"x": "1,2", "y": "a b", "empty": ""},
        "pathParameters": {"slug": "café/a/b"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "authorizer": {"lambda": {"subject": "ada", "type": "REQUEST"}},
            "domainName": "api.example",
            "domainPrefix": "local",
            "http": {
                "method": "POST",
                "path": "/api/things/café/a/b",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "hand",
            },
            "routeKey": "ANY /api/things/{slug+}",
            "stage": "$default",
        },
        "body": body.decode(),
        "isBase64Encoded": False,
    }
    assert seen["id"] == request_id
    assert (seen["name"], seen["memory"]) == ("echo", 256)
    assert seen["arn"].endswith(":function:echo")
    assert 28_000 < seen["left"] <= 29_000
    assert answer.count(b"Set-Cookie: ") == 2
    assert f"Apigw-Requestid: {request_id}".encode() in answer


def test_an_event_without_body_or_query_has_no_such_fields(api: Client) -> None:
    event = api.get("/api/things/special").json["event"]
    assert not {"body", "cookies", "queryStringParameters", "pathParameters"} & set(event)
    assert event["isBase64Encoded"] is False
    assert event["rawQueryString"] == ""


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/json", b"{}", False),
        ("application/problem+json; charset=utf-8", b"{}", False),
        ("text/csv", b"a,b", False),
        ("application/json", b"\xff\xfe", True),
        ("application/octet-stream", b"abc", True),
        ("", b"abc", True),
    ],
)
def test_only_text_passes_as_text(gateway: Server, content_type: str, body: bytes, encoded: bool) -> None:
    answer = raw(
        gateway,
        b"PUT /api/things/x HTTP/1.1\r\nHost: x\r\nAuthorization: ada\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n\r\n%s" % (content_type.encode(), len(body), body),
    )
    event = json.loads(answer.partition(b"\r\n\r\n")[2])["event"]
    assert event["isBase64Encoded"] is encoded
    assert (base64.b64decode(event["body"]) if encoded else event["body"].encode()) == body


@pytest.mark.parametrize(
    ("token", "status", "body"),
    [
        (None, 401, {"message": "Unauthorized"}),
        ("refused", 403, {"message": "Forbidden"}),
        ("broken", 500, {"message": "Internal Server Error"}),
        ("nonsense", 500, {"message": "Internal Server Error"}),
    ],
)
def test_the_authorizer_decides(gateway: Server, token: str | None, status: int, body: dict[str, str]) -> None:
    reply = Client(gateway.url, token).send("GET", "/api/things/special")
    assert (reply.status, reply.json) == (status, body)
    assert ("www-authenticate" in reply.headers) is (status == 401)


def test_a_public_route_asks_nobody(gateway: Server) -> None:
    event = Client(gateway.url).post("/api/open", {}).json["event"]
    assert "authorizer" not in event["requestContext"]


@pytest.mark.parametrize("path", ["/raises", "/nonsense", "/huge"])
def test_a_handler_that_fails_is_the_gateways_own_500(api: Client, path: str) -> None:
    reply = api.send("GET", path)
    assert (reply.status, reply.json) == (500, {"message": "Internal Server Error"})


def test_an_answer_without_a_status_is_json(api: Client) -> None:
    reply = api.get("/plain")
    assert (reply.status, reply.json) == (200, {"hello": "world"})
    assert reply.headers["content-type"] == "application/json"


def test_binary_answers_and_answers_without_a_body(api: Client) -> None:
    assert api.get("/binary").body == b"\x89P"
    unchanged = api.send("GET", "/unchanged")
    assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, b"", '"1"')


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "BREW", "OPTIONS"])
def test_other_methods_go_to_the_default_route(api: Client, method: str) -> None:
    reply = api.send(method, "/api/open")
    assert reply.status == 404
    assert reply.body == (b"" if method == "HEAD" else f"{method} /api/open".encode())


def test_a_body_that_lambda_would_not_take_is_413(api: Client) -> None:
    assert api.send("POST", "/api/open", "x" * (7 * 1024 * 1024)).status == 413


ORIGIN = {"origin": "https://site.example"}


def test_b14_a_preflight_is_answered_for_a_listed_origin(api: Client) -> None:
    reply = api.send("OPTIONS", "/api/things/special", headers={**ORIGIN, "access-control-request-method": "PUT"})
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == "https://site.example"
    assert reply.headers["access-control-allow-methods"] == "GET,PUT"
    assert reply.headers["access-control-allow-headers"] == "authorization,content-type"
    assert reply.headers["access-control-max-age"] == "600"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://site.example.evil"])
def test_b14_an_unlisted_origin_learns_nothing(api: Client, origin: str) -> None:
    asked = {"origin": origin, "access-control-request-method": "PUT"}
    for reply in (api.send("OPTIONS", "/x", headers=asked), api.send("GET", "/x", headers={"origin": origin})):
        assert not [name for name in reply.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("path", ["/api/things/special", "/raises", "/x"])
def test_b14_every_answer_is_readable_for_a_listed_origin(gateway: Server, path: str) -> None:
    for token in ("ada", None):
        reply = Client(gateway.url, token).send("GET", path, headers=ORIGIN)
        assert reply.headers["access-control-allow-origin"] == "https://site.example"
        assert reply.headers["access-control-expose-headers"] == "ETag"
        assert "Origin" in reply.headers["vary"]


def test_the_handlers_own_vary_is_kept(api: Client) -> None:
    assert api.get("/api/things/special").headers["vary"] == "Authorization, Origin"
