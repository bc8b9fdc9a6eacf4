"""What the nights gathered on the shared parameters, and the candidate that is compared with those in force."""

from collections.abc import Iterable
from datetime import datetime

from attune.domain.learning.parameters import Parameters
from attune.domain.practice.gathering import Candidate, Gathered
from attune.store import keys, retention, table
from attune.store.items import CandidateItem, Item, SumsItem
from attune.store.packed import pack, unpack

MOST_BYTES = 300_000
"""A page that would make a row larger than this adds nothing to it: a row may have 400 KB."""


def read(run: str, course: str, shard: int, now: datetime) -> tuple[Gathered | None, Candidate | None]:
    """What a run gathered in a partition so far, and the candidate."""
    wanted = keys.sums(run, course, shard), keys.candidate(course)
    found = table.get_many(wanted, now, consistent=True)
    sums, row = (found.get(key) for key in wanted)
    return (
        _gathered(sums) if isinstance(sums, SumsItem) else None,
        _candidate(row) if isinstance(row, CandidateItem) else None,
    )


def row(run: str, course: str, shard: int, gathered: Gathered, now: datetime) -> Item | None:
    """The row of what was gathered; None if it would be too large."""
    data = pack(gathered.to_json())
    if len(data) > MOST_BYTES:
        return None
    return SumsItem(*keys.sums(run, course, shard), data=data, expires_at=retention.ends(SumsItem, now))


def of_runs(runs: Iterable[str], course: str, now: datetime) -> list[Gathered]:
    """What runs gathered, in all partitions."""
    prefixes = [keys.sums_prefix(run, course) for run in runs]
    return [_gathered(row) for prefix in prefixes for row in table.query(SumsItem, prefix, now, consistent=True)]


def candidate(course: str, now: datetime) -> Candidate | None:
    """The candidate that was proposed last, refused or not."""
    found = table.get(CandidateItem, keys.candidate(course), now, consistent=True)
    return None if found is None else _candidate(found)


def propose(course: str, one: Candidate, now: datetime) -> None:
    """Have a candidate compared from the next run on."""
    data = pack(one.parameters.to_json())
    ends = retention.ends(CandidateItem, now)
    table.put(CandidateItem(*keys.candidate(course), data=data, run=one.run, expires_at=ends))


def refuse(course: str, one: Candidate, run: str) -> None:
    """Note that a candidate was no better."""
    refused = [CandidateItem.refused.set(run)]
    table.update(CandidateItem, keys.candidate(course), refused, CandidateItem.run == one.run)


def _gathered(row: SumsItem) -> Gathered:
    return Gathered.from_json(unpack(row.data))


def _candidate(row: CandidateItem) -> Candidate:
    return Candidate(row.run, Parameters.from_json(unpack(row.data)), row.refused is not None)
