"""The export holds every row under the learner's key, of whatever kind, and validates against the published schema."""

import inspect
import json
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from attune.domain.principal import Principal
from attune.edge import export
from attune.store import items, keys
from attune.store.holdings import HOLDINGS
from tests.backends import Backend
from tests.builders import a_uuid, an_account
from tests.functions.conftest import World
from tests.functions.test_erase_user import seasoned
from tools.data_model import INDEX, KINDS, _sample
from tools.template import ROOT

PATH = "/api/user/me/export"
CONTRACT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
BY_COURSE = tuple(name for name in export.BY_COURSE if name != "answers")
LISTS = export.LISTS


def exported(world: World, who: Principal, **query: str) -> Any:
    reply = world.call("export_user", who, path=PATH, query=query)
    assert reply.status == 200
    schema = {"$ref": "#/components/schemas/ExportView", "components": CONTRACT["components"]}
    assert list(OAS31Validator(schema).iter_errors(reply.json)) == []
    return reply.json


def listed(found: Any) -> list[str]:
    """The rows of an export, as kinds with what is left of their keys."""
    rows = ["user"] if found["user"] else []
    rows += [f"{name}/{course}" for name in BY_COURSE for course in found[name]]
    return rows + [f"{name}/{row['course']}/{row['id']}" for name in LISTS for row in found[name]]


def stored(backend: Backend, who: Principal) -> list[str]:
    """The same of the table."""
    names = {kind: one.listed for kind, one in HOLDINGS.items()} | {"settings": "preferences"}
    rows = []
    for row in backend.rows(keys.user(who.learner).pk):
        name = names.get(row["kind"]["S"], "other")
        _, *rest = row["sk"]["S"].split("#", 2)
        if name == "user":
            rows.append(name)
        elif name in BY_COURSE:
            rows.append(f"{name}/{rest[0]}")
        else:
            rows.append(f"{name}/{rest[0]}/{rest[1] if len(rest) > 1 else None}")
    return rows


@pytest.mark.parametrize("kind", ["guest", "account"])
def test_a54_everything_in_the_table_is_in_the_export(world: World, backend: Backend, kind: str) -> None:
    who = seasoned(world, kind)
    found = exported(world, who)
    assert sorted(listed(found)) == sorted(stored(backend, who))
    assert len(listed(found)) >= 8
    course = world.course.id
    given = world.call("get_answers", who).json
    assert found["answers"][course]["answers"].items() <= given.items()
    assert found["preferences"][course]["preferences"]["challenge_level"] == 0.9
    assert found["profile"][course]["data"]["gist"]
    assert found["sessions"][0]["data"]["attempts"] == 1
    assert found["next_cursor"] is None


def test_e3_pages_hold_every_row_once(world: World, backend: Backend) -> None:
    who = seasoned(world, "guest")
    rows, cursor = [], None
    while True:
        found = exported(world, who, limit="2", **({"cursor": cursor} if cursor else {}))
        rows += listed(found)
        assert len(listed(found)) <= 2
        if (cursor := found["next_cursor"]) is None:
            break
    assert sorted(rows) == sorted(stored(backend, who))


def test_a_row_of_an_unknown_kind_is_exported_too(world: World, backend: Backend) -> None:
    who = world.guest()
    table = items.Item.Meta.table_name
    row = {"pk": f"USER#{who.learner}", "sk": "NEW#c#x", "kind": "new", "said": "something"}
    backend.raw.put_item(TableName=table, Item={name: {"S": value} for name, value in row.items()})
    assert exported(world, who)["other"] == [{"kind": "new", "course": "c", "id": "x", "data": {"said": "something"}}]


def test_a8_a_cursor_is_the_callers_own(world: World) -> None:
    who, other = seasoned(world, "guest"), seasoned(world, "guest")
    cursor = exported(world, who, limit="1")["next_cursor"]
    world.call("export_user", other, path=PATH, query={"cursor": cursor}).problem(400, "malformed_cursor")
    world.call("export_user", who, path=f"/api/user/{other.subject}/export").problem(404, "unknown_user")
    world.call("export_user", who, path=f"/api/user/{a_uuid()}/export").problem(404, "unknown_user")


def test_an_account_that_wrote_nothing_exports_nothing(world: World) -> None:
    assert listed(exported(world, an_account())) == []


def test_every_kind_of_row_under_a_learners_key_is_known(backend: Backend) -> None:
    """A new kind says what it is kept for, and how it comes over to an account."""
    kinds = set()
    for name, make in inspect.getmembers(keys, inspect.isfunction):
        if make.__annotations__.get("return") is not keys.Key or name.endswith("_prefix") or name in INDEX:
            continue
        if make(*map(_sample, inspect.signature(make).parameters.values())).pk.startswith("USER#"):
            kinds.add(KINDS.get(name, name))
    assert kinds == set(HOLDINGS)
    page = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    assert [kind for kind in kinds if f"`{kind}`" not in page] == []
