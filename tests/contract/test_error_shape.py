"""The shape of every refusal: each route of the contract, used in every wrong way, over HTTP.

What can be sent wrongly follows from docs/openapi.json; the status and the code of its refusal stand here. Every answer
is judged whole, and nothing that is refused leaves a trace in the table or the queue.
"""

import importlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPConnection
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from openapi_schema_validator import OAS31Validator

from tools import endpoints
from tools.course import read
from tools.issuer import new_key
from tools.local import Stack
from tools.publish import publish
from tools.template import ROOT

Json = dict[str, Any]
CONTRACT: Json = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
PROBLEMS = (ROOT / "docs" / "problems.md").read_text("utf-8")
COURSE, LESSON, OTHER = "physical-ai", "foundations/embodiment-hypothesis", "foundations/robot-sensors"
SKILL, EXPERIMENT = "embodiment", "spacing"
CANARY = "zqcanaryqz"
NOBODY = "00000000-0000-4000-8000-000000000000"
ANSWERS: Json = CONTRACT["components"]["schemas"]["AnswersBody"]["examples"][0]
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
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
ELSEWHERE = {
    "internal": "asked for below, with a handler that breaks",
    "issuer_unavailable": "the issuer is of this process: tests/edge/test_auth.py",
    "malformed_body": "the gateway encodes bodies itself: tests/edge/test_request.py",
    "newer_than_code": "a row of the future: tests/store",
    "published_meanwhile": "a race: tests/store",
    "queue_unavailable": "the queue is of this process: tests/functions",
    "secret_unavailable": "a parameter that cannot be read: tests/edge/test_secrets.py",
    "store_busy": "rows under contention: tests/store",
    "store_unavailable": "a table that does not answer: tests/functions",
    "token_algorithm": "a key set with a key of another kind: tests/edge/test_tokens.py",
    "unidentified": "a handler without an authorizer: tests/functions",
}
"""Codes that no request over this gateway can bring about."""


@dataclass(frozen=True)
class Operation:
    """One operation of the contract, and a request of it that is right."""

    id: str
    method: str
    path: str
    public: bool
    admin: bool
    queries: frozenset[str]
    headers: frozenset[str]
    parameters: frozenset[str]
    schema: str | None
    statuses: frozenset[int]

    @property
    def who(self) -> str:
        return "" if self.public else "admin" if self.admin else "ada"

    def target(self, **values: str) -> str:
        """The path with these parameters, or with ones that exist."""
        path = self.path
        for name, value in {
            "course_id": COURSE,
            "slug": LESSON,
            "user_id": "me",
            "skill_id": SKILL,
            "experiment_id": EXPERIMENT,
            **values,
        }.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    @property
    def good(self) -> Json | None:
        """A body that fits the schema."""
        if self.schema is None:
            return None
        found: Json = CONTRACT["components"]["schemas"][self.schema]["examples"][0]
        return found


def _operation(method: str, path: str, found: Json) -> Operation:
    named = {
        place: frozenset(p["name"] for p in found.get("parameters", ()) if p["in"] == place)
        for place in ("query", "header", "path")
    }
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(
        id=found["operationId"],
        method=method,
        path=path,
        public=not found["security"] or {} in found["security"],
        admin={"bearer": ["admin"]} in found["security"] and {} not in found["security"],
        queries=named["query"],
        headers=named["header"],
        parameters=named["path"],
        schema=body["$ref"].rpartition("/")[2] if body else None,
        statuses=frozenset(map(int, found["responses"])),
    )


OPERATIONS = {found.id: found for found in (_operation(*each) for each in endpoints.operations(CONTRACT))}


@dataclass(frozen=True)
class Wrong:
    """One request and the refusal that it must get. `who` holds a token by its name; `pointer` is where it is wrong."""

    name: str
    method: str
    target: str
    status: int
    code: str
    who: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    pointer: str | None = None
    below: bool = False
    members: frozenset[str] = frozenset()
    allow: str | None = None
    varies: bool = False
    chunked: bool = False


def wrong(op: Operation, name: str, status: int, code: str, **changes: Any) -> Wrong:
    """A right request of an operation with one thing changed."""
    target = changes.pop("target", None) or op.target()
    body = changes.pop("body", op.good)
    headers = {"content-type": "application/json"} if op.schema else {}
    documented = changes.pop("documented", True)
    if documented:
        assert status in op.statuses, f"{op.id} does not document {status}: {name}"
    return Wrong(
        name=f"{op.id}: {name}",
        method=changes.pop("method", op.method),
        target=target,
        status=status,
        code=code,
        who=changes.pop("who", op.who),
        headers={**headers, **changes.pop("headers", {})},
        body=body if body is None or isinstance(body, bytes) else json.dumps(body).encode(),
        varies=not op.public,
        **changes,
    )


# The table: who calls -------------------------------------------------------------------------------------------------

BAD_TOKENS = {
    "no scheme": "token_missing",
    "another scheme": "token_missing",
    "no token": "token_missing",
    "not a token": "token_malformed",
    "9 KB": "token_malformed",
    "no key named": "token_malformed",
    "an ID token": "token_malformed",
    "expired": "token_expired",
    "of the future": "token_not_yet_valid",
    "another audience": "token_audience",
    "another issuer": "token_issuer_unknown",
    "an unknown key": "token_key_unknown",
    "forged": "token_invalid",
    "unsigned": "token_invalid",
}


