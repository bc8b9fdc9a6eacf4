"""docs/data-model.md: every key of the table on sample ids, and what each kind of row holds."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tools import generated, openapi
from tools.errors import OperatorError
from tools.template import ROOT

if TYPE_CHECKING:
    from attune.store.items import Item

PAGE = ROOT / "docs" / "data-model.md"
MARKERS = ("erased", "linked")
"""The kinds of rows that stand in the places of others."""
KINDS: Mapping[str, str] = {"creation": "idempotency", "group_tally": "tally", "repetition": "idempotency"}
"""The kind of row under a key, where the key is not named after it."""
INDEX: Mapping[str, str] = {
    "joining": "link",
    "under_way": "erasure",
    "session_index": "session",
    "due": "recommendations",
}
"""The kind of row that has a key of the index beside its own."""
SAMPLES: Mapping[str, str] = {
    "learner": "g.550e8400-e29b-41d4-a716-446655440000",
    "course": "physical-ai",
    "slug": "foundations/embodiment-hypothesis",
    "route": "create_user",
}
_PREFIX = "_prefix"
_KEYS = ("pk", "sk")
_COMMON = (*_KEYS, "kind", "schema_version", "write_id", "expires_at", "index_pk", "index_sk", "came_over")
_TYPES: Mapping[str, str] = {"S": "string", "N": "number", "B": "bytes", "BOOL": "boolean", "M": "map", "L": "list"}


def files() -> generated.Files:
    return {PAGE: markdown()}


def markdown() -> str:
    """The page. Raises `OperatorError` for a key without a kind of row, or a kind of row without a key."""
    openapi.load()
    from attune.store import items, keys

    found = dict(_functions(keys))
    made = {name: function for name, function in found.items() if name not in INDEX}
    index = {name: function for name, function in found.items() if name in INDEX}
    rows = _rows(items)
    single = {name: KINDS.get(name, name) for name in made if not name.endswith(_PREFIX)}
    if unknown := sorted({*single.values(), *MARKERS} ^ rows.keys()):
        raise OperatorError(f"attune.store: keys and items do not agree about {', '.join(unknown)}.")
    return "\n".join([*_head(), *_table(made, single), *_index(index), *_kept(rows), *_kinds(rows)]) + "\n"


def _functions(keys: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every function of the module that makes a key, in the order of the source."""
    for name, function in vars(keys).items():
        if inspect.isfunction(function) and function.__annotations__.get("return") is keys.Key:
            yield name, function


def _rows(items: ModuleType) -> "dict[str, type[Item]]":
    kinds = (each for each in vars(items).values() if isinstance(each, type) and issubclass(each, items.Item))
    return {str(items.Item.kind.get_discriminator(kind)): kind for kind in kinds if kind is not items.Item}


def _head() -> list[str]:
    return [
        "# The data model",
        "",
        "One table with the keys `pk` and `sk`. Every key is made in `attune.store.keys`, every kind of row stands in",
        "`attune.store.items`; this page is generated from both (`python -m tools.docs`).",
        "",
        "## Keys",
        "",
        "On sample ids; a number stands for itself. A learner is `g.` (guest) or `a.` (account) and a UUID.",
        "",
        "| key | `pk` | `sk` | what |",
        "|---|---|---|---|",
    ]


def _table(made: Mapping[str, Callable[..., Any]], single: Mapping[str, str]) -> Iterator[str]:
    for name, function in made.items():
        key = function(*(_sample(parameter) for parameter in inspect.signature(function).parameters.values()))
        kind = single.get(name)
        label = f"[{name}](#{kind})" if kind else f"{name.removesuffix(_PREFIX)}, all"
        sort = key.sk if kind else f"{key.sk}…"
        yield f"| {label} | `{key.pk}` | `{sort}` | {inspect.cleandoc(function.__doc__ or '')} |"


def _index(made: Mapping[str, Callable[..., Any]]) -> Iterator[str]:
    yield from (
        "",
        "## Index",
        "",
        "These rows also have `gsi1pk` and `gsi1sk`, under which the index finds their keys.",
        "",
        "| key | `gsi1pk` | `gsi1sk` | what |",
        "|---|---|---|---|",
    )
    yield from _table(made, INDEX)


def _kept(rows: "Mapping[str, type[Item]]") -> Iterator[str]:
    """How long each kind of row stays, by what its moments of expiry are made from."""
    from attune.domain.principal import GUEST_TOKEN
    from attune.store import retention

    yield from (
        "",
        "## How long rows are kept",
        "",
        "A row that is past its time is nowhere to be seen, and the table deletes it within two days.",
        "",
        "| kind | kept | since |",
        "|---|---|---|",
    )
    for kind, item in rows.items():
        if item in retention.KEPT:
            how_long, since = retention.KEPT[item]
            yield f"| [{kind}](#{kind}) | {_long(how_long)} | {since} |"
    for kind, until in (("erased", "the erasure is done"), ("linked", "the account is erased")):
        yield f"| [{kind}](#{kind}) | until {until} | |"
    yield from (
        "",
        "All else under `USER#` is kept until its learner is erased. A guest is erased by `attune retention sweep`,",
        "which the owner runs, once the last token has run out: a token lives for",
        f"{GUEST_TOKEN.days} days. What belongs to no learner is kept for good: courses, experiments with their sums,",
        "parameters, counts of ratings, and the keyed hashes of erased learners.",
    )


def _long(time: timedelta) -> str:
    return f"{time.days} days" if time.days > 1 else f"{time.total_seconds() / 3600:.0f} hours"


def _sample(parameter: inspect.Parameter) -> object:
    return 1 if parameter.annotation is int else SAMPLES.get(parameter.name, f"<{parameter.name}>")


def _kinds(rows: "Mapping[str, type[Item]]") -> Iterator[str]:
    yield from (
        "",
        "## Rows",
        "",
        "Every row also has its `kind` and a `schema_version` (a row that is newer than the code is refused); where a",
        "write must be recognised again, a `write_id`; where it ends by itself, `expires_at` (in epoch seconds, and",
        "honoured on read); where a guest's row came to an account, the write that brought it (`came_over`).",
    )
    for kind, item in rows.items():
        own = {name: attribute for name, attribute in item.get_attributes().items() if name not in _COMMON}
        yield from ("", f"### {kind}", "")
        if item.__doc__ and item.__doc__ != item.__mro__[1].__doc__:
            yield from (inspect.cleandoc(item.__doc__), "")
        yield from ("| attribute | type | |", "|---|---|---|")
        for name, attribute in own.items():
            note = "optional" if attribute.null else ""
            yield f"| `{name}` | {_type(attribute)} | {note} |"


def _type(attribute: Any) -> str:
    json = "JSON in a string" if type(attribute).__name__ == "JSONAttribute" else None
    return json or _TYPES.get(attribute.attr_type, attribute.attr_type)
