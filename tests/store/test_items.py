"""A row is made of what is stored as pynamodb would make it, only with less to do."""

from collections.abc import Iterator
from typing import Any

import pytest
from pynamodb.attributes import JSONAttribute, MapAttribute
from pynamodb.models import Model

from attune.store.items import Item, PointerItem, SettingsItem
from tests import backends
from tests.backends import Backend


@pytest.fixture(scope="module", autouse=True)
def backend() -> Iterator[Backend]:
    with backends.memory() as used:
        yield used


HELD: dict[str, Any] = {
    "S": "text",
    "N": "12.5",
    "B": b"bytes",
    "BOOL": True,
    "SS": ["a", "b"],
    "L": [{"S": "a"}, {"S": "b"}],
    "M": {"a": {"S": "b"}, "c": {"M": {"d": {"N": "1"}}}},
}
KINDS = sorted(Item.__subclasses__(), key=lambda kind: kind.__name__)


def stored(kind: type[Item], *, every: bool) -> dict[str, Any]:
    """A row with all that a kind may hold, or with what stands in every row alone, and a thing of a later release."""
    row: dict[str, Any] = {"later": {"S": "unknown"}}
    for name, attribute in kind.get_attributes().items():
        if name == "kind":
            row["kind"] = {"S": attribute.serialize(kind)}
        elif name in ("pk", "sk") or every:
            held = '{"a": 1}' if isinstance(attribute, JSONAttribute) else HELD[attribute.attr_type]
            row[attribute.attr_name] = {attribute.attr_type: held}
        elif name == "write_id":
            row["write_id"] = {"NULL": True}
    return row


def values(item: Item) -> dict[str, Any]:
    """Every attribute as who reads it finds it."""
    found = {name: getattr(item, name) for name in item.get_attributes()}
    return {name: plain(one) if isinstance(one, MapAttribute) else one for name, one in found.items()}


def plain(value: MapAttribute[str, Any]) -> Any:
    return value.as_dict()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("every", [True, False], ids=["full", "bare"])
def test_a_row_is_what_pynamodb_makes_of_it(kind: type[Item], every: bool) -> None:
    row = stored(kind, every=every)
    found = Item.from_raw_data(row)
    wanted = Model.from_raw_data.__func__(Item, row)  # type: ignore[attr-defined]
    assert type(found) is type(wanted) is kind
    assert values(found) == values(wanted)
    assert {name: type(one) for name, one in found.attribute_values.items()} == {
        name: type(one) for name, one in wanted.attribute_values.items()
    }


def test_two_rows_share_nothing() -> None:
    row = stored(SettingsItem, every=False)
    first, second = SettingsItem.from_raw_data(row), SettingsItem.from_raw_data(row)
    first.arms = {"a": 1}
    assert second.arms is None


def test_a_row_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="SettingsItem where PointerItem"):
        PointerItem.from_raw_data(stored(SettingsItem, every=True))


def test_every_type_of_attribute_is_tried() -> None:
    assert {one.attr_type for kind in KINDS for one in kind.get_attributes().values()} == HELD.keys()