def strangers(op: Operation) -> Iterator[Wrong]:
    """A bad token; and who would be somebody else, or an admin."""
    if op.public:
        return
    for name, code in BAD_TOKENS.items():
        yield wrong(op, f"token: {name}", 401, code, who=name)
    claims = {"x-user-id": NOBODY, "x-admin": "true", "x-amzn-authorizer": '{"kind": "admin"}'}
    if op.admin:
        for who in ("ada", "account"):
            yield wrong(op, f"{who} is no admin", 403, "admin_only", who=who)
            yield wrong(op, f"{who} claims to be one", 403, "admin_only", who=who, headers=claims)
    ways: dict[str, Json] = {
        "header": {"headers": {"x-user-id": NOBODY}},
        "header, empty": {"headers": {"x-user-id": ""}},
        "header, not a UUID": {"headers": {"x-user-id": CANARY}},
        "query": {"target": f"{op.target()}?user_id={NOBODY}"},
        "query, empty": {"target": f"{op.target()}?user_id="},
        "query, twice": {"target": f"{op.target()}?user_id={NOBODY}&user_id={NOBODY}"},
        "both": {"headers": {"x-user-id": NOBODY}, "target": f"{op.target()}?user_id={CANARY}"},
    }
    for name, way in ways.items():
        yield wrong(op, f"another learner in {name}", 404, "not_found", **way)
    if op.schema:
        others: tuple[object, ...] = (NOBODY, CANARY, "", 5, True, [], {}, [NOBODY])
        for value in others:
            body = {**(op.good or {}), "user_id": value}
            yield wrong(op, f"another learner in the body: {value}", 404, "not_found", body=body)


# The table: what it is about ------------------------------------------------------------------------------------------

BAD_IDS = {
    "#": "a%23b",
    "# alone": "%23",
    "..": "..",
    ".. encoded": "%2e%2e",
    "encoded twice": "a%252Fb",
    "upper case": "A",
    "upper case inside": "aB",
    "space": "a%20b",
    "NUL": "%00",
    "new line": "a%0A",
    "CRLF": f"a%0D%0Ax-injected:%20{CANARY}",
    "key syntax": "USER%23x",
    "hyphen first": "-a",
    "dot first": ".a",
    "65 characters": "a" * 65,
    "2 KB": "a" * 2048,
    "composed": "caf%C3%A9",
    "decomposed": "cafe%CC%81",
    "full width": "%EF%BD%81",
    "backslash": "a%5Cb",
    "not UTF-8": "%FF",
    "bidi": "a%E2%80%AEb",
}
BAD_SLUGS = {
    **BAD_IDS,
    "climbing": "a/../b",
    "five segments": "a/b/c/d/e",
    "empty segment": "a//b",
    "open end": "a/",
    "65 characters below": f"a/{'b' * 65}",
    "upper case below": "a/B",
}
BAD_USERS = {
    **BAD_IDS,
    "no UUID": "you",
    "upper case UUID": "550E8400-E29B-41D4-A716-446655440000",
    "braces": "%7B550e8400-e29b-41d4-a716-446655440000%7D",
    "urn": "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
    "no hyphens": "550e8400e29b41d4a716446655440000",
    "me with a line end": "me%0A",
    "a line end": f"{NOBODY}%0A",
}
BAD_PARAMETERS = {
    "course_id": BAD_IDS,
    "slug": BAD_SLUGS,
    "user_id": BAD_USERS,
    "skill_id": BAD_IDS,
    "experiment_id": BAD_IDS,
}
BAD_QUERIES: dict[str, tuple[str, ...]] = {
    "deep": ("maybe", "2", "", "true&deep=true", CANARY),
    "limit": ("0", "101", "-1", "1.5", "", "1e1", "9" * 30, "1&limit=2", CANARY),
    "count": ("0", "21", "-1", "1.5", "", CANARY),
    "time_available": ("0", "1441", "", "half", CANARY),
    "difficulty": ("0", "6", "3.5", "", CANARY),
    "focus_areas": ("", ",", f"{SKILL},", f"{SKILL},,{SKILL}", CANARY, f"{SKILL},{CANARY}", "A", "a%20b", "a" * 1001),
    "exclude": ("", ",", "q1,", "A", "a%20b", "a%00", "a%0A", "%FF", "a" * 1001),
    "goals": ("", CANARY, f"{SKILL},{CANARY}", "A"),
    "kinds": ("", "Learn", "learn,", f"learn,{CANARY}", CANARY),
    "explain": ("", "Full", "true", CANARY),
    "refresh": ("maybe", "2", "", CANARY),
    "status": ("", "pending", "OPEN", CANARY),
}
BAD_CURSORS = ("", "a", "e30", "W10", "bnVsbA", "%00", "%FF", "caf%C3%A9", "W1tbW1tbW1tbW1tb", "W" * 600, CANARY)


def places_named(op: Operation) -> Iterator[Wrong]:
    """Path parameters and the query that name nothing, or cannot name anything."""
    for parameter in op.parameters:
        for name, value in BAD_PARAMETERS[parameter].items():
            yield wrong(
                op,
                f"{parameter}: {name}",
                422,
                "invalid",
                target=op.target(**{parameter: value}),
                pointer=f"/path/{parameter}",
            )
    if "slug" in op.parameters and not op.admin:
        for slug in ("no/such", "a%2Fb", f"{LESSON}/{CANARY}"):
            yield wrong(op, f"no lesson {slug}", 404, "unknown_lesson", target=op.target(slug=slug))
    if "user_id" in op.parameters:
        for subject in (NOBODY, "ffffffff-ffff-ffff-ffff-ffffffffffff", "$bob"):
            yield wrong(op, f"learner {subject}", 404, "unknown_user", target=op.target(user_id=subject))
    if "course" in op.queries:
        for name, value in {**BAD_IDS, "empty": "", "path": "a/b", "list": "a&course=a"}.items():
            target = f"{op.target()}?course={value}"
            yield wrong(op, f"course: {name}", 422, "invalid", target=target, pointer="/query/course")
        if code := UNKNOWN_COURSE.get(op.id, "unknown_course"):
            yield wrong(op, "no course", 404, code, target=f"{op.target()}?course={CANARY}")
    for query in op.queries & BAD_QUERIES.keys():
        for value in BAD_QUERIES[query]:
            target = f"{op.target()}?{query}={value}"
            yield wrong(op, f"{query}: {value[:40]}", 422, "invalid", target=target, pointer=f"/query/{query}")
    if "cursor" in op.queries:
        for value in BAD_CURSORS:
            target = f"{op.target()}?cursor={value}"
            yield wrong(op, f"cursor: {value[:40]}", 400, "malformed_cursor", target=target)
    if "skill_id" in op.parameters:
        yield wrong(op, "no skill", 404, "unknown_skill", target=op.target(skill_id=CANARY))


