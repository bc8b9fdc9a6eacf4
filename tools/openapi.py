"""One OpenAPI 3.1 document, merged from the route of every function: `python -m tools.openapi [--check]`."""

import importlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tools import generated, responses
from tools.errors import OperatorError
from tools.template import ROOT, Template

if TYPE_CHECKING:
    from attune.edge.routes import HttpApi

Json = dict[str, Any]
PUBLISHED = ROOT / "docs" / "openapi.json"
PAGES = ROOT / "layers" / "core" / "python" / "attune" / "edge" / "pages"

DESCRIPTION = """\
The personalization backend of a learning site: lessons rewritten for each learner, in the site's own cloud account.

A refusal is a problem (RFC 9457): `code` is stable, and `type` leads to its explanation at `/api/docs`. Bodies are read
strictly: an unknown field, a wrong type or a key twice is refused. `2.0` is the integer 2; `"2"` and `true` are none.
Times are RFC 3339 in UTC.

Only the gateway's own refusals have other bodies: a request without an `Authorization` header where one is needed
(401), too many requests (429), and its own failures (5xx)."""

TAGS: Mapping[str, str] = {
    "identity": "Who is learning: guests with a token of this API, accounts with a token of the site's issuer.",
    "onboarding": "The course's questionnaire and what a learner answered.",
    "preferences": "What a learner chose.",
    "course": "The course as published, for everybody.",
    "lessons": "Lessons rewritten for their reader.",
    "practice": "Sessions of practice, and the skills that are measured from them.",
    "recommendations": "What to do next, and why.",
    "paths": "Plans that fit a learner's days.",
    "progress": "How far a learner has come.",
    "experiments": "Which is better, measured.",
    "administration": "For the owner of the site.",
    "operation": "How the service is doing, and this documentation.",
}
_VALUES = frozenset({"examples", "example", "default", "const", "enum"})
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z`\d])")


def document() -> Json:
    """The whole contract. Raises `OperatorError` where two functions contradict each other."""
    load()
    from attune.edge.health import VERSION
    from attune.edge.views import Problem

    paths: dict[str, Json] = {}
    schemas: Json = {}
    for folder, app in apps():
        path, operation, own = _operation(folder, app)
        place = paths.setdefault(path, {})
        method = operation.pop("method").lower()
        if method in place:
            raise OperatorError(f"{folder} and {place[method]['operationId']} are both {method.upper()} {path}.")
        place[method] = operation
        merge(schemas, own, folder)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    merge(schemas, {**problem.pop("$defs"), "Problem": problem}, "attune.edge.views")
    return _whole(VERSION, paths, _plain(schemas))


def load() -> None:
    """Make the production code importable here; no import of it asks any service."""
    for folder in (str(ROOT), str(ROOT / "layers" / "core" / "python")):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    for name, value in {**Template().environment, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        os.environ.setdefault(name, value)


def apps() -> Iterator[tuple[str, "HttpApi"]]:
    """Every function that has a route, by the name of its folder."""
    for file in sorted((ROOT / "functions").glob("*/app.py")):
        app = getattr(importlib.import_module(f"functions.{file.parent.name}.app"), "app", None)
        if app is not None and app.name:
            yield file.parent.name, app


def _operation(folder: str, app: "HttpApi") -> tuple[str, Json, Json]:
    """A function's path, its operation with the method in it, and the schemas that it names."""
    from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

    made: Json = json.loads(
        app.get_openapi_json_schema(openapi_version="3.1.0", security_schemes={"bearer": HTTPBearer()})
    )
    routes = [(path, *entry) for path, methods in made["paths"].items() for entry in methods.items()]
    if len(routes) != 1 or app.name != folder:
        raise OperatorError(f"functions/{folder}/app.py must declare one route, in a function of the folder's name.")
    ((path, method, operation),) = routes
    if unknown := set(operation["tags"]) - TAGS.keys():
        raise OperatorError(f"functions/{folder}/app.py has the unknown tag {', '.join(unknown)}.")
    operation["method"] = method.upper()
    operation.update(_told(operation))
    for parameter in operation.get("parameters", ()):
        _tidy(parameter)
    responses.complete(operation, public=app.public, admin=app.admin)
    operation["security"] = _security(operation, app)
    schemas = made.get("components", {}).get("schemas", {})
    return path, {name: _plain(value) for name, value in operation.items()}, schemas


def _told(operation: Json) -> Json:
    """The first sentence of what the function says of itself as the summary, the rest as the description."""
    summary, rest = operation.pop("summary"), operation.pop("description")
    first, *others = _SENTENCE.split(summary, maxsplit=1)
    texts = [*others, *([] if rest == summary else re.split(r"\n{2,}", rest))]
    return {"summary": first, **({"description": "\n\n".join(map(_unwrapped, texts))} if texts else {})}


def _unwrapped(paragraph: str) -> str:
    return paragraph.replace("\n", " ")


def _security(operation: Json, app: "HttpApi") -> list[Json]:
    """Whose token is wanted; a public route that may answer 401 takes one or none."""
    if app.public:
        return [{}, {"bearer": ["admin"]}] if "401" in operation["responses"] else []
    return [{"bearer": ["admin"] if app.admin else []}]


def _tidy(parameter: Json) -> None:
    """A parameter that is left out is not null, and a header's name is written as in its RFC."""
    schema: Json = parameter["schema"]
    described = parameter.get("description") or schema.get("description")
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        schema.update(kinds[0])
    schema.pop("description", None)
    if parameter["in"] == "header":
        parameter["name"] = parameter["name"].title()
    if described:
        parameter["description"] = described


def merge(schemas: Json, own: Json, origin: str) -> None:
    """Add a function's schemas. Raises `OperatorError` if one of them is there with another meaning."""
    for name, schema in own.items():
        if schemas.setdefault(name, schema) != schema:
            raise OperatorError(f"{origin} means something else by the schema {name} than another function.")


def _plain(value: Any) -> Any:
    """Without pydantic's titles, which repeat each name, and with whole bounds as whole numbers.

    A field called title stays: its value is a schema.
    """
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    # A map whose keys have a form takes no others; pydantic says so to nobody.
    closed = {"additionalProperties": False} if "patternProperties" in value else {}
    return closed | {
        name: entry if name in _VALUES else int(entry) if name in _BOUNDS and entry == int(entry) else _plain(entry)
        for name, entry in value.items()
        if not (name == "title" and isinstance(entry, str))
    }


def _whole(version: str, paths: dict[str, Json], schemas: Json) -> Json:
    operations = [operation for place in paths.values() for operation in place.values()]
    tags = {tag for operation in operations for tag in operation["tags"]}
    headers = {
        name for operation in operations for answer in operation["responses"].values() for name in answer["headers"]
    }
    used: set[str] = set()
    waiting = _references(paths)
    while waiting:
        used |= waiting
        waiting = {other for name in waiting for other in _references(schemas[name])} - used
    return {
        "openapi": "3.1.0",
        "info": {"title": "Attune", "version": version, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": text} for tag, text in TAGS.items() if tag in tags],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {name: schemas[name] for name in sorted(used)},
            "headers": {
                name: {"description": responses.HEADERS[name], "schema": {"type": "string"}} for name in sorted(headers)
            },
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A guest's token from `POST /api/user/create`, or an account's from its issuer.",
                }
            },
        },
    }


def _references(value: object) -> set[str]:
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(value)))


def files(contract: Json) -> generated.Files:
    """The document for people and, the same without white space, for the package."""
    compact = json.dumps(contract, ensure_ascii=False, separators=(",", ":"))
    return {
        PUBLISHED: json.dumps(contract, ensure_ascii=False, indent=2) + "\n",
        PAGES / "openapi.json": compact + "\n",
    }


def _make() -> generated.Files:
    """Write docs/openapi.json and the copy that is served."""
    return files(document())


if __name__ == "__main__":
    sys.exit(generated.main("openapi", _make))
