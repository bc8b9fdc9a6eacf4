"""Two learners who are one: counted once, or, having seen two arms, not at all."""

from collections.abc import Iterable, Mapping
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.experiments.assignments import ACTIVE, EXCLUDED, EXITED, Assignment, left
from attune.domain.experiments.built_in import Counted
from attune.domain.experiments.choice import choose
from attune.domain.experiments.metric import BINARY, MEAN, Metric
from attune.domain.experiments.tally import MICRO, Sums, Tally, change, exposure
from attune.domain.experiments.uniting import Side, unite
from tests.unit.experiments.laid_out import a_unit, an_experiment

METRICS = {"e": {"did": Metric("did", BINARY), "points": Metric("points", MEAN)}}


def side(assignment: Assignment | None, **values: int) -> Side:
    return Side({} if assignment is None else {"e": assignment}, {"e": values} if values else {})


def counted(*sides: Side) -> dict[str, Tally]:
    """What both left in the tallies of their arms."""
    found = {"A": Tally(), "B": Tally()}
    for one in sides:
        assignment = one.arms.get("e")
        if assignment is None or assignment.arm is None:
            continue
        values = one.values.get("e", {})
        found[assignment.arm] = (
            found[assignment.arm]
            .plus(exposure(assignment))
            .plus(Tally(exited=int(assignment.status == EXITED)))
            .plus(Tally(metrics={name: change(0, value, assignment) for name, value in values.items()}))
        )
    return found


def after(one: Side, other: Side) -> tuple[Assignment, Mapping[str, Tally]]:
    united = unite(one, other, METRICS)
    found = counted(one, other)
    for correction in united.corrections:
        found[correction.assignment.arm or ""] = found[correction.assignment.arm or ""].plus(correction.adds)
    return united.arms["e"], found


def test_b39_the_first_arm_wins_where_only_one_was_exposed() -> None:
    guest = side(Assignment("B", 5, before=900), did=MICRO)
    assert after(side(None), guest) == (Assignment("B", 5, before=900), counted(guest))
    assert after(guest, side(None)) == (Assignment("B", 5, before=900), counted(guest))


def test_both_in_one_arm_count_once() -> None:
    account, guest = (
        side(Assignment("B", 9, before=7), did=MICRO, points=3),
        side(Assignment("B", 5, before=9), did=MICRO, points=4),
    )
    assignment, found = after(account, guest)
    assert assignment == Assignment("B", 5, before=9)
    assert found["B"] == counted(side(assignment, did=MICRO, points=7))["B"]


def test_b46_who_saw_two_arms_is_served_the_earlier_and_counted_out() -> None:
    account, guest = side(Assignment("A", 9, before=7), did=MICRO), side(Assignment("B", 5, before=9), points=4)
    assignment, found = after(account, guest)
    assert assignment == Assignment("B", 5, EXCLUDED, before=9)
    assert found["A"] == Tally(metrics={"did": Sums()})
    assert found["B"] == Tally(excluded=1, metrics={"points": Sums()})


def test_who_left_on_one_device_has_left_on_both() -> None:
    assignment, found = after(side(Assignment("A", 9)), side(Assignment(None, 4, EXITED, 4)))
    assert assignment == Assignment("A", 9, EXITED, 4)
    assert (found["A"].n, found["A"].exited) == (1, 1)
    assignment, found = after(side(Assignment(None, 3, EXITED, 3)), side(Assignment(None, 4, EXITED, 4)))
    assert (assignment, found["A"]) == (Assignment(None, 3, EXITED, 3), Tally())


STATUSES = st.sampled_from([ACTIVE, EXITED])
SIDES = st.builds(
    lambda arm, at, status, before, did, points: side(
        Assignment(arm, at, status, at + 1 if status == EXITED else None, before), did=did * MICRO, points=points
    ),
    st.sampled_from("AB"),
    st.integers(1, 1000),
    STATUSES,
    st.integers(0, 20_000),
    st.integers(0, 1),
    st.integers(-(10**9), 10**9),
)


@given(SIDES, SIDES)
def test_nobody_is_ever_counted_twice(one: Side, other: Side) -> None:
    if one.arms["e"].at == other.arms["e"].at:
        return
    assignment, found = after(one, other)
    assert after(other, one) == (assignment, found)
    assert sum(tally.n + tally.excluded for tally in found.values()) == 1
    assert sum(tally.exited for tally in found.values()) == (assignment.status == EXITED)
    if assignment.status == EXCLUDED:
        assert all(sums == Sums() for tally in found.values() for sums in tally.metrics.values())
        assert all((tally.z, tally.zz) == (0, 0) for tally in found.values())


@pytest.mark.parametrize("status", [ACTIVE, EXITED])
def test_a_third_device_of_somebody_who_is_out_changes_nothing_but_its_own(status: str) -> None:
    left = 20 if status == EXITED else None
    out, third = side(Assignment("B", 5, EXCLUDED)), side(Assignment("A", 9, status, left))
    united = unite(out, third, METRICS)
    assert united.arms["e"].status == EXCLUDED
    assert [(one.assignment.arm, one.adds.n, one.adds.excluded) for one in united.corrections] == [("A", -1, 0)]


def of(tallies: Iterable[Counted]) -> Tally:
    return reduce(Tally.plus, (one.adds for one in tallies), Tally())


@pytest.mark.parametrize("at", [3, 9])
@pytest.mark.parametrize("arm", ["A", "B", None])
@pytest.mark.parametrize("status", [ACTIVE, EXITED])
def test_who_is_out_stays_out_whichever_device_comes_later(status: str, arm: str | None, at: int) -> None:
    if arm is None and status == ACTIVE:
        return
    out = side(Assignment("B", 5, EXCLUDED), did=MICRO)
    third = side(Assignment(arm, at, status, at + 20 if status == EXITED else None), points=4 if arm else 0)
    united = unite(out, third, METRICS)
    one = united.arms["e"]
    assert (one.status, one.has_left) == (EXCLUDED, status == EXITED)
    whole = reduce(Tally.plus, counted(third).values(), Tally()).plus(of(united.corrections))
    assert not whole.says_something


def test_who_is_out_and_leaves_is_served_as_everybody_and_not_counted_again() -> None:
    gone = left(Assignment("B", 5, EXCLUDED), 12)
    assert (gone.status, gone.has_left, left(gone, 20)) == (EXCLUDED, True, gone)
    known = an_experiment("e")
    assert choose("ranking", [known], {"e": Assignment("B", 5, EXCLUDED)}, a_unit("g.x")).arm == "B"
    assert choose("ranking", [known], {"e": gone}, a_unit("g.x")).arm is None


def test_a_tally_that_both_are_counted_in_changes_once() -> None:
    one, other = (side(Assignment("B", at, before=7, row="03"), did=MICRO) for at in (5, 9))
    (correction,) = unite(one, other, METRICS).corrections
    assert correction.adds.n == -1
    apart = side(Assignment("B", 9, before=7, row="04"), did=MICRO)
    assert [each.assignment.row for each in unite(one, apart, METRICS).corrections] == ["04"]