UNKNOWN_COURSE = {
    # Nothing is kept of a course that is not there, so that there is nothing to clear.
    "clear_personalized": None,
    "get_answers": "not_onboarded",
}

# The table: headers ---------------------------------------------------------------------------------------------------

BAD_TAGS = (
    "",
    " ",
    "1",
    "'1'",
    '"1',
    '1"',
    "W/1",
    'w/"1"',
    '"1" "2"',
    '"1",',
    ',"1"',
    '*, "1"',
    '"1", *',
    '"a b"',
    '"\xe9"',
)
STALE_TAGS = ('"999999"', 'W/"1"', 'W/"1", W/"2"', '"999999", "999998"', f'"{CANARY}"', '""', '"01x"', f'"{"9" * 40}"')


def conditions(op: Operation) -> Iterator[Wrong]:
    """Conditions that cannot be read or do not hold, and preferences and keys that are none."""
    for header in op.headers & {"If-Match", "If-None-Match"}:
        for value in (*BAD_TAGS, CANARY):
            yield wrong(op, f"{header}: {value}", 400, "malformed_header", headers={header: value})
    if "If-Match" in op.headers:
        for value in STALE_TAGS:
            yield wrong(op, f"If-Match: {value}", 412, "precondition_failed", headers={"If-Match": value})
    if "Prefer" in op.headers:
        yield wrong(op, "Prefer, long", 400, "malformed_header", headers={"Prefer": f"wait=1, {CANARY}" + "x" * 1024})
    if "Idempotency-Key" in op.headers:
        for name, key in {"empty": "", "256": CANARY + "x" * 246, "not ASCII": f"{CANARY}\xe9", "space": "a b"}.items():
            yield wrong(op, f"key: {name}", 400, "malformed_idempotency_key", headers={"Idempotency-Key": key})
        for name, key in {
            "short": CANARY,
            "21": "0123456789abcdefghijk",
            "one letter": "a" * 40,
            "five": "abcde" * 9,
        }.items():
            yield wrong(op, f"key: {name}", 422, "weak_idempotency_key", headers={"Idempotency-Key": key})


# The table: bodies ----------------------------------------------------------------------------------------------------

_DEEP = 33
MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "malformed_json"),
    "space": (b" \n ", "malformed_json"),
    "truncated": (b'{"zqcanaryqz": ', "malformed_json"),
    "truncated string": (b'{"zqcanaryqz', "malformed_json"),
    "a word": (b"zqcanaryqz", "malformed_json"),
    "byte order mark": (b"\xef\xbb\xbf{}", "malformed_json"),
    "trailing data": (b'{} "zqcanaryqz"', "malformed_json"),
    "two values": (b"{}{}", "malformed_json"),
    "trailing comma": (b'{"zqcanaryqz": 1,}', "malformed_json"),
    "comment": (b"{} // zqcanaryqz", "malformed_json"),
    "single quotes": (b"{'zqcanaryqz': 1}", "malformed_json"),
    "leading zero": (b'{"a": 01}', "malformed_json"),
    "plus": (b'{"a": +1}', "malformed_json"),
    "hexadecimal": (b'{"a": 0x1}', "malformed_json"),
    "bare point": (b'{"a": .5}', "malformed_json"),
    "line end in a string": (b'{"a": "\n"}', "malformed_json"),
    "unknown escape": (b'{"a": "\\x41"}', "malformed_json"),
    "broken escape": (b'{"a": "\\u00g0"}', "malformed_json"),
    "UTF-16": ("{}".encode("utf-16"), "malformed_json"),
    "Latin-1": (b'{"a": "\xe9"}', "malformed_json"),
    "overlong": (b'{"a": "\xc0\xaf"}', "malformed_json"),
    "surrogate in bytes": (b'{"a": "\xed\xa0\x80"}', "malformed_json"),
    "form": (b"user_id=zqcanaryqz", "malformed_json"),
    "NaN": (b'{"a": NaN}', "not_finite"),
    "Infinity": (b'{"a": Infinity}', "not_finite"),
    "-Infinity": (b'{"a": [-Infinity]}', "not_finite"),
    "1e999": (b'{"a": 1e999}', "not_finite"),
    "-1e999": (b'{"a": {"b": -1e999}}', "not_finite"),
    "key twice": (b'{"a": "zqcanaryqz", "a": 2}', "duplicate_key"),
    "key twice, escaped": (b'{"a": 1, "\\u0061": 2}', "duplicate_key"),
    "key twice, below": (b'{"b": [{"zqcanaryqz": 1, "zqcanaryqz": 1}]}', "duplicate_key"),
    "beyond 2^53": (b'{"a": 9007199254740993}', "integer_too_large"),
    "beyond -2^53": (b'{"a": -9007199254740993}', "integer_too_large"),
    "5000 digits": (b'{"a": ' + b"9" * 5000 + b"}", "integer_too_large"),
    "33 deep": (b"[" * _DEEP + b"]" * _DEEP, "too_deep"),
    "33 objects deep": (b'{"a":' * _DEEP + b"1" + b"}" * _DEEP, "too_deep"),
    "100,000 deep": (b"[" * 100_000, "too_deep"),
    "high surrogate": (b'{"a": "\\ud800"}', "unwanted_character"),
    "low surrogate": (b'{"a": "zqcanaryqz\\udc00"}', "unwanted_character"),
    "surrogates reversed": (b'{"a": "\\udc00\\ud800"}', "unwanted_character"),
    "surrogate in a key": (b'{"\\ud800": 1}', "unwanted_character"),
    "NUL": (b'{"a": "zqcanaryqz\\u0000"}', "unwanted_character"),
    "NUL in a key": (b'{"\\u0000": 1}', "unwanted_character"),
    "NUL itself": (b'{"a": "\x00"}', "unwanted_character"),
}
MEDIA = {
    "none": {"content-type": ""},
    "text": {"content-type": "text/plain"},
    "form": {"content-type": "application/x-www-form-urlencoded"},
    "multipart": {"content-type": f"multipart/form-data; boundary={CANARY}"},
    "problem": {"content-type": "application/problem+json"},
    "patch": {"content-type": "application/merge-patch+json"},
    "lines": {"content-type": "application/jsonl"},
    "two": {"content-type": "application/json, application/json"},
    "Latin-1": {"content-type": "application/json; charset=latin1"},
    "UTF-16": {"content-type": "application/json; charset=utf-16"},
    "another parameter": {"content-type": f"application/json; profile={CANARY}"},
    "gzip": {"content-encoding": "gzip"},
    "brotli": {"content-encoding": "br"},
    "gzip twice": {"content-encoding": "gzip, gzip"},
    "identity and gzip": {"content-encoding": "identity, gzip"},
    "unknown": {"content-encoding": CANARY},
}
NOT_OBJECTS: dict[str, object] = {
    "null": None,
    "list": [],
    "string": CANARY,
    "integer": 1,
    "number": -0.0,
    "true": True,
}


