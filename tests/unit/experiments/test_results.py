"""Results from what was counted: the numbers, the decision, and when there is none."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.definition import Arm
from attune.domain.experiments.metric import Guardrail, Metric
from attune.domain.experiments.results import Results, results
from attune.domain.experiments.tally import MICRO, Sums, Tally, change, exposure, value_after
from tests.unit.experiments.laid_out import an_experiment

DONE, DROPOUT = "completed_within_7d", "dropout_14d"


def arm(n: int, conversions: int, dropouts: int = 0, **more: int) -> Tally:
    return Tally(n, metrics={DONE: binary(conversions), DROPOUT: binary(dropouts)}, **more)


def binary(count: int) -> Sums:
    return Sums(count * MICRO, count * MICRO**2)


def judged(a: Tally | Sequence[Tally], b: Tally | Sequence[Tally], **changes: Any) -> Results:
    changes.setdefault("guardrails", (Guardrail(Metric(DROPOUT), 0.03),))
    sides = [[one] if isinstance(one, Tally) else one for one in (a, b)]
    return results(an_experiment(**changes), {"A": sides[0], "B": sides[1]})


def test_b42_the_counts_of_the_story() -> None:
    found = judged(arm(412, 173, 20, excluded=1), arm(398, 203, 22, excluded=1))
    assert found.primary
    a, b = found.primary.arms
    assert (a.n, a.conversions, f"{a.mean:.3f}") == (412, 173, "0.420")
    assert (b.n, b.conversions, f"{b.mean:.3f}") == (398, 203, "0.510")
    one = found.primary.leading
    assert one.interval
    assert f"{one.difference:.4f} {one.interval.low:.3f} {one.interval.high:.3f}" == "0.0901 -0.031 0.212"
    assert (found.decision, found.code) == ("keep_running", "holds_zero")
    assert (found.split.ok, found.multi_exposed, round(found.multi_share, 4)) == (True, 2, 0.0025)
    assert [one.breached for one in found.guardrails] == [False]


def test_b42_under_a_hundred_in_an_arm_there_is_no_interval() -> None:
    found = judged(arm(99, 10), arm(101, 50))
    assert found.primary
    assert (found.primary.leading.difference, found.primary.leading.interval) == (None, None)
    assert (found.decision, found.code) == ("keep_running", "too_few")


def test_b43_a_broken_split_has_no_result() -> None:
    found = judged(arm(470, 100), arm(340, 200))
    assert f"{found.split.p:.1e}" == "4.9e-06"
    assert not found.is_valid
    assert (found.primary, found.secondary, found.guardrails, found.decision) == (None, (), (), None)


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        (arm(2000, 800), arm(2000, 1000), ("ship", "surely_better")),
        (arm(2000, 1000), arm(2000, 800), ("stop", "surely_worse")),
        (arm(2500, 1000), arm(2500, 1010), ("stop", "no_effect")),
        (arm(2499, 1000), arm(2500, 1010), ("keep_running", "holds_zero")),
        (arm(2000, 800, 100), arm(2000, 1000, 400), ("stop", "guardrail_breached")),
    ],
)
def test_decisions(a: Tally, b: Tally, wanted: tuple[str, str]) -> None:
    found = judged(a, b)
    assert (found.decision, found.code) == wanted


def test_b45_a_guardrail_breaks_by_more_than_is_allowed_and_surely() -> None:
    surely = judged(arm(1000, 0, 50), arm(1000, 0, 200))
    assert surely.breached
    assert surely.guardrails[0].arm == "B"
    # A rise that may be chance, one that is allowed, and a fall.
    assert not judged(arm(200, 0, 10), arm(200, 0, 20)).breached
    assert not judged(arm(50_000, 0, 5000), arm(50_000, 0, 6000)).breached
    assert not judged(arm(1000, 0, 200), arm(1000, 0, 50)).breached


@pytest.mark.parametrize("name", ["dropout", "text_cost"])
def test_less_is_better_of_what_must_not_rise(name: str) -> None:
    """More of it is no reason to ship."""
    less, more = (Tally(2000, metrics={name: binary(count)}) for count in (400, 700))
    metric = Metric(name, "binary" if name == "dropout" else "mean")
    worse, better = (judged(a, b, primary=metric, guardrails=()) for a, b in ((less, more), (more, less)))
    assert (worse.decision, worse.code) == ("stop", "surely_worse")
    assert (better.decision, better.code) == ("ship", "surely_better")
    three = (Arm("A", 0.4), Arm("B", 0.3), Arm("C", 0.3))
    several = results(
        an_experiment(arms=three, primary=metric),
        {"A": [Tally(2000, metrics={name: binary(800)})], "B": [part(1500, name, 750)], "C": [part(1500, name, 300)]},
    )
    assert several.primary
    assert (several.primary.leading.arm, several.decision) == ("C", "ship")


def part(n: int, name: str, count: int) -> Tally:
    return Tally(n, metrics={name: binary(count)})


def test_b45_a_breach_stands_while_the_experiment_pauses_for_it() -> None:
    """Everybody is served alike by then, so that what was broken looks mended."""
    counts = arm(2000, 800), arm(2000, 1000)
    found = results(
        replace(an_experiment(status="paused"), paused_for="guardrail"), {"A": [counts[0]], "B": [counts[1]]}
    )
    assert (found.decision, found.code) == ("stop", "guardrail_breached")
    by_hand = results(
        replace(an_experiment(status="paused"), paused_for="by_hand"), {"A": [counts[0]], "B": [counts[1]]}
    )
    assert by_hand.decision == "ship"


def test_several_arms_and_metrics_share_the_error() -> None:
    three = (Arm("A", 0.4), Arm("B", 0.3), Arm("C", 0.3))
    one = an_experiment(arms=three, secondary=(Metric("x"), Metric("y")))
    found = results(one, {"A": [arm(400, 100)], "B": [arm(300, 80)], "C": [arm(300, 150)]})
    assert found.primary
    assert found.primary.alpha == 0.025
    assert [metric.alpha for metric in found.secondary] == [0.0125, 0.0125]
    assert found.primary.leading.arm == "C"
    assert found.decision == "ship"


def test_an_arm_of_which_nothing_was_counted_is_empty() -> None:
    found = results(an_experiment(), {})
    assert found.exposed == {"A": 0, "B": 0}
    assert (found.decision, found.code, found.multi_share) == ("keep_running", "too_few", 0.0)


EVENTS = st.lists(st.tuples(st.integers(0, 5), st.floats(-1000, 1000).map(lambda value: round(value, 6))), max_size=20)


@given(EVENTS, st.randoms(use_true_random=False), st.sampled_from(["binary", "mean"]))
def test_b46_counting_one_by_one_in_any_order_is_counting_at_the_end(
    events: list[tuple[int, float]], rng: random.Random, type_: str
) -> None:
    """Exact whatever the order: the sums are those of each learner's value."""
    metric = Metric("m", type_)
    people = {number: Assignment("A", number, before=9000 + 7 * number) for number in range(6)}

    def counted(ordered: Sequence[tuple[int, float]]) -> Tally:
        values: dict[int, int] = {}
        tally = Tally()
        for one in people.values():
            tally = tally.plus(exposure(one))
        for who, outcome in ordered:
            was = values.get(who, 0)
            values[who] = value_after(metric, was, outcome)
            tally = tally.plus(Tally(metrics={"m": change(was, values[who], people[who])}))
        wanted = Sums(
            sum(values.values()),
            sum(value**2 for value in values.values()),
            sum(value * people[who].before for who, value in values.items()),
        )
        assert tally.of("m") == wanted
        return tally

    shuffled = list(events)
    rng.shuffle(shuffled)
    assert counted(events) == counted(shuffled)


