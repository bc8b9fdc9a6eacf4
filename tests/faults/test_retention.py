"""E7: whatever any function writes ends when the published table says that its kind ends, or not at all."""

import pytest

from attune.store import retention
from attune.store.items import Item
from tests.faults.conftest import BEGAN, STORING, Site
from tests.faults.test_every_call import call

KEPT = {str(Item.kind.get_discriminator(kind)): how_long for kind, (how_long, _) in retention.KEPT.items()}
LATER = {"path", "erasure"}
"""Kinds that end only once something was done: a path that was deleted, an erasure that is over."""
BY_DAY = {"event", "metric", "presence"}
"""Kinds that are kept from midnight on."""


@pytest.mark.parametrize("name", STORING)
def test_e7_rows_end_when_the_published_table_says(site: Site, name: str) -> None:
    site.reset()
    call(site, name)
    seen = set()
    for row in site.backend.kept().values():
        kind, ends = row["kind"]["S"], row.get("expires_at")
        if ends is None:
            assert kind not in KEPT.keys() - LATER, (row["pk"], row["sk"])
            continue
        seen.add(kind)
        if kind in BY_DAY:
            assert int(ends["N"]) % 86_400 == 0, kind
            assert int(ends["N"]) <= int((BEGAN + KEPT[kind]).timestamp()), kind
            continue
        assert int(ends["N"]) == int((BEGAN + KEPT[kind]).timestamp()), kind
    assert seen
