"""The operations of the contract, and one request of each with one thing wrong in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools import endpoints
from tools.template import ROOT

Json = dict[str, Any]
CONTRACT: Json = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
COURSE, LESSON, OTHER = "physical-ai", "foundations/embodiment-hypothesis", "foundations/robot-sensors"
SKILL, EXPERIMENT = "embodiment", "spacing"
CANARY = "zqcanaryqz"
NOBODY = "00000000-0000-4000-8000-000000000000"
ANSWERS: Json = CONTRACT["components"]["schemas"]["AnswersBody"]["examples"][0]


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
            "report": "skills",
            "date": "2026-11-22",
            "iso_week": "2026-W45",
            "receipt_id": NOBODY,
            **values,
        }.items():
            path = path.replace(f"{{{name}}}", value)
        return path + "?path_id=$path" if self.id == "delete_learning_path" else path

    def asking(self, query: str) -> str:
        """The path with something in the query."""
        target = self.target()
        return f"{target}{'&' if '?' in target else '?'}{query}"

    @property
    def good(self) -> Json | None:
        """A body that fits the schema."""
        if self.schema is None:
            return None
        found: Json = CONTRACT["components"]["schemas"][self.schema]["examples"][0]
        return {**found, "path_id": "$path"} if "path_id" in found else found


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
