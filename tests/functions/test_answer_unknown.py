"""Paths that do not exist are 404, methods that a path does not take 405."""

import pytest

from tests.builders import http_event
from tests.functions.conftest import Reply, _json, invoke


def unknown(method: str, path: str) -> Reply:
    found = invoke("answer_unknown", http_event(method, path))
    return Reply(found["statusCode"], found["headers"], _json(found), found["body"])


@pytest.mark.parametrize("path", ["/", "/api", "/api/nothing", "/api/user", "/api/content/book/x", "/API/health"])
def test_an_unknown_path_is_404(path: str) -> None:
    unknown("GET", path).problem(404, "unknown_route")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/api/personalization/preferences", {"GET", "PUT", "DELETE"}),
        ("DELETE", "/api/content/book", {"GET"}),
        ("PUT", "/api/content/lessons/a/b/c", {"GET"}),
        ("GET", "/api/personalize/cache", {"DELETE"}),
        ("GET", "/api/user/create", {"POST"}),
        ("POST", "/api/admin/courses/poker", {"PUT"}),
    ],
)
def test_another_method_is_405_and_says_which_there_are(method: str, path: str, allow: set[str]) -> None:
    reply = unknown(method, path)
    reply.problem(405, "method_not_allowed")
    assert set(reply.headers["Allow"].split(", ")) == allow
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
