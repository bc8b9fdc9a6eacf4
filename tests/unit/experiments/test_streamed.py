"""What events say of experiments: in any order, in any batches and told twice, it is what counting by hand gives."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.experiments import streamed
from attune.domain.experiments.assignments import Assignment
from attune.domain.experiments.metric import BINARY, MEAN, RATIO, Metric
from attune.domain.experiments.results import Results, results
from attune.domain.experiments.tally import MICRO, Sums, Tally, Values, changed, exposure, sums_of
from attune.domain.experiments.uniting import Side, unite
from attune.domain.instants import DAY_MS
from attune.domain.reports import event as names
from attune.domain.reports.event import Event
from attune.domain.statistics.clusters import clusters
from tests.unit.experiments.laid_out import an_experiment

RETAINED, HELPFUL = Metric("retained_7d", BINARY), Metric("helpful_rating", MEAN)
GAIN = Metric("gain_per_minute", RATIO)
ALL = (RETAINED, HELPFUL, GAIN)
BEGAN = 20_000 * DAY_MS
LEARNERS = 12
EXPOSED = {place: Assignment("AB"[place % 2], BEGAN + place * DAY_MS, before=9_000 + place) for place in range(10)}
"""The last two were never exposed."""


def answer(at: int, seconds: int, **gain: float) -> Event:
    return Event(names.ANSWERED, at, "c", "l", {"seconds": seconds, **({"gain": gain} if gain else {})})


def rating(at: int, was: int | None, stars: int) -> Event:
    low, helpful = (
        int(now) - int(before) for now, before in ((stars <= 2, (was or 9) <= 2), (stars >= 4, (was or 0) >= 4))
    )
    return Event(names.LESSON_RATED, at, "c", "l", {"low": low, "helpful": helpful, "stars": stars - (was or 0)})


moments = st.integers(BEGAN - 2 * DAY_MS, BEGAN + 30 * DAY_MS)
events = st.one_of(
    st.builds(answer, moments, st.integers(0, 600), sense=st.sampled_from([-3.1, 0.0, 12.4])),
    st.builds(lambda at: answer(at, 40), moments),
    st.builds(rating, moments, st.sampled_from([None, 1, 3, 5]), st.integers(1, 5)),
    st.builds(lambda at: Event(names.EXPIRED, at, "c", "l", {}), moments),
)
told = st.lists(st.tuples(st.integers(0, LEARNERS - 1), events), max_size=40)


class Kept:
    """What the store keeps, in memory: the changes that were counted, values by learner, sums by arm."""

    def __init__(self) -> None:
        self.marks: set[int] = set()
        self.values: dict[int, Values] = {}
        self.arms = {"A": Tally(), "B": Tally()}
        for one in EXPOSED.values():
            self._add(one, exposure(one))

    def fold(self, batch: Iterable[tuple[int, tuple[int, Event]]]) -> None:
        for id_, (learner, event) in batch:
            one = EXPOSED.get(learner)
            if one is None or id_ in self.marks:
                continue
            found, was = streamed.amounts(ALL, [event], one), self.values.get(learner, {})
            if streamed.adds_up(found):
                self.marks.add(id_)
            self.values[learner] = streamed.after(was, found)
            self._add(one, Tally(metrics=changed(was, self.values[learner], one)))

    def _add(self, one: Assignment, more: Tally) -> None:
        self.arms[one.arm or ""] = self.arms[one.arm or ""].plus(more)


def by_hand(line: Sequence[tuple[int, Event]], arm: str) -> dict[str, tuple[int, ...]]:
    """Learner by learner, from all that was told of each."""
    sums = {metric.name: [0] * 7 for metric in ALL}
    for learner, one in EXPOSED.items():
        since = [event for who, event in line if who == learner and event.at >= one.at]
        there = [event for event in since if event.name != names.EXPIRED]
        retained = any(7 * DAY_MS <= event.at - one.at < 14 * DAY_MS for event in there)
        rated = sum(event.said["helpful"] - event.said["low"] for event in since if event.name == names.LESSON_RATED)
        practised = [event for event in since if "gain" in event.said]
        gain = sum(round(event.said["gain"]["sense"] * MICRO) for event in practised)
        minutes = sum(round(event.said["seconds"] / 60 * MICRO) for event in practised)
        if one.arm != arm:
            continue
        for name, y, d in (
            (RETAINED.name, int(retained) * MICRO, 0),
            (HELPFUL.name, rated * MICRO, 0),
            (GAIN.name, gain, minutes),
        ):
            more = (y, y * y, y * one.before, d, d * d, y * d, int(d > 0))
            sums[name] = [a + b for a, b in zip(sums[name], more, strict=True)]
    return {name: tuple(found) for name, found in sums.items()}


@given(told, st.lists(st.integers(0, 99), max_size=5), st.randoms(use_true_random=False))
def test_b46_any_order_twice_and_split_anyhow_is_counting_by_hand(
    line: list[tuple[int, Event]], cuts: list[int], rng: Random
) -> None:
    stream = list(enumerate(line)) * 2
    rng.shuffle(stream)
    kept = Kept()
    for start, end in pairwise([0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]):
        kept.fold(stream[start:end])
    for arm, tally in kept.arms.items():
        assert tally.n == 5
        found = {metric.name: tally.of(metric.name) for metric in ALL}
        assert {name: tuple(getattr(one, part) for part in Sums.__slots__) for name, one in found.items()} == by_hand(
            line, arm
        )


def test_who_comes_back_in_the_second_week_is_retained() -> None:
    one = Assignment("A", BEGAN)

    def value(*days: float) -> int:
        there = [answer(BEGAN + round(day * DAY_MS), 10) for day in days]
        return streamed.after({}, streamed.amounts([RETAINED], there, one)).get(RETAINED.name, 0)

    assert [value(day) for day in (-1, 0, 6.99, 7, 13.99, 14, 30)] == [0, 0, 0, MICRO, MICRO, 0, 0]
    assert value(7, 8, 9) == MICRO
    assert not streamed.amounts([RETAINED], [Event(names.SHOWN, BEGAN + 8 * DAY_MS, "c", "l", {})], one)


def test_the_last_word_of_a_reader_stands() -> None:
    one = Assignment("A", BEGAN)

    def value(*stars: int) -> int:
        befores: list[int | None] = [None, *stars]
        each = [rating(BEGAN + 1, was, now) for was, now in zip(befores, stars, strict=False)]
        return streamed.after({}, streamed.amounts([HELPFUL], each, one)).get(HELPFUL.name, 0) // MICRO

    assert [value(stars) for stars in (1, 2, 3, 4, 5)] == [-1, -1, 0, 1, 1]
    assert [value(5, 1), value(1, 5), value(5, 3, 4), value(4, 5)] == [-1, 1, 1, 1]


def judged(a: Sequence[tuple[float, float]], b: Sequence[tuple[float, float]], **changes: Any) -> Results:
    """Of so many points in so many minutes of each learner."""
    sides = []
    for side in (a, b):
        tally = Tally()
        for y, d in side:
            one = Assignment("A", 0)
            values = {GAIN.name: round(y * MICRO), GAIN.per: round(d * MICRO)} if d else {}
            tally = tally.plus(exposure(one)).plus(Tally(metrics=dict(sums_of(values, one))))
        sides.append([tally])
    found = an_experiment(primary=GAIN, **changes)
    return results(found, {"A": sides[0], "B": sides[1]})


def test_a_ratio_is_of_sums_and_every_learner_is_one_draw() -> None:
    rng = Random(7)

    def learner(rate: float) -> tuple[float, float]:
        minutes = rng.choice([0.0, 2.0, 30.0])
        return (minutes * rng.gauss(rate, 1.0), minutes)

    a, b = [learner(1.0) for _ in range(600)], [learner(1.6) for _ in range(600)]
    found = judged(a, b)
    assert found.primary
    one, other = found.primary.arms
    assert one.mean == pytest.approx(sum(y for y, _ in a) / sum(d for _, d in a), abs=1e-6)
    assert (one.n, one.contributing, one.conversions) == (600, sum(d > 0 for _, d in a), None)
    wanted = clusters((d, y) for y, d in b).mean - clusters((d, y) for y, d in a).mean
    leading = found.primary.leading
    assert leading.interval
    assert leading.difference == pytest.approx(wanted, abs=1e-6)
    error = (clusters((d, y) for y, d in a).variance_of_mean + clusters((d, y) for y, d in b).variance_of_mean) ** 0.5
    assert 2.5 * error < leading.interval.high - (leading.difference or 0.0) < 4.5 * error
    assert found.decision == "ship"
    assert other.mean == pytest.approx((one.mean or 0.0) + wanted, abs=1e-6)


def test_a_ratio_of_few_says_nothing_however_many_were_exposed() -> None:
    """A single learner with any minutes has no variance: the interval would be a point, and surely above zero."""
    nobody = (0.0, 0.0)
    for studied in (1, 99):
        found = judged([(1.0, 10.0)] * studied + [nobody] * 2000, [(9.0, 10.0)] * studied + [nobody] * 2000)
        assert found.primary
        assert (found.primary.leading.interval, found.decision, found.code) == (None, "keep_running", "too_few")
    found = judged([(1.0, 10.0), (2.0, 10.0)] * 50, [(1.0, 10.0), (2.0, 10.0)] * 50)
    assert found.primary
    assert found.primary.leading.interval
    assert judged([nobody] * 200, [nobody] * 200).primary.arms[0].mean is None  # type: ignore[union-attr]


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9), st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_two_who_are_one_have_one_ratio(y: int, d: int, more_y: int, more_d: int) -> None:
    first, later = Assignment("B", 5, before=9), Assignment("B", 9, before=7)
    mine, theirs = {GAIN.name: y, GAIN.per: d}, {GAIN.name: more_y, GAIN.per: more_d}
    united = unite(Side({"e": first}, {"e": mine}), Side({"e": later}, {"e": theirs}), {"e": {GAIN.name: GAIN}})
    found = Tally()
    for one, values in ((first, mine), (later, theirs)):
        found = found.plus(exposure(one)).plus(Tally(metrics=dict(sums_of(values, one))))
    for correction in united.corrections:
        found = found.plus(correction.adds)
    whole = {GAIN.name: y + more_y, GAIN.per: d + more_d}
    assert united.values["e"] == whole
    assert found == exposure(first).plus(Tally(metrics=dict(sums_of(whole, first))))
