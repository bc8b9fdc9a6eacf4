"""E9: no report of the owner's shows what fewer than five learners are behind, however it is taken apart."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.domain.reports.analytics import DAY, REPORTS, Shown, analysis
from attune.domain.reports.cell import FEWEST, Cell
from attune.domain.reports.figures import FEW_LEARNERS
from attune.domain.reports.presence import TOTAL

ALL = sorted(
    {figure for shown in chain.from_iterable(cuts.values() for cuts in REPORTS.values()) for figure in shown.figures}
)
CUTS = [(report, by) for report, cuts in sorted(REPORTS.items()) for by in sorted(cuts)]


def cell(learners: set[str]) -> Cell:
    """A cell in which something was counted of all that there is to count."""
    return Cell(dict.fromkeys(ALL, 7), frozenset(learners))


@pytest.mark.parametrize(("report", "by"), CUTS, ids=["-".join(cut) for cut in CUTS])
@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from("abcd"), st.sets(st.sampled_from("123456789"), min_size=1), min_size=1))
def test_e09_cells_of_fewer_than_five_are_null_in_every_report(
    report: str, by: str, learners: dict[str, set[str]]
) -> None:
    shown: Shown = REPORTS[report][by]
    if shown.cells == DAY:
        days = {f"2031-05-0{place}": {TOTAL: cell(who)} for place, who in enumerate(learners.values(), 1)}
    else:
        everybody = cell(set().union(*learners.values()))
        days = {
            "2031-05-01": {TOTAL: everybody, **{f"{shown.cells}{name}": cell(who) for name, who in learners.items()}}
        }
    found = analysis(shown, days)
    assert len(found.rows) == len(learners)
    few = 0
    by_name = dict(zip(days, learners.values(), strict=False)) if shown.cells == DAY else learners
    for row in found.rows:
        assert row.figures
        if len(by_name[row.name]) < FEWEST:
            few += 1
            assert set(row.figures.values()) == {None}
            assert set(row.why.values()) == {FEW_LEARNERS}
        else:
            assert FEW_LEARNERS not in row.why.values()
    hidden = set().union(*(who for who in learners.values() if len(who) < FEWEST))
    if few and len(hidden) < FEWEST:
        # What all have, less what is shown, would be of few.
        assert found.total is None
