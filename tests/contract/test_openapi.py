"""Code, template, contract, events and pages say the same; and the rules of rooms that the import linter cannot see."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from attune.domain.jobs import job
from tests.contract.declared import TEMPLATE
from tools import endpoints, generated, openapi
from tools.data_model import MARKERS
from tools.errors import OperatorError
from tools.template import ROOT

Json = dict[str, Any]
CORE = ROOT / "layers" / "core" / "python" / "attune"
PAGES = CORE / "edge" / "pages"
CONTRACT: Json = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
HTML = (PAGES / "docs.html").read_text("utf-8")
OPERATIONS = {(method, path): operation for method, path, operation in endpoints.operations(CONTRACT)}
ROUTES = {(route.method, route.path.replace("+}", "}")): route for route in TEMPLATE.routes if route.key != "$default"}
HANDLERS = sorted((ROOT / "functions").glob("*/app.py"))


def names(operation: Json) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", ())}


# The contract ---------------------------------------------------------------------------------------------------------


def test_nothing_generated_is_stale() -> None:
    ran = subprocess.run([sys.executable, "-m", "tools.docs", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_document_is_valid_openapi() -> None:
    assert not list(OpenAPIV31SpecValidator(CONTRACT).iter_errors())
    assert json.loads((PAGES / "openapi.json").read_text("utf-8")) == CONTRACT


def test_routes_of_the_template_are_the_operations() -> None:
    assert ROUTES.keys() == OPERATIONS.keys()


def test_an_operation_is_named_after_its_function() -> None:
    named = {place: operation["operationId"] for place, operation in OPERATIONS.items()}
    assert named == {place: TEMPLATE.functions[route.function].name for place, route in ROUTES.items()}
    assert len(set(named.values())) == len(named)


def test_public_operations_are_those_without_an_authorizer() -> None:
    public = {
        place for place, operation in OPERATIONS.items() if not operation["security"] or {} in operation["security"]
    }
    assert public == {place for place, route in ROUTES.items() if route.authorizer is None}


def test_every_schema_is_defined_once_and_used() -> None:
    def once(pairs: list[tuple[str, Any]]) -> Json:
        assert not [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
        return dict(pairs)

    text = (ROOT / "docs" / "openapi.json").read_text("utf-8")
    json.loads(text, object_pairs_hook=once)
    used = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert used == CONTRACT["components"]["schemas"].keys()
    assert not {"HTTPValidationError", "ValidationError"} & used


def test_two_meanings_of_one_schema_are_refused() -> None:
    schemas: Json = {"View": {"type": "object"}}
    openapi.merge(schemas, {"View": {"type": "object"}}, "functions/one")
    with pytest.raises(OperatorError, match="View"):
        openapi.merge(schemas, {"View": {"type": "string"}}, "functions/other")


def test_every_body_has_examples_that_fit() -> None:
    for operation in OPERATIONS.values():
        if "requestBody" in operation:
            reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            schema = CONTRACT["components"]["schemas"][reference.rpartition("/")[2]]
            validator = OAS31Validator({"$ref": reference, "components": CONTRACT["components"]})
            assert schema.get("examples"), operation["operationId"]
            assert not [
                list(validator.iter_errors(each)) for each in schema["examples"] if not validator.is_valid(each)
            ]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_are_those_that_can_happen(method: str, path: str) -> None:
    operation = OPERATIONS[method, path]
    answers, body = operation["responses"], "requestBody" in operation
    public, admin = not operation["security"], {"bearer": ["admin"]} in operation["security"]
    assert ("304" in answers) == ("If-None-Match" in names(operation))
    assert ("412" in answers) == ("If-Match" in names(operation))
    assert ("415" in answers) == body
    assert ("413" in answers) == (method != "GET")
    assert ("401" in answers) == (not public)
    assert ("403" in answers) == (admin or operation["operationId"] in ("renew_token", "link_user"))
    assert "422" in answers or not (body or "{" in path)
    for status, answer in answers.items():
        assert "X-Request-Id" in answer["headers"]
        assert ("content" in answer) == (status not in ("204", "304"))
        if int(status) >= 400:
            assert answer["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }
    assert "WWW-Authenticate" in answers.get("401", {"headers": "WWW-Authenticate"})["headers"]


def test_stale_files_are_told_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Make a file."""

    def make() -> generated.Files:
        return {tmp_path / "new" / "file": "text\n"}

    assert generated.main("docs", make, ["--check"]) == 1
    assert not (tmp_path / "new").exists()
    assert generated.main("docs", make, []) == 0
    assert generated.main("docs", make, ["--check"]) == 0
    assert capsys.readouterr().out.count("file is stale") == 1


# The pages ------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page refers to, and what in it can be referred to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, name: str) -> Iterator[str]:
        return (attributes[name] or "" for _, attributes in self.tags if name in attributes)


PAGE = Page(HTML)


def test_the_page_loads_nothing() -> None:
    assert not [tag for tag, _ in PAGE.tags if tag in {"link", "img", "iframe", "object", "embed", "base", "video"}]
    assert not [
        name for _, attributes in PAGE.tags for name in attributes if name in {"src", "style"} or name[:2] == "on"
    ]
    assert {href for href in PAGE.values("href") if not href.startswith("#")} == {"/api/openapi.json"}
    assert not re.search(r"url\(|@import|https?://|innerHTML|eval\(|Storage", HTML)


