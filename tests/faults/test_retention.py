"""E7: whatever any function writes ends when the published table says that its kind ends, or not at all."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from attune.domain.reports import presence
from attune.domain.reports.event import day_at
from attune.store import retention
from attune.store.items import Item
from attune.store.keys import metric_day
from tests.faults.conftest import BEGAN, STORING, Json, Site
from tests.faults.test_every_call import call

KEPT = {str(Item.kind.get_discriminator(kind)): how_long for kind, (how_long, _) in retention.KEPT.items()}
LATER = {"path", "erasure"}
"""Kinds that end only once something was done: a path that was deleted, an erasure that is over."""
BY_DAY: dict[str, Callable[[Json], str]] = {
    "event": lambda row: str(row["pk"]["S"]).split("#")[2],
    "metric": lambda row: metric_day(row["sk"]["S"]),
    "presence": lambda row: day_at(max(json.loads(row["days"]["S"]))),
}
"""The day from whose beginning on a kind is kept."""


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
        since = BEGAN if kind not in BY_DAY else datetime.fromisoformat(BY_DAY[kind](row)).replace(tzinfo=UTC)
        assert int(ends["N"]) == int((since + KEPT[kind]).timestamp()), kind
    assert seen


def test_e7_what_is_counted_is_kept_as_long_as_reports_look_back() -> None:
    for kind in BY_DAY:
        assert KEPT[kind] == timedelta(days=presence.KEPT)
