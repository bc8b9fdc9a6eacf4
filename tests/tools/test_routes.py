"""Exact before variable before greedy before `$default`."""

import pytest

from tools.routes import Route, Router

ROUTER = Router(
    [
        Route("ANY", "$default", "Default"),
        Route("GET", "/a/{slug+}", "Greedy"),
        Route("GET", "/a/{id}", "One"),
        Route("GET", "/a/exact", "Exact"),
        Route("ANY", "/a/exact", "Any"),
        Route("GET", "/a/{id}/parts/{part}", "Two"),
        Route("PUT", "/a/{id}/{rest+}", "Mixed"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "function", "parameters"),
    [
        ("GET", "/a/exact", "Exact", {}),
        ("POST", "/a/exact", "Any", {}),
        ("GET", "/a/other", "One", {"id": "other"}),
        ("GET", "/a/b/c", "Greedy", {"slug": "b/c"}),
        ("GET", "/a/b/parts/c", "Two", {"id": "b", "part": "c"}),
        ("PUT", "/a/b/c/d", "Mixed", {"id": "b", "rest": "c/d"}),
        ("GET", "/a/", "Default", {}),
        ("GET", "/a", "Default", {}),
        ("PUT", "/a/b", "Default", {}),
        ("DELETE", "/a/other", "Default", {}),
        ("HEAD", "/a/other", "Default", {}),
        ("GET", "/a/exact/", "Greedy", {"slug": "exact/"}),
    ],
)
def test_the_most_specific_route_of_the_method_wins(
    method: str, path: str, function: str, parameters: dict[str, str]
) -> None:
    matched = ROUTER.match(method, path)
    assert matched is not None
    assert (matched[0].function, matched[1]) == (function, parameters)


def test_without_a_default_nothing_answers() -> None:
    assert Router([Route("GET", "/a", "A")]).match("GET", "/b") is None
