"""E9: no report of the owner's shows what fewer than five learners are behind, however it is taken apart."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.reports.analytics import DAY, REPORTS, Shown, analysis
from attune.domain.reports.cell import FEWEST, Cell
from attune.domain.reports.figures import FEW_LEARNERS, GIVES_AWAY
from attune.domain.reports.presence import TOTAL

ALL = sorted(
    {figure for shown in chain.from_iterable(cuts.values() for cuts in REPORTS.values()) for figure in shown.figures}
)
CUTS = [(report, by) for report, cuts in sorted(REPORTS.items()) for by in sorted(cuts)]


def cell(learners: set[str]) -> Cell:
    """A cell in which something was counted of all that there is to count."""
    return Cell(dict.fromkeys(ALL, 7), frozenset(sorted(learners)[:FEWEST]))


@pytest.mark.parametrize(("report", "by"), CUTS, ids=["-".join(cut) for cut in CUTS])
@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from("abcd"), st.sets(st.sampled_from("123456789"), min_size=1), min_size=1))
def test_e09_cells_of_fewer_than_five_are_null_in_every_report(
    report: str, by: str, learners: dict[str, set[str]]
) -> None:
    shown: Shown = REPORTS[report][by]
    everybody = set[str]().union(*learners.values())
    if shown.cells == DAY:
        days = {f"2031-05-0{place}": {TOTAL: cell(who)} for place, who in enumerate(learners.values(), 1)}
    else:
        cells = {f"{shown.cells}{name}": cell(who) for name, who in learners.items()}
        days = {"2031-05-01": {TOTAL: cell(everybody), **cells}}
    found = analysis(shown, days)
    by_name = dict(zip(days, learners.values(), strict=False)) if shown.cells == DAY else learners
    assert {row.name for row in found.rows} == set(by_name)
    away = [row for row in found.rows if row.why.keys() and set(row.why.values()) <= {FEW_LEARNERS, GIVES_AWAY}]
    for row in found.rows:
        assert row.figures
        if len(by_name[row.name]) < FEWEST:
            assert set(row.figures.values()) == {None}
            assert set(row.why.values()) == {FEW_LEARNERS}
        else:
            assert FEW_LEARNERS not in row.why.values()
    assert found.total is not None
    assert (set(found.total.why.values()) == {FEW_LEARNERS}) == (len(everybody) < FEWEST)
    if away and shown.adds_up and len(everybody) >= FEWEST:
        # Whoever takes the rows that are shown off the total is left with enough learners.
        assert len(set[str]().union(*(by_name[row.name] for row in away))) >= FEWEST
