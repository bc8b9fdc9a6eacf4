"""Shared parameters estimated anew: pages add up in any order, estimates near the truth, worse ones are refused."""

import json
import random
import statistics
from collections.abc import Sequence
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.domain.learning.estimation import (
    ENOUGH,
    LONGEST_STEP,
    Attempt,
    Loss,
    Sums,
    better,
    gather,
    loss,
    merge,
    reestimate,
)
from attune.domain.learning.parameters import START, ItemParameters, Parameters
from tests.unit.learning.learners import SKILLS, Answer, Learner

EASINESS = {f"item-{number}": (number - 10) / 4 for number in range(20)}
"""What the simulated items are truly like."""


def attempts(seed: int, learners: int, parameters: Parameters = START) -> Sequence[Attempt]:
    """What simulated learners of normal ability do: thirty answers each, with the filter's states before them."""
    chance, found = random.Random(seed), []
    for _ in range(learners):
        learner, ability = Learner(parameters), chance.gauss(0, 1)
        for _ in range(30):
            item = chance.choice(list(EASINESS))
            skills = (SKILLS[int(item[5:]) % 3],)
            p = 1 / (1 + exp(-0.5 - ability - EASINESS[item]))
            score = float(chance.random() < p)
            found.append(Attempt(item, 3, skills, score, 1.0, learner.ability, learner.states(skills)))
            learner.answers(Answer(skills, 3, score, item=item))
    return tuple(found)


def pages(seed: int, size: int) -> list[Sums]:
    all_ = attempts(seed, 20)
    return [gather(START, all_[start : start + size]) for start in range(0, len(all_), size)]


@given(st.permutations(range(6)), st.data())
def test_pages_are_merged_in_any_order_to_the_same_sums(order: list[int], data: st.DataObject) -> None:
    found = pages(1, 100)
    straight = Sums()
    for page in found:
        straight = merge(straight, page)
    mixed = [found[place] for place in order]
    while len(mixed) > 1:
        place = data.draw(st.integers(0, len(mixed) - 2))
        mixed[place : place + 2] = [merge(mixed[place], mixed[place + 1])]
    assert mixed[0] == straight
    assert mixed[0].attempts == 600
    assert reestimate(START, mixed[0], 1) == reestimate(START, straight, 1)


def test_sums_and_what_comes_of_them_survive_being_written() -> None:
    sums = merge(*pages(1, 300))
    assert Sums.from_json(json.loads(json.dumps(sums.to_json()))) == sums
    found = reestimate(START, sums, 1)
    assert Parameters.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_estimates_come_close_to_the_truth_and_predict_better() -> None:
    current = START
    for version in range(1, 5):
        sums = Sums()
        for part in range(4):
            sums = merge(sums, gather(current, attempts(version, 60, current)[part::4]))
        candidate = reestimate(current, sums, version)
        held_out = attempts(100 + version, 20, current)
        assert better(loss(current, held_out), loss(candidate, held_out))
        current = candidate
    assert current.version == 4
    found = [current.items[name].easiness + current.skill(SKILLS[int(name[5:]) % 3]).intercept for name in EASINESS]
    assert statistics.correlation(found, list(EASINESS.values())) > 0.98


def test_one_page_and_many_come_to_much_the_same() -> None:
    whole, parts = gather(START, attempts(3, 60)), Sums()
    for part in range(10):
        parts = merge(parts, gather(START, attempts(3, 60)[part::10]))
    held_out = attempts(103, 20)
    losses = [loss(reestimate(START, sums, 1), held_out).total for sums in (whole, parts)]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert max(losses) < loss(START, held_out).total


def test_a_worse_set_is_refused_and_so_is_one_with_too_little_evidence() -> None:
    held_out = attempts(5, 20)
    good = reestimate(START, gather(START, attempts(4, 60)), 1)
    wrong = Parameters(
        2,
        good.base,
        good.base_variance,
        {name: ItemParameters(-item.easiness, item.variance) for name, item in good.items.items()},
    )
    current, worse = loss(good, held_out), loss(wrong, held_out)
    assert not better(current, worse)
    assert better(worse, current)
    assert not better(current, current)
    few = held_out[: ENOUGH - 1]
    assert not better(loss(wrong, few), loss(good, few))
    assert better(loss(wrong, held_out[:ENOUGH]), loss(good, held_out[:ENOUGH]))
    assert not better(loss(wrong, held_out), loss(good, held_out[:-1]))


def test_losses_of_pages_add_up() -> None:
    all_ = attempts(5, 20)
    both = loss(START, all_[:100]).plus(loss(START, all_[100:]))
    assert both.attempts == len(all_)
    assert both.total == pytest.approx(loss(START, all_).total)
    assert Loss(0, 0.0).plus(both) == both


def test_an_author_is_believed_less_with_every_answer() -> None:
    learner = Learner()
    found = [Attempt("hard", 5, ("loops",), 1.0, 1.0, learner.ability, learner.states(("loops",)))] * 3
    sums = merge(gather(START, found), gather(START, [attempt._replace(score=0.0) for attempt in found]))
    assert sums.difficulties == {"hard": 5}
    after = reestimate(START, gather(START, found), 1).items["hard"]
    assert START.item("hard", 5).easiness < after.easiness < 0.0
    assert after.variance < START.item("hard", 5).variance


def test_a_version_moves_a_bounded_way_and_nothing_that_was_not_answered() -> None:
    before = reestimate(START, gather(START, attempts(4, 20)), 1)
    learner = Learner()
    loud = [Attempt("item-0", 3, ("loops",), 1.0, 1.0, learner.ability, learner.states(("loops",)))] * 5000
    after = reestimate(before, gather(before, loud), 2)
    moved = {name for name in after.items if after.items[name] != before.items[name]}
    assert moved == {"item-0"}
    assert after.items["item-0"].easiness - before.items["item-0"].easiness <= LONGEST_STEP + 1e-6
    assert after.skills["lists"] == before.skills["lists"]
    assert 0.25 <= after.items["item-0"].discrimination <= 3.0


def test_without_evidence_nothing_changes_but_the_version() -> None:
    before = reestimate(START, gather(START, attempts(4, 20)), 1)
    after = reestimate(before, Sums(), 2)
    assert (after.items, after.skills, after.situations) == (before.items, before.skills, before.situations)
    assert (after.base, after.version) == (before.base, 2)


def test_weak_evidence_counts_for_less() -> None:
    learner = Learner()
    full = Attempt("a", 3, ("loops",), 1.0, 1.0, learner.ability, learner.states(("loops",)))
    strong, weak = (
        reestimate(START, gather(START, [each]), 1).items["a"] for each in (full, full._replace(weight=0.4))
    )
    assert strong.easiness > weak.easiness > 0.0
    assert strong.variance < weak.variance
