"""The page at /api/docs: every operation and every problem as HTML that needs nothing from elsewhere."""

import json
from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any

from tools import endpoints, generated, openapi, responses
from tools.problems import Problem, by_status
from tools.schema_html import Schemas, prose
from tools.template import ROOT

Json = dict[str, Any]
PAGE = openapi.PAGES / "docs.html"
SOURCES = ROOT / "tools" / "page"
_TRY = """\
<section class="token" aria-labelledby="token-title" data-script hidden>
<h2 id="token-title">Try it</h2>
<p>Each operation below has a form that sends a request to this very service. <a href="#create_user">create_user</a>
gives a guest's token and puts it here. It is kept in this page's memory and nowhere else.</p>
<label for="token">Bearer token</label>
<input id="token" type="password" autocomplete="off" spellcheck="false">
</section>"""


def files(contract: Json, problems: list[Problem]) -> generated.Files:
    return {PAGE: page(contract, problems)}


def page(contract: Json, problems: list[Problem]) -> str:
    """The whole page."""
    info = contract["info"]
    title = f"{escape(info['title'])} API"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{(SOURCES / "page.css").read_text("utf-8")}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the operations</a>
<header>
<h1>{title} <small>{escape(info["version"])}</small></h1>
{_paragraphs(info["description"])}
<p><a href="/api/openapi.json">OpenAPI 3.1 document</a></p>
</header>
<div class="columns">
{_contents(contract, problems)}
<main id="main" tabindex="-1">
{_TRY}
{"".join(_sections(contract))}
{_problems(problems)}
</main>
</div>
<script>{(SOURCES / "page.js").read_text("utf-8")}</script>
</body>
</html>
"""


def _contents(contract: Json, problems: list[Problem]) -> str:
    lists = []
    for tag, listed in _by_tag(contract):
        links = "".join(
            f'<li><a href="#{name}">{_method(method)} {name}</a></li>'
            for method, name in ((method, escape(operation["operationId"])) for method, _, operation in listed)
        )
        lists.append(f'<li><a class="tag" href="#tag-{tag}">{tag}</a><ul>{links}</ul></li>')
    statuses = "".join(
        f'<li><a href="#status-{status}">{status} {escape(responses.STATUSES[status][0])}</a></li>'
        for status, listed in by_status(problems).items()
        if listed
    )
    return f"""<nav aria-label="Contents">