def bodies(op: Operation) -> Iterator[Wrong]:
    """Bodies that cannot be read, are too large, or are not wanted."""
    limit = (5 * 1024 if op.id == "publish_course" else 256) * 1024
    if op.schema is None:
        for name, raw in {"object": b"{}", "space": b" ", "NUL": b"\x00", "text": CANARY.encode()}.items():
            has = {"body": raw, "documented": op.method != "GET"}
            yield wrong(op, f"body: {name}", 400, "unexpected_body", **has)
            yield wrong(op, f"body as JSON: {name}", 400, "unexpected_body", headers=_JSON, **has)
        yield wrong(op, "too large", 413, "too_large", body=b" " * (limit + 1), documented=False)
        return
    for name, (raw, code) in MALFORMED.items():
        yield wrong(op, f"malformed: {name}", 400, code, body=raw)
    for name, headers in MEDIA.items():
        yield wrong(op, f"media type: {name}", 415, "unsupported_media_type", headers=headers)
    yield wrong(
        op, "compressed", 415, "unsupported_media_type", headers={"content-encoding": "gzip"}, body=b"\x1f\x8b\x08"
    )
    good = json.dumps(op.good).encode()
    yield wrong(op, "too large", 413, "too_large", body=good.ljust(limit + 1))
    if not op.admin:
        # What is no text grows on its way through the gateway, which then refuses it itself.
        raw = b"\xff" * (limit + 1)
        yield wrong(op, "too large, not JSON", 413, "too_large", body=raw, headers={"content-type": "x/y"})
    yield wrong(op, "too large, of no length", 413, "too_large", body=b" " * (limit + 1), chunked=True)
    yield wrong(op, "as large as can be", 400, "malformed_json", body=b"{".ljust(limit))
    for name, value in NOT_OBJECTS.items():
        yield wrong(op, f"not an object: {name}", 422, "invalid", body=json.dumps(value).encode(), pointer="")


_JSON = {"content-type": "application/json"}

# The table: fields ----------------------------------------------------------------------------------------------------

SAMPLES = ("x", "en", NOBODY, LESSON, "2026-11-21T07:41:02Z")
POOL: tuple[object, ...] = (
    *("1", "", " ", CANARY, f"{CANARY}#", "A", "a b", "../a", "USER#x", "caf\xe9", "a" * 65, "x" * 5000),
    *(1, 0, -1, 1.0, 1.5, 2**53, True, False, None, [], {}, [None], [[]], {"a": None}, {CANARY: CANARY}),
)
_Place = tuple[str, Json, Any]


def _resolved(schema: Json) -> Json:
    while "$ref" in schema:
        schema = CONTRACT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _kinds(schema: Json) -> list[Json]:
    """The schemas that a value may fit, one by one."""
    schema = _resolved(schema)
    return [kind for each in schema["anyOf"] for kind in _kinds(each)] if "anyOf" in schema else [schema]