def test_one_conversion_a_learner() -> None:
    metric = Metric("m")
    once = value_after(metric, 0, 1.0)
    assert value_after(metric, once, 1.0) == once == value_after(metric, once, 0.0) == MICRO


def test_groups_are_judged_as_groups() -> None:
    """A hundred learners in three classes are three draws; a difference between classes is no effect."""
    rng = random.Random(3)

    def classes(count: int) -> list[Tally]:
        found = []
        for _ in range(count):
            n, share = rng.randint(10, 30), rng.random()
            found.append(arm(n, sum(rng.random() < share for _ in range(n))))
        return found

    few = judged(classes(10), classes(10), unit="group")
    assert few.code == "too_few"
    many = judged(classes(60), classes(60), unit="group")
    assert many.primary
    assert many.primary.leading.interval
    alone = judged(*([sum_of(each)] for each in (classes(60), classes(60))))
    assert alone.primary
    assert alone.primary.leading.interval
    wide, narrow = (one.primary.leading.interval for one in (many, alone) if one.primary)
    assert wide
    assert narrow
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def sum_of(tallies: Sequence[Tally]) -> Tally:
    found = Tally()
    for one in tallies:
        found = found.plus(one)
    return found


def test_means_are_adjusted_by_the_rating_before() -> None:
    rng = random.Random(11)
    metric = Metric("points", "mean")

    def side(effect: float) -> Tally:
        tally = Tally()
        for number in range(400):
            before = round(rng.gauss(10_000, 1500))
            one = Assignment("A", number, before=before)
            value = value_after(metric, 0, round(before / 100 + rng.gauss(effect, 5), 6))
            tally = tally.plus(exposure(one)).plus(Tally(metrics={"points": change(0, value, one)}))
        return tally

    a, b = side(0.0), side(3.0)
    plain, better = (judged(a, b, primary=metric, guardrails=(), adjusted=adjusted) for adjusted in (False, True))
    assert plain.decision == "keep_running"
    assert better.decision == "ship"
    assert better.primary
    assert better.primary.leading.difference == pytest.approx(3.0, abs=1.0)
