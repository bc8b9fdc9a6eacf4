"""The index: pages in order, in both directions, between bounds; whatever has no keys of it is not there."""

from typing import Any

import pytest

from attune.domain.errors import Unavailable
from attune.store import table
from attune.store.items import PointerItem
from attune.store.keys import Key
from tests.backends import Backend
from tests.builders import a_key, an_id
from tests.store.conftest import SMALL_PAGES

FIELDS: dict[str, Any] = {"course_version": 1, "answers_rev": 1, "style": "s", "cached": False}


def stored(*sort_keys: str) -> tuple[str, dict[str, Key]]:
    """Rows of a partition of their own, with one beside them that is not in the index."""
    partition = an_id()
    rows = {
        sort_key: PointerItem(
            f"USER#{an_id()}", f"POINTER#{place}", variant=a_key(), index_pk=partition, index_sk=sort_key, **FIELDS
        )
        for place, sort_key in enumerate(sort_keys)
    }
    table.put_all([*rows.values(), PointerItem(f"USER#{an_id()}", "POINTER#0", variant=a_key(), **FIELDS)])
    return partition, {sort_key: Key(row.pk, row.sk) for sort_key, row in rows.items()}


def test_a_page_holds_sort_keys_in_order_with_the_keys_of_their_rows() -> None:
    partition, there = stored("b", "a", "c")
    stored("a")
    assert table.indexed(partition, limit=9) == [(sort_key, there[sort_key]) for sort_key in "abc"]
    assert table.indexed(partition, limit=9, newest=True) == [(sort_key, there[sort_key]) for sort_key in "cba"]
    assert table.indexed(an_id(), limit=9) == []


@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 9])
def test_d7_d8_pages_follow_each_other_whatever_their_size(newest: bool, size: int) -> None:
    partition, _ = stored(*(f"2026-11-{day:02d}#c" for day in range(1, 8)))
    found: list[str] = []
    while page := table.indexed(partition, after=found[-1] if found else None, limit=size, newest=newest):
        found += [sort_key for sort_key, _ in page]
    assert found == sorted(found, reverse=newest)
    assert len(found) == len(set(found)) == 7


@pytest.mark.parametrize(
    ("bounds", "newest", "expected"),
    [
        ({"below": "c"}, False, "ab"),
        ({"below": "c"}, True, "ba"),
        ({"after": "b"}, False, "cd"),
        ({"after": "b"}, True, "a"),
        ({"after": "a", "below": "d"}, False, "bc"),
        ({"after": "d", "below": "c"}, True, "ba"),
        ({"after": "b", "below": "d"}, True, "a"),
        ({"after": "c", "below": "b"}, False, ""),
        ({"after": "b", "below": "b"}, False, ""),
    ],
)
def test_bounds_are_left_out_themselves(bounds: dict[str, Any], newest: bool, expected: str) -> None:
    partition, _ = stored(*"abcd")
    assert "".join(sort_key for sort_key, _ in table.indexed(partition, **bounds, limit=9, newest=newest)) == expected


def test_a_page_is_one_round_trip_and_a_fault_is_the_stores(backend: Backend, request: pytest.FixtureRequest) -> None:
    partition, _ = stored(*"abcd")
    with backend.watched() as calls:
        table.indexed(partition, limit=2)
    assert [call.operation for call in calls.calls] == ["Query"] * (2 if SMALL_PAGES in request.node.name else 1)
    with backend.faulty("throttle", "Query", times=9), pytest.raises(Unavailable):
        table.indexed(partition, limit=2)