<details open><summary>Contents</summary>
<p data-script hidden><label for="filter">Filter</label> <input id="filter" type="search" autocomplete="off"></p>
<ul>{"".join(lists)}<li><a class="tag" href="#problems">problems</a><ul>{statuses}</ul></li></ul>
</details>
</nav>"""


def _by_tag(contract: Json) -> Iterator[tuple[str, list[tuple[str, str, Json]]]]:
    for tag, listed in groupby(endpoints.operations(contract), lambda entry: str(entry[2]["tags"][0])):
        yield tag, list(listed)


def _sections(contract: Json) -> Iterator[str]:
    told = {tag["name"]: tag["description"] for tag in contract["tags"]}
    schemas = Schemas(contract["components"]["schemas"])
    for tag, listed in _by_tag(contract):
        articles = "".join(_operation(method, path, operation, schemas, contract) for method, path, operation in listed)
        heading = f'<h2 id="tag-{tag}">{tag}</h2><p>{prose(told[tag])}</p>'
        yield f'<section aria-labelledby="tag-{tag}">{heading}{articles}</section>\n'


def _operation(method: str, path: str, operation: Json, schemas: Schemas, contract: Json) -> str:
    name = escape(operation["operationId"])
    old = ' <strong class="deprecated">deprecated</strong>' if operation.get("deprecated") else ""
    return (
        f'\n<article id="{name}" aria-labelledby="{name}-title">'
        f'<h3 id="{name}-title"><a href="#{name}">{name}</a>{old}</h3>'
        f'<p class="route">{_method(method)} <code>{_breakable(path)}</code>'
        f' <span class="who">for {escape(endpoints.who(operation))}</span></p>'
        f"<p><strong>{prose(operation['summary'])}</strong></p>"
        + _paragraphs(operation.get("description", ""))
        + _parameters(operation, schemas)
        + _body(operation, schemas, contract)
        + _answers(operation, schemas)
        + _form(method, path, operation, contract)
        + "</article>"
    )


def _parameters(operation: Json, schemas: Schemas) -> str:
    entries = []
    for parameter in operation.get("parameters", ()):
        entries.append(
            f'<li><code class="name">{escape(parameter["name"])}</code> '
            f'<span class="type">in {parameter["in"]}: {schemas.value(parameter["schema"])}</span>'
            + (' <span class="required">required</span>' if parameter.get("required") else "")
            + (f"<p>{prose(parameter['description'])}</p>" if "description" in parameter else "")
            + "</li>"
        )
    return f'<h4>Parameters</h4><ul class="fields">{"".join(entries)}</ul>' if entries else ""


def _body(operation: Json, schemas: Schemas, contract: Json) -> str:
    if "requestBody" not in operation:
        return ""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    fields = schemas.fields(schema) or f"<p>{schemas.kind(schema)}</p>"
    examples = "".join(f"<pre>{escape(_pretty(each))}</pre>" for each in _examples(operation, contract))
    return (
        f"<h4>Body</h4><details><summary>Fields of the body</summary>{fields}</details>"
        f'<div class="example"><h5>Example</h5>{examples}</div>'
    )


def _answers(operation: Json, schemas: Schemas) -> str:
    entries, refusals = [], []
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            refusals.append(f'<a href="#status-{status}">{status}</a>')
            continue
        media = "".join(f' <span class="type">{escape(kind)}</span>' for kind in answer.get("content", ()))
        headers = ", ".join(f"<code>{escape(name)}</code>" for name in answer["headers"])
        fields = "".join(schemas.fields(content["schema"]) for content in answer.get("content", {}).values())
        entries.append(
            f'<li><code class="name">{status}</code> {escape(answer["description"])}{media}'
            + (f'<p class="notes">with {headers}</p>' if headers else "")
            + (f"<details><summary>Fields of the answer</summary>{fields}</details>" if fields else "")
            + "</li>"
        )
    entries.append(f"<li>Refusals: {', '.join(refusals)}</li>")
    return f'<h4>Answers</h4><ul class="fields">{"".join(entries)}</ul>'


def _form(method: str, path: str, operation: Json, contract: Json) -> str:
    name = escape(operation["operationId"])
    inputs = []
    for parameter in operation.get("parameters", ()):
        label, place = escape(parameter["name"]), parameter["in"]
        id_, needed = f"{name}-{place}-{label}", " required" if parameter.get("required") else ""
        optional = "" if needed else ", optional"
        inputs.append(
            f'<label for="{id_}">{label} <span class="notes">{place}{optional}</span></label>'
            f'<input id="{id_}" name="{label}" data-in="{place}" autocomplete="off" spellcheck="false"{needed}>'
        )
    if "requestBody" in operation:
        body = escape(_pretty(next(_examples(operation, contract), {})))
        rows = min(body.count("\n") + 1, 16)
        inputs.append(
            f'<label for="{name}-body">Body <span class="notes">JSON</span></label>'
            f'<textarea id="{name}-body" data-in="body" rows="{rows}" spellcheck="false">{body}</textarea>'
        )
    return (
        f'<details class="try" data-script hidden><summary>Try {name}</summary>'
        f'<form data-method="{method}" data-path="{escape(path)}" aria-label="Try {name}">{"".join(inputs)}'
        f'<button type="submit">Send {method}</button>'
        '<div role="status" class="reply"></div></form></details>'
    )


def _examples(operation: Json, contract: Json) -> Iterator[Json]:
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    named = contract["components"]["schemas"].get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
    yield from named.get("examples", ())


def _problems(problems: list[Problem]) -> str:
    groups = []
    for status, listed in by_status(problems).items():
        if not listed:
            continue
        name, said = responses.STATUSES[status]
        entries = "".join(_problem(problem, status) for problem in listed)
        groups.append(
            f'<section aria-labelledby="status-{status}"><h3 id="status-{status}">{status} {escape(name)}</h3>'
            f"<p>{prose(said)}</p><dl>{entries}</dl></section>\n"
        )
    return (
        '<section aria-labelledby="problems"><h2 id="problems">problems</h2>'
        f"<p>Every refusal is <code>{responses.PROBLEM}</code>; its <code>type</code> leads to its code here.</p>"
        f"{''.join(groups)}</section>"
    )


def _problem(problem: Problem, status: int) -> str:
    others = ", ".join(str(other) for other in sorted(problem.statuses - {status}))
    also = f' <span class="notes">also {others}</span>' if others else ""
    details = prose(" ".join(sorted(problem.details)))
    code = escape(problem.code)
    return (
        f'<div id="{code}"><dt><a href="#{code}"><code>{code}</code></a>{also}</dt>'
        f"<dd>{details}</dd><dd>{prose(problem.next)}</dd></div>"
    )


def _method(method: str) -> str:
    return f'<span class="method {method.lower()}">{method}</span>'


def _breakable(path: str) -> str:
    return escape(path).replace("/", "/<wbr>")


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{prose(part)}</p>" for part in text.split("\n\n") if part)


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
