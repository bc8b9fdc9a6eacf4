"""Methods that a path does not take, and paths that are none."""

import re
from collections.abc import Iterator

from tests.contract.refusals.operations import CANARY, OPERATIONS, Wrong

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")


def methods(path: str) -> Iterator[Wrong]:
    """Every method that a path does not take, asked for by nobody and by a learner."""
    known = {op.method: op for op in OPERATIONS.values() if op.path == path}
    target = next(iter(known.values())).target()
    allow = ", ".join(sorted(known))
    for method in METHODS:
        shadowed = _is_shadowed(method, path)
        for who in ("ada",) if shadowed else ("", "ada"):
            if method not in known:
                name = f"{method} {path} by {who or 'nobody'}"
                yield Wrong(name, method, target, 405, "method_not_allowed", who, allow=allow, varies=shadowed)


def _is_shadowed(method: str, path: str) -> bool:
    """Whether the gateway brings this to a route with a parameter, and so first to the authorizer."""
    return any(
        op.method == method
        and not op.public
        and re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(op.path)), path)
        for op in OPERATIONS.values()
        if "{" in op.path and "{" not in path
    )


UNKNOWN_PATHS = (
    *(
        "/",
        "/api",
        "/api/",
        "/api/nothing",
        f"/api/{CANARY}",
        "/api/user",
        "/api/user/",
        "/api/health/",
        "/api//health",
    ),
    *(
        "/API/health",
        "/api/Health",
        "/api/content/lessons",
        "/api/content/lessons/",
        "/api/personalize/",
        "/api/docs/x",
    ),
    *(
        "/api/user/me/x",
        "/api/admin/courses",
        "/api/admin/courses/a/b",
        "/api/admin/courses/a/lessons/",
        "/favicon.ico",
    ),
    *("/api/user/a%2Fb", "/api/health%00", "/api/%2e%2e/health", "/api/../health", "/api/health%2F", "/%F0%9F%A6%8A"),
    *(f"/api/{'x' * 2048}", "/api/health;a=b", "/$default", "/api/%25", "/api/caf%C3%A9", "/.well-known/security.txt"),
)


def unknown_paths() -> Iterator[Wrong]:
    for path in UNKNOWN_PATHS:
        for method in ("GET", "POST", "HEAD", "PROPFIND"):
            yield Wrong(f"{method} {path}", method, path, 404, "unknown_route")