def _smallest(schema: Json) -> Any:
    """A value that fits."""
    schema = _kinds(schema)[0]
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return {name: _smallest(schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return [_smallest(schema["items"])] * schema.get("minItems", 0)
        case "string":
            return next(sample for sample in SAMPLES if re.search(schema.get("pattern", ""), sample))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case kind:
            return {"boolean": True, "null": None}[str(kind)]


def _places(schema: Json, pointer: str = "", whole: Any = None) -> Iterator[tuple[str, Json, Any]]:
    """Every place in a body: its pointer, its schema, and what makes a body of a value there."""
    make = whole or (lambda value: value)
    yield pointer, schema, make
    for kind in _kinds(schema):
        if kind.get("type") == "object":
            base = _smallest(kind)
            for name, below in kind.get("properties", {}).items():
                yield from _places(below, f"{pointer}/{name}", _with(make, base, name))
            keyed = list(kind.get("patternProperties", {}).items())
            if isinstance(kind.get("additionalProperties"), dict):
                keyed.append(("", kind["additionalProperties"]))
            for pattern, below in keyed:
                name = next(sample for sample in SAMPLES if re.search(pattern, sample))
                yield from _places(below, f"{pointer}/{name}", _with(make, base, name))
        if kind.get("type") == "array":
            yield from _places(kind["items"], f"{pointer}/0", _in_list(make))


def _with(make: Any, base: Json, name: str) -> Any:
    return lambda value: make({**base, name: value})


def _in_list(make: Any) -> Any:
    return lambda value: make([value])


def _around(schema: Json) -> Iterator[object]:
    """Values just beside those that fit."""
    for kind in _kinds(schema):
        for name in kind.get("enum", ()):
            yield from (name.upper(), name.title(), f"{name} ", f" {name}", [name], {name: name})
        if kind.get("type") in ("integer", "number"):
            low, high = (
                kind.get("minimum", kind.get("exclusiveMinimum")),
                kind.get("maximum", kind.get("exclusiveMaximum")),
            )
            yield from (bound for bound in (low, high) if bound is not None)
            yield from (low - 1 for low in (low,) if low is not None)
            yield from (high + 1 for high in (high,) if high is not None)
            yield from (str(bound) for bound in (low, high) if bound is not None)
        if kind.get("maxLength", 10_000) < 10_000:
            yield "x" * (kind["maxLength"] + 1)
        if kind.get("type") == "array" and kind.get("maxItems", 1000) < 1000:
            yield [_smallest(kind["items"])] * (kind["maxItems"] + 1)
        if kind.get("maxProperties", 1000) < 1000 and kind.get("additionalProperties") is not True:
            pattern, below = next(iter(kind.get("patternProperties", {"": kind.get("additionalProperties")}).items()))
            names = [f"{letter}{other}" for letter in "abcdefghij" for other in "abcdefghij"]
            assert re.search(pattern, names[0])
            yield {name: _smallest(below) for name in names[: kind["maxProperties"] + 1]}


def _fits(schema: Json, value: object) -> bool:
    """Whether the contract allows a value; 1.0 is no integer here, though it is one to JSON Schema."""
    kinds = {kind.get("type") for kind in _kinds(schema)}
    if isinstance(value, float) and "number" not in kinds and None not in kinds:
        return False
    return bool(_validator(json.dumps(schema)).is_valid(value))


@cache
def _validator(schema: str) -> Any:
    return OAS31Validator({**json.loads(schema), "components": CONTRACT["components"]})


def fields(op: Operation) -> Iterator[Wrong]:
    """In every place of the body: each value that does not fit, a field too many, and each field that is missing."""
    if op.schema is None:
        return
    root: Json = {"$ref": f"#/components/schemas/{op.schema}"}
    for pointer, schema, make in _places(root):
        if pointer == "/user_id" and not op.public:
            continue
        seen = set()
        for value in chain(POOL, _around(schema)):
            text = json.dumps(value)
            if text not in seen and not _fits(schema, value):
                seen.add(text)
                told = f"{pointer} is {text[:40]}"
                yield wrong(
                    op, told, 422, "invalid", body=json.dumps(make(value)).encode(), pointer=pointer, below=True
                )
        for kind in _kinds(schema):
            base = _smallest(kind) if kind.get("type") == "object" else {}
            if kind.get("additionalProperties") is False and "properties" in kind:
                surplus = {**base, "surplus/~": CANARY}
                at = f"{pointer}/surplus~1~0"
                yield wrong(
                    op,
                    f"{at} too many",
                    422,
                    "invalid",
                    body=json.dumps(make(surplus)).encode(),
                    pointer=at,
                    below=True,
                )
            for name in kind.get("required", ()):
                rest = {other: value for other, value in base.items() if other != name}
                has = {"body": json.dumps(make(rest)).encode(), "pointer": f"{pointer}/{name}", "below": True}
                yield wrong(op, f"{pointer}/{name} missing", 422, "invalid", **has)


# The table: what only the course or the store can refuse --------------------------------------------------------------

_TWO: Json = {"parts": [{"id": "p", "chapters": [{"id": "a", "lessons": [{"slug": "a"}, {"slug": "b"}]}, {"id": "b"}]}]}


def _cycle(*way: str | int) -> Json:
    """A course of which two chapters, lessons or skills wait for each other."""
    course: Json = json.loads(json.dumps({**_TWO, "skills": [{"id": "a"}, {"id": "b"}]}))
    place: Any = course
    for step in way:
        place = place[step]
    place[0]["prerequisites"], place[1]["prerequisites"] = ["b"], ["a"]
    return course


_Rule = tuple[str, int, str, Json]


def _flawed(name: str, pointer: str, body: Json, **more: Any) -> _Rule:
    return name, 422, "invalid", {"body": body, "pointer": pointer, **more}


def _changed(name: str, pointer: str, **answers: Any) -> _Rule:
    return _flawed(name, pointer, {**ANSWERS, **answers})


def _circular(name: str, *way: str | int) -> _Rule:
    return f"{name}s in a circle", 422, f"{name}_cycle", {"body": _cycle(*way), "members": frozenset({"cycle"})}


def _keyed(key: str, user: str) -> Json:
    return {"body": {"user_id": user}, "headers": {"Idempotency-Key": key}}


def _illegal(name: str, body: Json) -> _Rule:
    return name, 409, "illegal_action", {"body": body, "members": frozenset({"allowed", "current"})}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_SESSION: Json = {
    "session_id": NOBODY,
    "started_at": _now(),
    "attempts": [{"attempt_id": "1", "item_id": "q-embodiment-1", "correct": True, "at": _now()}],
}
_PARTS: tuple[str | int, ...] = ("parts", 0, "chapters")
_LESSON = "# A\n\n## B\n\nText.\n"
_DEEP_HEALTH = "/api/health?deep=true"
_SPACING: Json = CONTRACT["components"]["schemas"]["ExperimentBody"]["examples"][0]
_STANDING = frozenset({"allowed", "current"})


def _arms(params: Json) -> list[Json]:
    return [{"key": key, "weight": 0.5, "params": params} for key in ("A", "B")]


RULES: dict[str, list[_Rule]] = {
    "create_user": [
        _flawed("nil", "/user_id", {"user_id": str(uuid.UUID(int=0))}),
        ("taken", 409, "user_exists", {"body": {"user_id": "$bob"}}),
        ("taken, under a key", 409, "user_exists", _keyed(str(uuid.uuid4()), "$bob")),
        ("another body", 422, "idempotency_key_reused", _keyed("$key", str(uuid.uuid4()))),
    ],
    "renew_token": [
        ("an account", 403, "guests_only", {"who": "account"}),
        ("gone", 401, "unknown_user", {"who": "gone"}),
    ],
    "get_user": [("gone", 401, "unknown_user", {"who": "gone"})],
    "update_user": [("gone", 401, "unknown_user", {"who": "gone"})],
    "submit_onboarding": [
        _flawed("nothing", "", {}, below=True),
        _flawed("one left out", "/education_level", {k: v for k, v in ANSWERS.items() if k != "education_level"}),
        _flawed("not asked", "/a~1b~0", {**ANSWERS, "a/b~": CANARY}),
        _changed("not offered", "/education_level", education_level=CANARY),
        _changed("another case", "/education_level", education_level="Undergraduate"),
        _changed("none of the goals", "/learning_goals", learning_goals=[]),
        _changed("a bad goal", "/learning_goals/1", learning_goals=["hobby", CANARY]),
        _changed("a string for a boolean", "/robotics_background", robotics_background="true"),
    ],
    "update_answers": [
        ("before onboarding", 404, "not_onboarded", {"who": "bob"}),
        ("nothing, before onboarding", 404, "not_onboarded", {"who": "bob", "body": {}}),
        _flawed("not asked", "/unasked", {"unasked": CANARY}),
        _flawed("not offered", "/ai_ml_experience", {"ai_ml_experience": CANARY}),
    ],
    "get_answers": [("before onboarding", 404, "not_onboarded", {"who": "bob"})],
    "put_preferences": [
        _flawed("no goal", "/learning_goals/1", {"learning_goals": ["sensors", CANARY]}),
        _flawed("no time zone", "/time_zone", {"time_zone": f"Europe/{CANARY}"}),
        _flawed("above one", "/learning_style", {"learning_style": {"visual": 0.9}}),
        _flawed("a session longer than the day", "/session_length", {"session_length": 240}),
        _flawed("no extra", "/extras", {"extras": {"surplus": CANARY}}, below=True),
        _flawed("thirty flaws", "", {f"f{n}": CANARY for n in range(30)}, below=True),
    ],
    "personalize_lesson": [
        ("no lesson", 404, "unknown_lesson", {"body": {"lesson_slug": "no/such"}}),
        ("another original", 409, "content_changed", {"body": {"lesson_slug": LESSON, "original_content": CANARY}}),
        # Of the same lesson it would be the same request again, while that is being written.
        ("again today", 429, "regenerated_today", {"body": {"lesson_slug": OTHER, "regenerate": True}}),
    ],
    "rate_personalized": [
        ("no lesson", 404, "unknown_lesson", {"body": {"lesson_slug": "no/such", "rating": 2}}),
        ("never asked for", 409, "nothing_to_rate", {"who": "bob"}),
    ],
    "record_session": [
        _flawed(
            "ends before it has begun",
            "",
            {**_SESSION, "started_at": "2026-11-21T07:40:01Z", "ended_at": "2026-11-21T07:40:00Z"},
        ),
        _flawed("no day", "/started_at", {**_SESSION, "started_at": "2026-02-30T07:40:00Z"}),
        _flawed("before time", "/started_at", {**_SESSION, "started_at": "1969-12-31T23:59:59Z"}),
        ("gone", 404, "unknown_user", {"who": "gone", "body": _SESSION}),
    ],
    "claim_skill": [("gone", 404, "unknown_user", {"who": "gone"})],
    "list_recommendations": [("gone", 404, "unknown_user", {"who": "gone"})],
    "list_training_recommendations": [("gone", 404, "unknown_user", {"who": "gone"})],
    "answer_recommendation": [
        ("of nobody", 404, "unknown_recommendation", {"body": {"recommendation_id": NOBODY, "action": "accept"}}),
        _illegal("declined already", {"recommendation_id": "$declined", "action": "accept"}),
        _illegal("declined otherwise", {"recommendation_id": "$declined", "action": "decline", "reason": "seen"}),
    ],
    "complete_recommendation": [
        ("of nobody", 404, "unknown_recommendation", {"body": {"recommendation_id": NOBODY, "completion_time": 1}}),
        _illegal("declined", {"recommendation_id": "$declined", "completion_time": 1}),
    ],
    "put_lesson": [
        _flawed("no title", "/content", {"content": CANARY}),
        _flawed(
            "another form", "/translations/ur", {"content": _LESSON, "translations": {"ur": f"# {CANARY}\n\nText.\n"}}
        ),
    ],
    "publish_course": [
        _flawed("nothing", "", {}),
        _flawed("switch and more", "", {"switch_to": 1, "title": CANARY}),
        ("no version", 404, "unknown_version", {"body": {"switch_to": 999}}),
        ("no course", 404, "unknown_course", {"body": {"switch_to": 1}, "target": "/api/admin/courses/nowhere"}),
        _flawed("no text", "/parts/0/chapters/0/lessons", _TWO, target="/api/admin/courses/nowhere", below=True),
        _flawed("no skill", "/items/0/skills", {**_TWO, "items": [{"id": "a", "skills": [CANARY]}]}, below=True),
        _circular("skill", "skills"),
        _circular("chapter", *_PARTS),
        _circular("lesson", *_PARTS, 0, "lessons"),
    ],
    "put_experiment": [
        _flawed("weights that are none", "/arms", {**_SPACING, "arms": [*_arms({}), {"key": "C", "weight": 0.5}]}),
        _flawed(
            "no parameter",
            f"/arms/0/params/{CANARY}",
            {**_SPACING, "arms": [_arms({CANARY: 1})[0], _arms({})[1]]},
            below=True,
        ),
        _flawed("another holdout", "/holdout", {**_SPACING, "holdout": 0.5}),
        _flawed("no rule", "/eligibility/any", {**_SPACING, "eligibility": {"any": CANARY}}),
        _flawed("neither a share nor a variance", "/detect", {**_SPACING, "detect": {"change": 1.0}}),
        ("running", 409, "experiment_immutable", {"body": {**_SPACING, "seed": CANARY}, "members": _STANDING}),
    ],
    "act_on_experiment": [
        ("running already", 409, "illegal_action", {"body": {"action": "start"}, "members": _STANDING}),
        _flawed("less coverage", "/coverage", {"action": "grow_coverage", "coverage": 0.1}),
        _flawed("no arm", "/winner", {"action": "stop", "winner": CANARY}),
        _flawed("no coverage", "", {"action": "grow_coverage"}),
        _flawed("a winner of a pause", "", {"action": "pause", "winner": "A"}),
        ("no experiment", 404, "unknown_experiment", {"target": "/api/admin/experiments/nothing/actions"}),
        (
            "room that is taken",
            409,
            "layer_taken",
            {"target": "/api/admin/experiments/rival/actions", "members": frozenset({"experiments"})},
        ),
        ("a layer that is not served", 409, "layer_not_served", {"target": "/api/admin/experiments/unserved/actions"}),
    ],
    "get_experiment_results": [
        ("no experiment", 404, "unknown_experiment", {"target": "/api/admin/experiments/nothing/results"})
    ],
    "leave_experiment": [
        ("no experiment", 404, "unknown_experiment", {"target": "/api/experiments/nothing"}),
        ("over", 404, "unknown_experiment", {"target": "/api/experiments/over"}),
        ("gone", 404, "unknown_user", {"who": "gone"}),
    ],
    "record_outcome": [
        ("no experiment", 404, "unknown_experiment", {"target": "/api/experiments/nothing/outcomes"}),
        (
            "over",
            409,
            "experiment_closed",
            {"target": "/api/experiments/over/outcomes", "members": frozenset({"current"})},
        ),
        _flawed("no metric", "/metric", {"event_id": "e", "metric": CANARY, "value": 1}),
        _flawed("a metric of ours", "/metric", {"event_id": "e", "metric": "completed_within_7d", "value": 1}),
        _flawed("neither", "/value", {"event_id": "e", "metric": "dropout_14d", "value": 0.5}),
    ],
    "get_health": [
        ("deep, for nobody", 401, "token_missing", {"target": _DEEP_HEALTH}),
        ("deep, for a forger", 401, "token_invalid", {"target": _DEEP_HEALTH, "who": "forged"}),
        ("deep, for a guest", 403, "admin_only", {"target": _DEEP_HEALTH, "who": "ada"}),
    ],
    "get_book": [("incomplete", 503, "course_incomplete", {"target": "/api/content/book?course=broken"})],
    "get_lesson": [("incomplete", 503, "course_incomplete", {"target": "/api/content/lessons/a?course=broken"})],
}


def rules(op: Operation) -> Iterator[Wrong]:
    for name, status, code, changes in RULES.get(op.id, ()):
        yield wrong(op, name, status, code, **changes)


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


# The world, and how it is asked ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header; None without it, and the values one below the other if it came more than once."""
        return "\n".join(value for key, value in self.headers if key.lower() == name) or None


class World:
    """A running Attune, the tokens of those who ask it, and the names that only it knows."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        owner = stack.api(stack.admin())
        publish(owner, read(ROOT / "courses" / COURSE))
        self.subjects: dict[str, str] = {"key": str(uuid.uuid4())}
        self.tokens = {"admin": stack.admin(), "account": stack.account()}
        for name in ("ada", "bob", "gone"):
            made = stack.api().post("/api/user/create", {}).json
            self.subjects[name], self.tokens[name] = made["id"], made["token"]
        stack.api().post("/api/user/create", {}, idempotency_key=self.subjects["key"])
        ada = stack.api(self.tokens["ada"])
        ada.post("/api/onboarding", ANSWERS)
        ada.put("/api/personalization/preferences", {"feedback_style": "simple"})
        ada.post("/api/personalize", {"lesson_slug": LESSON, "regenerate": True})
        recommendations = "/api/personalization/recommendations"
        self.subjects["declined"] = ada.get(recommendations).json["items"][0]["id"]
        ada.post(recommendations, {"recommendation_id": self.subjects["declined"], "action": "decline"})
        self._begin_experiments(owner)
        self._break_a_course(owner)
        self._remove(lambda item: item["pk"]["S"].endswith(self.subjects["gone"]))
        self._forge()

    def _begin_experiments(self, owner: Any) -> None:
        """One that runs, one that is over, one that has no room, and one that nothing would serve."""
        path = "/api/admin/experiments"
        for name, changes in {
            EXPERIMENT: {"part": [0.0, 0.9]},
            "over": {"part": [0.9, 1.0]},
            "rival": {},
            "unserved": {"layer": "writing", "arms": _arms({})},
        }.items():
            owner.put(f"{path}/{name}", {**_SPACING, **changes})
        for name, action in ((EXPERIMENT, "start"), ("over", "start"), ("over", "stop")):
            owner.post(f"{path}/{name}/actions", {"action": action})

    def _break_a_course(self, owner: Any) -> None:
        owner.put("/api/admin/courses/broken/lessons/a", {"content": "# A\n\n## B\n\nSome text.\n"})
        owner.put(
            "/api/admin/courses/broken", {"parts": [{"id": "p", "chapters": [{"id": "c", "lessons": [{"slug": "a"}]}]}]}
        )
        self._remove(lambda item: item["pk"]["S"] == "COURSE#broken" and item["sk"]["S"].startswith("MANIFEST#"))

    def _remove(self, which: Any) -> None:
        found = [item for item in self.scan() if which(item)]
        assert found
        for item in found:
            key = {name: item[name] for name in ("pk", "sk")}
            self.stack.client("dynamodb").delete_item(TableName=self.stack.table, Key=key)

    def _forge(self) -> None:
        """The bad tokens; `Authorization` holds each as it stands, if it has a space."""
        issuer = self.stack.issuer
        good = issuer.account("ada")
        claims = jwt.decode(good, options={"verify_signature": False})
        kid = jwt.get_unverified_header(good)["kid"]
        self.tokens |= {
            "no scheme": f"{CANARY} ",
            "another scheme": f"Basic {CANARY}",
            "no token": "Bearer",
            "not a token": CANARY,
            "9 KB": CANARY + "a" * 9000,
            "no key named": jwt.encode(claims, new_key(), "ES256"),
            "an ID token": issuer.account("ada", token_use="id"),
            "expired": issuer.account("ada", lifetime=-120),
            "of the future": issuer.account("ada", nbf=claims["iat"] + 3600),
            "another audience": issuer.account("ada", aud=CANARY),
            "another issuer": issuer.account("ada", iss=f"https://{CANARY}.example"),
            "an unknown key": jwt.encode(claims, new_key(), "ES256", headers={"kid": CANARY}),
            "forged": jwt.encode(claims, new_key(), "ES256", headers={"kid": kid}),
            "unsigned": jwt.encode(claims, "", "none", headers={"kid": kid}),
        }

    def scan(self) -> list[Json]:
        """Every row of the table."""
        pages = self.stack.client("dynamodb").get_paginator("scan").paginate(TableName=self.stack.table)
        return sorted(
            (item for page in pages for item in page["Items"]), key=lambda item: (item["pk"]["S"], item["sk"]["S"])
        )

    def state(self) -> tuple[list[Json], str]:
        """All that a request could change."""
        sqs, name = self.stack.client("sqs"), "ApproximateNumberOfMessages"
        queue = sqs.get_queue_attributes(QueueUrl=self.stack.queue("SectionQueue"), AttributeNames=[name])
        return self.scan(), queue["Attributes"][name]

    def filled(self, case: Wrong) -> Wrong:
        """The case with the names that only this world knows in place of `$bob`, `$key` and `$declined`."""

        def put(text: str) -> str:
            return re.sub(r"\$(bob|key|declined)", lambda match: self.subjects[match[1]], text)

        body = case.body
        if body is not None and re.search(rb"\$(bob|declined)", body):
            body = put(body.decode()).encode()
        headers = {name: put(value) for name, value in case.headers.items()}
        if token := self.tokens.get(case.who):
            headers["authorization"] = token if " " in token or token == "Bearer" else f"Bearer {token}"
        return replace(case, target=put(case.target), body=body, headers=headers)

    def ask(self, cases: Iterable[Wrong]) -> list[tuple[Wrong, Answer]]:
        """Every case, on a few connections at once."""
        filled = [self.filled(case) for case in cases]
        with ThreadPoolExecutor(4) as pool:
            asked = pool.map(self._ask, [filled[start::4] for start in range(4)])
            return [each for part in asked for each in part]

    def _ask(self, cases: Sequence[Wrong]) -> list[tuple[Wrong, Answer]]:
        with closing(HTTPConnection(urlsplit(self.stack.url).netloc, timeout=30)) as connection:
            return [(case, _send(connection, case)) for case in cases]

    def refuses(self, cases: Iterable[Wrong]) -> None:
        """Every case is refused as it should be, and leaves no trace."""
        before = self.state()
        asked = self.ask(cases)
        assert asked
        found = [f"{case.name}: {fault}" for case, answer in asked for fault in faults(case, answer)]
        assert not found, f"{len(found)} faults in {len(asked)} answers:\n" + "\n".join(found[:40])
        assert self.state() == before


def _send(connection: HTTPConnection, case: Wrong) -> Answer:
    """A request exactly as it is written: no client may tidy it."""
    connection.putrequest(case.method, case.target, skip_accept_encoding=True)
    for name, value in case.headers.items():
        connection.putheader(name, value.encode("latin-1"))
    if case.chunked:
        connection.putheader("transfer-encoding", "chunked")
        connection.endheaders([case.body or b""], encode_chunked=True)
    else:
        if case.body is not None:
            connection.putheader("content-length", str(len(case.body)))
        connection.endheaders(case.body)
    answer = connection.getresponse()
    return Answer(answer.status, answer.getheaders(), answer.read())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Stack(env={"WAITERS": "0", "DEFAULT_COURSE": COURSE}, pollers=False) as stack:
        yield World(stack)


# What a refusal looks like --------------------------------------------------------------------------------------------

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


# The tests ------------------------------------------------------------------------------------------------------------

SECTIONS = (strangers, places_named, conditions, bodies, fields, rules)


@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_is_wrong_is_refused_in_one_shape_and_changes_nothing(world: World, name: str) -> None:
    world.refuses(case for section in SECTIONS for case in section(OPERATIONS[name]))


def test_a_method_that_a_path_does_not_take_is_405(world: World) -> None:
    world.refuses(case for path in CONTRACT["paths"] for case in methods(path))


def test_a_path_that_is_none_is_404(world: World) -> None:
    world.refuses(unknown_paths())


def test_what_breaks_is_500_and_says_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(importlib.import_module("attune.actions.read_lesson"), "run", broken)
    world.refuses([wrong(OPERATIONS["get_lesson"], "broken", 500, "internal")])


def test_without_a_token_the_gateway_answers_in_its_own_words(world: World) -> None:
    """The one refusal that is not ours; a body or a header that tells of an authorizer changes nothing about it."""
    claim = {"requestContext": {"authorizer": {"lambda": {"kind": "admin", "subject": NOBODY}}}}
    spoofed = {"x-user-id": NOBODY, "x-amzn-request-context": json.dumps(claim)}
    protected = [op for op in OPERATIONS.values() if not op.public]
    assert protected
    before = world.state()
    asked = world.ask(
        wrong(op, "", 401, "", who="", headers=headers, body=claim if op.schema else None)
        for op in protected
        for headers in ({}, spoofed, {"authorization": ""})
    )
    assert {(answer.status, answer.body) for _, answer in asked} == {(401, b'{"message": "Unauthorized"}')}
    assert {answer.header("www-authenticate") for _, answer in asked} == {"Bearer"}
    assert world.state() == before


def test_a_foreign_learner_is_like_none(world: World) -> None:
    """Nobody learns from a refusal whether an id exists."""
    op = OPERATIONS["get_user"]
    asked = world.ask(wrong(op, "", 404, "", target=op.target(user_id=subject)) for subject in ("$bob", NOBODY))
    (bob, nobody) = (json.loads(answer.body) for _, answer in asked)
    assert {**bob, "instance": ""} == {**nobody, "instance": ""}


def test_the_request_id_that_is_sent_names_the_problem(world: World) -> None:
    op, name = OPERATIONS["get_lesson"], "abcdefgh-0123"
    asked = world.ask([wrong(op, "", 404, "", target=op.target(slug="no"), headers={"x-request-id": name})])
    ((_, answer),) = asked
    assert answer.header("x-request-id") == json.loads(answer.body)["instance"] == name


def test_every_documented_problem_is_brought_about() -> None:
    brought = {case.code for op in OPERATIONS.values() for section in SECTIONS for case in section(op)}
    brought |= {case.code for path in CONTRACT["paths"] for case in methods(path)}
    brought |= {case.code for case in unknown_paths()}
    assert brought | ELSEWHERE.keys() == codes().keys()
    assert not brought & ELSEWHERE.keys()


def test_every_problem_has_its_place_in_the_documentation(world: World) -> None:
    page = world.stack.api().get("/api/docs").body.decode()
    assert codes().keys() == {found for found in re.findall(r'id="(\w+)"', page) if found in codes()}
