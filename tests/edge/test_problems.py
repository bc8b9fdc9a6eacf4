"""Every refusal has one shape: a status, a stable code, and nothing that tells how the inside is made."""

import json
from collections.abc import Mapping
from http import HTTPStatus

import pytest

from attune.domain import errors
from attune.domain.errors import DomainError, Flaw, Invalid, NotFound, PreconditionFailed, TooMany, Unavailable
from attune.edge import problems
from attune.edge.problems import CONTENT_TYPE, MAX_FLAWS, WrongMethod, status_of
from attune.edge.views import Problem

pytestmark = pytest.mark.disable_socket

STATUSES = {
    "Malformed": 400,
    "Unidentified": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "WrongMethod": 405,
    "Conflict": 409,
    "PreconditionFailed": 412,
    "TooLarge": 413,
    "Unsupported": 415,
    "Invalid": 422,
    "TooMany": 429,
    "DomainError": 500,
    "Unavailable": 503,
}
RENAMED: Mapping[int, str] = {413: "Content Too Large", 422: "Unprocessable Content"}
"""As RFC 9110 calls them; the standard library's names differ from version to version."""
KINDS: list[type[DomainError]] = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)
] + [WrongMethod]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_is_a_problem(kind: type[DomainError]) -> None:
    status, headers, body = problems.of(kind(), "request-1")
    problem = json.loads(body)
    assert Problem.model_validate(problem).code == kind.code
    assert status == problem["status"] == STATUSES[kind.__name__]
    assert headers["Content-Type"] == CONTENT_TYPE == "application/problem+json"
    assert problem["title"] == RENAMED.get(status, HTTPStatus(status).phrase)
    assert (problem["code"], problem["detail"], problem["instance"]) == (kind.code, kind.detail, "request-1")
    assert problem["type"].endswith(f"#{kind.code}")
    assert kind.__name__ not in body.replace(problem["title"], "") or kind.__name__.lower() in problem["code"]


def test_a_leaf_has_the_status_of_the_nearest_class() -> None:
    class Leaf(PreconditionFailed):
        """Some new leaf."""

    assert status_of(Leaf()) == 412
    assert status_of(PreconditionFailed()) == 412
    assert status_of(DomainError()) == 500


def test_the_code_of_a_leaf_is_told() -> None:
    problem = json.loads(problems.of(NotFound("unknown_lesson", "There is no such lesson."), "r")[2])
    assert (problem["code"], problem["detail"]) == ("unknown_lesson", "There is no such lesson.")


def test_nobody_is_told_how_to_show_who_they_are_but_on_401() -> None:
    for kind in KINDS:
        status, headers, _ = problems.of(kind(), "r")
        assert ("WWW-Authenticate" in headers) == (status == 401)
        assert ("Retry-After" in headers) == (status in (429, 503))


def test_when_to_come_back_is_a_header_and_not_in_the_body() -> None:
    for kind in (TooMany, Unavailable):
        _, headers, body = problems.of(kind(retry_after=17), "r")
        assert headers["Retry-After"] == "17"
        assert "retry_after" not in json.loads(body)
        assert int(problems.of(kind(), "r")[1]["Retry-After"]) > 0


def test_the_methods_that_a_path_takes_are_a_header() -> None:
    status, headers, body = problems.of(WrongMethod(allow="GET, PUT"), "r")
    assert (status, headers["Allow"]) == (405, "GET, PUT")
    assert "allow" not in json.loads(body)


def test_what_belongs_to_a_refusal_is_told_with_it() -> None:
    problem = json.loads(problems.of(Invalid(code="skill_cycle", cycle=["a", "b", "a"]), "r")[2])
    assert problem["cycle"] == ["a", "b", "a"]
    assert problem["errors"] == []


@pytest.mark.parametrize("count", [1, MAX_FLAWS, MAX_FLAWS + 1, 500])
def test_flaws_are_listed_up_to_a_bound(count: int) -> None:
    flaws = [Flaw(f"/items/{number}", "No.", "missing") for number in range(count)]
    listed = json.loads(problems.of(Invalid(*flaws), "r")[2])["errors"]
    assert listed == [{"pointer": f.pointer, "detail": "No.", "code": "missing"} for f in flaws[:20]]


def test_a_problem_is_one_line_of_utf8_whatever_is_in_it() -> None:
    body = problems.body(HTTPStatus.CONFLICT, "c", 'quote " newline \n tag <b> ز', "r", {"more": {"a": None}})
    assert "\n" not in body
    problem = json.loads(body)
    assert problem["detail"] == 'quote " newline \n tag <b> ز'
    assert problem["more"] == {"a": None}
