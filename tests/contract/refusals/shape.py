"""What a refusal looks like: the one shape of all."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tests.contract.refusals.operations import CANARY, Json, Wrong
from tools.template import ROOT

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
PROBLEMS = (ROOT / "docs" / "problems.md").read_text("utf-8")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header; None without it, and the values one below the other if it came more than once."""
        return "\n".join(value for key, value in self.headers if key.lower() == name) or None


BASE = frozenset({"type", "title", "status", "detail", "instance", "code"})
FIXED = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "content-type": "application/problem+json",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}
FREE = {"date", "content-length", "connection", "x-request-id", "apigw-requestid"}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSIDE = re.compile(
    r"Traceback|[A-Za-z]+Error\b|Exception|\.py\b|arn:|pydantic|boto|[Dd]ynamo|USER#|COURSE#|\w+Body\b|constrained|"
    r"dict\[|list\["
)
"""What only somebody who reads the code may know."""


@cache
def codes() -> Mapping[str, frozenset[int]]:
    """Every documented code, with the statuses that it comes with."""
    found: dict[str, frozenset[int]] = {}
    for section in PROBLEMS.split("\n## ")[1:]:
        status = int(section[:3])
        for entry in section.split("\n### ")[1:]:
            others = [
                int(number)
                for told in re.findall(r"Also with status ([\d ,and]+)\.", entry)
                for number in re.findall(r"\d+", told)
            ]
            found[entry.split("\n", 1)[0].strip()] = frozenset({status, *others})
    return found


def faults(case: Wrong, answer: Answer) -> Iterator[str]:
    """Everything in an answer that is not as it must be."""
    if answer.status != case.status:
        yield f"status {answer.status} for {case.status}: {answer.body[:300]!r}"
        return
    yield from _wrong_headers(case, answer)
    whole = answer.body + repr(answer.headers).encode()
    if CANARY.encode() in re.sub(rb'"pointer":"[^"]*"', b"", whole):
        yield "what was sent is told again"
    if case.method == "HEAD":
        if answer.body:
            yield "HEAD with a body"
        return
    problem = json.loads(answer.body)
    expected = {
        "type": f"/api/docs#{case.code}",
        "title": TITLES[case.status],
        "status": case.status,
        "code": case.code,
        "instance": answer.header("x-request-id"),
    }
    for name, value in expected.items():
        if problem.get(name) != value:
            yield f"{name} is {problem.get(name)!r} for {value!r}"
    if problem.keys() != BASE | case.members | ({"errors"} if case.status == 422 else set()):
        yield f"members are {sorted(problem)}"
    if case.status not in codes().get(case.code, ()):
        yield "the code is not documented with this status"
    if not isinstance(problem["detail"], str) or not problem["detail"].endswith("."):
        yield f"detail is {problem['detail']!r}"
    if match := _INSIDE.search(re.sub(r'"pointer":"[^"]*"', "", answer.body.decode())):
        yield f"tells of the inside: {match[0]}"
    yield from _wrong_errors(case, problem.get("errors", []))


def _wrong_headers(case: Wrong, answer: Answer) -> Iterator[str]:
    expected = {
        **FIXED,
        "vary": "Authorization, Origin" if case.varies else "Origin",
        **({"www-authenticate": 'Bearer error="invalid_token"'} if case.status == 401 else {}),
        **({"allow": case.allow} if case.allow else {}),
    }
    later = answer.header("retry-after")
    if (later is not None) != (case.status in (429, 503)) or not re.fullmatch(r"[1-9]\d{0,4}", later or "1"):
        yield f"Retry-After is {later}"
    for name, value in expected.items():
        if answer.header(name) != value:
            yield f"{name} is {answer.header(name)!r} for {value!r}"
    if surplus := {name.lower() for name, _ in answer.headers} - expected.keys() - FREE - {"retry-after"}:
        yield f"headers {sorted(surplus)}"
    if not _UUID.fullmatch(answer.header("x-request-id") or ""):
        yield f"X-Request-Id is {answer.header('x-request-id')!r}"


def _wrong_errors(case: Wrong, errors: list[Json]) -> Iterator[str]:
    if len(errors) > 20 or any(entry.keys() != {"pointer", "detail", "code"} for entry in errors):
        yield f"errors are {errors}"
    if unclear := [entry for entry in errors if not _is_sentence(entry)]:
        yield f"not said in a sentence: {unclear}"
    told = [entry["pointer"] for entry in errors]
    if any(pointer and not re.fullmatch(r"(/([^~/]|~[01]){0,70})+", pointer) for pointer in told):
        yield f"not JSON pointers: {told}"
    if case.pointer is None:
        return
    inside = [at for at in told if at == case.pointer or (case.below and at.startswith(f"{case.pointer}/"))]
    # Where one of several kinds fits, what is wrong with the others is told of the whole.
    above = [at for at in told if case.below and case.pointer.startswith(f"{at}/")]
    if not inside or len(inside) + len(above) != len(told):
        yield f"pointers are {told} for {case.pointer!r}"


def _is_sentence(entry: Json) -> bool:
    """Whether a detail is more than the code in other letters."""
    detail = str(entry["detail"])
    return bool(re.fullmatch(r"[A-Z0-9].+\.", detail)) and detail != f"{entry['code'].replace('_', ' ')}."