def test_the_page_may_run_its_own_script_and_style_alone() -> None:
    from attune.edge import static

    policy = str(static.page().headers["Content-Security-Policy"])
    for tag in ("script", "style"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", HTML, re.DOTALL)
        assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
        assert [attributes for name, attributes in PAGE.tags if name == tag] == [{}]


def test_every_link_of_the_page_leads_somewhere() -> None:
    ids = Counter(PAGE.values("id"))
    assert not [name for name, count in ids.items() if count > 1]
    targets = {href[1:] for href in PAGE.values("href") if href.startswith("#")}
    assert targets | {*PAGE.values("for"), *PAGE.values("aria-labelledby")} <= ids.keys()
    assert {operation["operationId"] for operation in OPERATIONS.values()} <= ids.keys()


def test_every_input_of_the_page_has_a_label() -> None:
    inputs = {attributes["id"] for tag, attributes in PAGE.tags if tag in {"input", "textarea", "select"}}
    assert inputs == {*PAGE.values("for")}


def test_every_problem_has_its_place_in_both_pages() -> None:
    headings = set(re.findall(r"^### (\w+)$", (ROOT / "docs" / "problems.md").read_text("utf-8"), re.MULTILINE))
    raised = re.compile(
        r"\b(?:Malformed|Unidentified|Forbidden|NotFound|Conflict|TooMany|Unavailable|Invalid)"
        r'\((?:[^()]*\bcode=)?"(\w+)"'
    )
    files = [file for folder in (CORE, ROOT / "functions") for file in folder.rglob("*.py")]
    sources = [file.read_text("utf-8") for file in files]
    codes = {code for source in sources for code in raised.findall(source)}
    assert len(codes) > 20
    assert codes | {"invalid", "internal", "not_found", "precondition_failed", "method_not_allowed"} <= headings
    assert headings <= {*PAGE.values("id")}


def test_every_kind_of_row_is_in_the_data_model() -> None:
    page = (ROOT / "docs" / "data-model.md").read_text("utf-8")
    kinds = re.findall(r'discriminator="(\w+)"', (CORE / "store" / "items.py").read_text("utf-8"))
    assert kinds == re.findall(r"^### (\w+)$", page, re.MULTILINE)
    # What stands in the place of another row has no key of its own.
    assert set(kinds) - set(MARKERS) == set(re.findall(r"\]\(#(\w+)\)", page)) - set(MARKERS)


# Events ---------------------------------------------------------------------------------------------------------------


def event(name: str) -> Json:
    found: Json = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    return found


def test_there_is_one_event_a_function() -> None:
    assert {file.stem for file in (ROOT / "events").iterdir()} == {file.parent.name for file in HANDLERS}


@pytest.mark.parametrize("place", ROUTES)
def test_the_event_of_a_route_is_what_the_gateway_makes(place: tuple[str, str]) -> None:
    route = ROUTES[place]
    found = event(TEMPLATE.functions[route.function].name)
    asked = found["requestContext"]["http"]
    assert (found["version"], found["routeKey"]) == ("2.0", route.key)
    assert (asked["method"], asked["path"]) == (route.method, found["rawPath"])
    assert found.get("pathParameters", {}) == route.parameters(found["rawPath"])
    assert all(name == name.lower() for name in found["headers"])
    assert ("authorizer" in found["requestContext"]) == (route.authorizer is not None)
    if route.authorizer:
        caller = found["requestContext"]["authorizer"]["lambda"]
        admin = OPERATIONS[place]["security"] == [{"bearer": ["admin"]}]
        kind = "account" if admin or found["rawPath"] == "/api/user/link" else "guest"
        assert (caller["kind"], "admin" in caller["scopes"]) == (kind, admin)
    if "body" in found:
        reference = OPERATIONS[place]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        OAS31Validator({"$ref": reference, "components": CONTRACT["components"]}).validate(json.loads(found["body"]))


def test_the_event_of_a_queue_is_a_batch_of_one() -> None:
    for mapped in TEMPLATE.mapped:
        (record,) = event(mapped.function.name)["Records"]
        assert record["eventSource"] == "aws:sqs"
        body = json.loads(record["body"])
        assert job(record["body"]) if "job" in body else body["type"] == mapped.function.name


# The rules of the rooms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", HANDLERS, ids=lambda file: file.parent.name)
def test_a_handler_is_short_and_alone(file: Path) -> None:
    lines = len(file.read_text("utf-8").splitlines())
    routed = any(operation["operationId"] == file.parent.name for operation in OPERATIONS.values())
    assert (15 if routed else 1) <= lines <= 40
    assert {each.name for each in file.parent.iterdir()} - {"__pycache__"} <= {"app.py", "requirements.txt"}


def test_the_domain_has_no_clock_no_chance_and_no_surroundings() -> None:
    outside = re.compile(
        r"\b(?:datetime\.(?:now|utcnow|today)|date\.today|time\.(?:time|monotonic)|os\.environ|os\.getenv)\b"
        r"|^\s*(?:import|from) (?:random|secrets|logging|time|os)\b|uuid[14]\(",
        re.MULTILINE,
    )
    found = {file.name: outside.findall(file.read_text("utf-8")) for file in (CORE / "domain").rglob("*.py")}
    assert not {name: calls for name, calls in found.items() if calls}


def test_keys_are_made_in_one_place() -> None:
    keys = CORE / "store" / "keys.py"
    prefixes = set(re.findall(r'f?"([A-Z]+#)', keys.read_text("utf-8")))
    assert {"USER#", "COURSE#", "SECTION#"} <= prefixes
    others = [file for folder in (CORE, ROOT / "functions") for file in folder.rglob("*.py") if file != keys]
    assert not [file.name for file in others if any(prefix in file.read_text("utf-8") for prefix in prefixes)]
